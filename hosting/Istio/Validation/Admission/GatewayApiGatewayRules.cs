using Istio.Documents;
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

        CheckAddresses(place["addresses"], spec.Addresses);
        CheckLabels(place["infrastructure"]["labels"], spec.Infrastructure?.Labels ?? default);
        if (spec.Infrastructure?.ParametersRef is { } parameters)
        {
            GatewayApiReferences.CheckWhole(
                place["infrastructure"]["parametersRef"], parameters.Group, parameters.Kind, parameters.Name);
        }

        CheckFrontend(place["tls"]["frontend"], spec.Tls?.Frontend);
    }

    private static void CheckAddresses(Place at, EquatableArray<GatewaySpecAddress> addresses)
    {
        var seen = new HashSet<(string, string)>();
        for (var i = 0; i < addresses.Count; i++)
        {
            var (type, value) = (addresses[i].Type ?? "IPAddress", addresses[i].Value);
            if (string.IsNullOrEmpty(value))
            {
                continue;
            }

            at[i]["value"].Reject(type switch
            {
                "IPAddress" when !IpAddresses.IsAddress(value) => $"\"{value}\" is not an IP address; correct it, or set type: Hostname.",
                "Hostname" => GatewayApiRouteRules.CheckHostname(value),
                _ => null,
            });
            if (type is "IPAddress" or "Hostname" && !seen.Add((type, value)))
            {
                at[i]["value"].Reject($"The address \"{value}\" is named twice; remove one.");
            }
        }
    }

    private static void CheckLabels(Place at, EquatableDictionary<string> labels)
    {
        foreach (var (key, value) in labels)
        {
            at[key].Reject(LabelSyntax.CheckKey(key) ?? LabelSyntax.CheckValue(value));
        }
    }

    private static void CheckFrontend(Place at, FrontendTLSConfig? frontend)
    {
        if (frontend is null)
        {
            return;
        }

        SharedRules.Required(at, "default", frontend.Default is not null, "it holds for the ports that perPort does not name.");
        CheckValidation(at["default"]["validation"], frontend.Default?.Validation);
        var ports = new HashSet<int>();
        for (var i = 0; i < frontend.PerPort.Count; i++)
        {
            var (entry, place) = (frontend.PerPort[i], at["perPort"][i]);
            SharedRules.Required(place, "tls", entry.Tls is not null, "say what holds for the port.");
            if (entry.Port is not { } port)
            {
                place["port"].Reject("port is missing; say which port it is for.");
            }
            else if (!ports.Add(port))
            {
                place["port"].Reject($"Port {port} is named twice; keep one.");
            }
            else
            {
                SharedRules.CheckPort(place["port"], port);
            }

            CheckValidation(place["tls"]["validation"], entry.Tls?.Validation);
        }
    }

    private static void CheckValidation(Place at, FrontendTLSValidation? validation)
    {
        if (validation is null)
        {
            return;
        }

        SharedRules.Required(at, "caCertificateRefs", !validation.CaCertificateRefs.IsEmpty, "name who signs the clients' certificates.");
        for (var i = 0; i < validation.CaCertificateRefs.Count; i++)
        {
            var reference = validation.CaCertificateRefs[i];
            GatewayApiReferences.CheckWhole(at["caCertificateRefs"][i], reference.Group, reference.Kind, reference.Name);
            GatewayApiReferences.CheckNamespace(at["caCertificateRefs"][i], reference.Namespace);
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

        for (var i = 0; i < (listener.AllowedRoutes?.Kinds.Count ?? 0); i++)
        {
            var kind = listener.AllowedRoutes!.Kinds[i];
            GatewayApiReferences.Check(at["allowedRoutes"]["kinds"][i], kind.Group, kind.Kind ?? "");
        }

        CheckTls(at["tls"], listener);
    }

    private static void CheckTls(Place at, Listener listener)
    {
        if (listener.Tls is not { } tls)
        {
            at.Reject(listener.Protocol == "TLS"
                ? "tls is missing; say with mode whether the gateway ends TLS or passes it through."
                : null);
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

        for (var i = 0; i < tls.CertificateRefs.Count; i++)
        {
            var (reference, place) = (tls.CertificateRefs[i], at["certificateRefs"][i]);
            GatewayApiReferences.Check(place, reference.Group, reference.Kind);
            GatewayApiReferences.CheckNamespace(place, reference.Namespace);
            SharedRules.Required(place, "name", !string.IsNullOrEmpty(reference.Name), "name the Secret.");
        }
    }
}
