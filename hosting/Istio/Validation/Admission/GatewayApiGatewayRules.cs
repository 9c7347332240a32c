using Istio.GatewayApi;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What the Gateway API's schema checks in a Gateway.
/// Source: https://gateway-api.sigs.k8s.io/reference/spec/#gateway
/// </summary>
internal static class GatewayApiGatewayRules
{
    public static void Check(Place at, Gateway gateway)
    {
        var (place, spec) = (at["spec"], gateway.Spec);
        SharedRules.Required(place, "gatewayClassName", !string.IsNullOrEmpty(spec.GatewayClassName), "name the class, such as istio.");
        if (spec.Listeners.IsEmpty)
        {
            place["listeners"].Reject("The Gateway has no listeners; add one.");
        }

        GatewayApiRouteRules.CheckCount(place["listeners"], spec.Listeners.Count, 64);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var sockets = new HashSet<(int?, string?, string)>();
        for (var i = 0; i < spec.Listeners.Count; i++)
        {
            var (listener, item) = (spec.Listeners[i], place["listeners"][i]);
            CheckListener(item, listener);
            if (listener.Name is { Length: > 0 } name && !names.Add(name))
            {
                item["name"].Reject($"Two listeners have the name \"{name}\"; rename one.");
            }

            if (!sockets.Add((listener.Port, listener.Protocol, listener.Hostname ?? "")))
            {
                item.Reject($"Two listeners have port {listener.Port}, protocol {listener.Protocol} and the same hostname; change one.");
            }
        }
    }

    private static void CheckListener(Place at, Listener listener)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(listener.Name), "give the listener a name.");
        SharedRules.Required(at, "protocol", !string.IsNullOrEmpty(listener.Protocol), "use HTTP, HTTPS, TLS, TCP or UDP.");
        if (listener.Name is { Length: > 0 } name && !DnsNames.IsSubdomain(name))
        {
            at["name"].Reject($"\"{name}\" is not a listener's name; use lower-case letters, digits and hyphens.");
        }

        if (listener.Port is { } port)
        {
            SharedRules.CheckPort(at["port"], port);
        }
        else
        {
            at["port"].Reject("port is missing; say which port to listen on.");
        }

        if (listener.Hostname is { Length: > 0 } hostname)
        {
            at["hostname"].Reject(listener.Protocol is "TCP" or "UDP"
                ? $"{listener.Protocol} has no host names; remove hostname."
                : GatewayApiRouteRules.CheckHostname(hostname));
        }

        CheckTls(at["tls"], listener);
    }

    private static void CheckTls(Place at, Listener listener)
    {
        if (listener.Tls is not { } tls)
        {
            return;
        }

        if (listener.Protocol is "HTTP" or "TCP" or "UDP")
        {
            at.Reject($"A listener with protocol {listener.Protocol} cannot have tls; use HTTPS or TLS.");
        }
        else if (listener.Protocol == "HTTPS" && tls.Mode == TLSModeType.Passthrough)
        {
            at["mode"].Reject("HTTPS ends TLS at the gateway; use protocol TLS to pass it through.");
        }

        if (tls.Mode is null or TLSModeType.Terminate && tls.CertificateRefs.IsEmpty && tls.Options.IsEmpty)
        {
            at["certificateRefs"].Reject("Terminate needs a certificate; add certificateRefs.");
        }
    }
}
