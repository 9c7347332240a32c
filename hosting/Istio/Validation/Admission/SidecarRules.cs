using System.Globalization;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a Sidecar.
/// Source: https://istio.io/latest/docs/reference/config/networking/sidecar/
/// </summary>
internal static class SidecarRules
{
    private static readonly string[] LocalAddresses = ["", "127.0.0.1", "0.0.0.0", "::1", "::"];

    public static void Check(Place at, Sidecar sidecar)
    {
        var (place, spec) = (at["spec"], sidecar.Spec);
        if (spec.WorkloadSelector is { } selector)
        {
            SharedRules.CheckSelectorLabels(place["workloadSelector"]["labels"], selector.Labels);
        }

        if (spec is { Egress.IsEmpty: true, Ingress.IsEmpty: true, OutboundTrafficPolicy: null, InboundConnectionPool: null })
        {
            place.Reject("The Sidecar is empty; add egress, ingress, outboundTrafficPolicy or inboundConnectionPool.");
        }

        CheckIngress(place["ingress"], spec);
        CheckEgress(place["egress"], spec);
        ConnectionPoolRules.Check(place["inboundConnectionPool"], spec.InboundConnectionPool);
        if (spec.OutboundTrafficPolicy is { EgressProxy: { } proxy } policy)
        {
            CheckEgressProxy(place["outboundTrafficPolicy"], policy, proxy);
        }
    }

    private static void CheckIngress(Place at, SidecarSpec spec)
    {
        var ports = new HashSet<uint>();
        for (var i = 0; i < spec.Ingress.Count; i++)
        {
            var (listener, place) = (spec.Ingress[i], at[i]);
            if (listener.Port is not { } port)
            {
                place["port"].Reject("port is missing; an inbound listener needs number and protocol.");
                continue;
            }

            CheckPort(place["port"], port);
            SharedRules.CheckPort(place["port"]["number"], port.Number ?? 0);
            CheckBindAddress(place["bind"], listener.Bind);
            if (!ports.Add(port.Number ?? 0))
            {
                place["port"]["number"].Reject($"Two inbound listeners use port {port.Number}; keep one.");
            }

            if (listener.DefaultEndpoint is { Length: > 0 } endpoint)
            {
                place["defaultEndpoint"].Reject(CheckDefaultEndpoint(endpoint));
            }

            if (listener.Tls is { } tls)
            {
                CheckTls(place["tls"], tls, port.Protocol);
            }

            ConnectionPoolRules.Check(place["connectionPool"], listener.ConnectionPool);
            if (listener.ConnectionPool?.Http is not null && !Protocols.IsHttp(port.Protocol))
            {
                place["connectionPool"]["http"].Warn(
                    $"HTTP limits have no effect on port {port.Number} with protocol {port.Protocol}; use tcp.");
            }
        }
    }

    private static void CheckPort(Place at, SidecarPort port)
    {
        if (port.TargetPort is > 0)
        {
            at["targetPort"].Reject("targetPort has no meaning in a Sidecar; remove it.");
        }

        if (port.Name is { Length: > 0 } name && !DnsNames.IsLabel(name))
        {
            at["name"].Reject($"\"{name}\" is not a port name; use letters, digits and hyphens.");
        }

        ServiceEntryRules.CheckProtocol(at["protocol"], port.Protocol);
    }

    private static void CheckBindAddress(Place at, string? bind)
    {
        if (!string.IsNullOrEmpty(bind) && !IpAddresses.IsAddress(bind))
        {
            at.Reject($"\"{bind}\" is not an IP address; write the address to listen on.");
        }
    }

    private static string? CheckDefaultEndpoint(string endpoint)
    {
        if (endpoint.StartsWith(GatewayRules.UnixPrefix, StringComparison.Ordinal))
        {
            return GatewayRules.CheckSocket(endpoint);
        }

        var colon = endpoint.LastIndexOf(':');
        var host = colon < 0 ? endpoint : endpoint[..colon].Trim('[', ']');
        return colon >= 0 && LocalAddresses.Contains(host)
            && int.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is >= 1 and <= 65535
            ? null
            : $"\"{endpoint}\" is not a place in the pod; write 127.0.0.1:port, 0.0.0.0:port, [::1]:port, [::]:port or unix:///path.";
    }

    private static void CheckTls(Place at, ServerTLSSettings tls, string? protocol)
    {
        foreach (var (name, present) in new[]
        {
            ("subjectAltNames", !tls.SubjectAltNames.IsEmpty), ("httpsRedirect", tls.HttpsRedirect == true),
            ("credentialName", !string.IsNullOrEmpty(tls.CredentialName)), ("credentialNames", !tls.CredentialNames.IsEmpty),
            ("tlsCertificates", !tls.TlsCertificates.IsEmpty),
        })
        {
            if (present)
            {
                at[name].Reject($"{name} is not supported in a Sidecar; use serverCertificate and privateKey.");
            }
        }

        if (tls.Mode is ServerTlsMode.IstioMutual or ServerTlsMode.AutoPassthrough)
        {
            at["mode"].Reject($"{tls.Mode} is not possible in a Sidecar; use SIMPLE or MUTUAL.");
        }

        if (!Protocols.IsTls(protocol))
        {
            at.Reject($"A listener with protocol {protocol} cannot have TLS settings; use protocol HTTPS or TLS.");
        }

        ServerTlsRules.Check(at, tls);
    }

    private static void CheckEgress(Place at, SidecarSpec spec)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Egress.Count; i++)
        {
            var (listener, place) = (spec.Egress[i], at[i]);
            if (listener.Port is not { } port)
            {
                if (i < spec.Egress.Count - 1)
                {
                    place.Reject("A listener without port takes all ports and must be the last; move it to the end.");
                }
            }
            else
            {
                CheckPort(place["port"], port);
                CheckEgressBind(place, listener, port);
                var key = port.Number is null or 0 ? listener.Bind ?? "" : port.Number.Value.ToString(CultureInfo.InvariantCulture);
                if (!used.Add(key))
                {
                    place["port"].Reject(
                        $"Two outbound listeners use {(port.Number is null or 0 ? "the socket" : "port")} {key}; keep one.");
                }
            }

            SidecarHostRules.Check(place["hosts"], listener.Hosts);
        }
    }

    private static void CheckEgressBind(Place at, IstioEgressListener listener, SidecarPort port)
    {
        if (port.Number is > 0)
        {
            SharedRules.CheckPort(at["port"]["number"], port.Number.Value);
            CheckBindAddress(at["bind"], listener.Bind);
            return;
        }

        if (listener.Bind?.StartsWith(GatewayRules.UnixPrefix, StringComparison.Ordinal) != true)
        {
            at["port"]["number"].Reject("Port 0 is for Unix domain sockets; write the port, or bind: unix:///path.");
        }
        else
        {
            at["bind"].Reject(GatewayRules.CheckSocket(listener.Bind));
        }

        if (listener.CaptureMode is TrafficCaptureMode.Iptables)
        {
            at["captureMode"].Reject("A Unix domain socket cannot be captured by iptables; use DEFAULT or NONE.");
        }
    }

    private static void CheckEgressProxy(Place at, OutboundTrafficPolicy policy, Destination proxy)
    {
        if (policy.Mode is not OutboundTrafficMode.AllowAny)
        {
            at["egressProxy"].Reject("egressProxy needs mode ALLOW_ANY; set the mode, or remove it.");
        }
        else
        {
            at["egressProxy"].Report(
                AnalysisCodes.Deprecated, "egressProxy is ignored by current Istio; use a ServiceEntry and a gateway.");
        }

        RouteDestinationRules.Check(at["egressProxy"], proxy);
        if (proxy.Port is null)
        {
            at["egressProxy"]["port"].Reject("port is missing; say which port of the proxy to use.");
        }
    }
}
