using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a Gateway of networking.istio.io.
/// Source: https://istio.io/latest/docs/reference/config/networking/gateway/
/// </summary>
internal static class GatewayRules
{
    public const string UnixPrefix = "unix://";

    public static void Check(Place at, Gateway gateway)
    {
        var servers = gateway.Spec.Servers;
        var place = at["spec"]["servers"];
        if (at.Document.Name.Length > 0 && !DnsNames.IsLabel(at.Document.Name))
        {
            at["metadata"]["name"].Reject(
                $"\"{at.Document.Name}\" is not a Gateway's name; use letters, digits and hyphens, without dots.");
        }

        if (servers.IsEmpty)
        {
            place.Reject("The Gateway has no servers; add one with port and hosts.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < servers.Count; i++)
        {
            CheckServer(place[i], servers[i]);
            if (servers[i].Port?.Name is { Length: > 0 } name && !names.Add(name))
            {
                place[i]["port"]["name"].Reject($"Two servers have the port name \"{name}\"; rename one.");
            }
        }
    }

    private static void CheckServer(Place at, Server server)
    {
        if (server.Hosts.IsEmpty)
        {
            at["hosts"].Reject("The server has no hosts; add at least one, or \"*\" for all.");
        }

        for (var i = 0; i < server.Hosts.Count; i++)
        {
            CheckHost(at["hosts"][i], server.Hosts[i]);
        }

        if (server.Port is not { } port)
        {
            at["port"].Reject("port is missing; add number, name and protocol.");
        }
        else
        {
            CheckPort(at["port"], port, server.Bind);
            CheckTlsForProtocol(at, server, port.Protocol);
        }

        CheckBind(at, server);
        if (server.Tls is { } tls)
        {
            ServerTlsRules.Check(at["tls"], tls);
        }
    }

    private static void CheckPort(Place at, Port port, string? bind)
    {
        if (!Protocols.IsKnown(port.Protocol))
        {
            at["protocol"].Reject(string.IsNullOrEmpty(port.Protocol)
                ? $"protocol is missing; use one of {Protocols.Names}."
                : $"\"{port.Protocol}\" is not a protocol; use one of {Protocols.Names}.");
        }

        var isSocket = bind?.StartsWith(UnixPrefix, StringComparison.Ordinal) == true;
        if (port.Number is null && !isSocket)
        {
            at["number"].Reject("number is missing; say which port to listen on.");
        }
        else if (port.Number is > 0 || !isSocket)
        {
            SharedRules.CheckPort(at["number"], port.Number ?? 0);
        }

        if (port.TargetPort is > 0)
        {
            at["targetPort"].Reject("targetPort has no meaning in a Gateway; remove it.");
        }

        SharedRules.Required(at, "name", !string.IsNullOrEmpty(port.Name), "give the port a name, such as http.");
    }

    private static void CheckTlsForProtocol(Place at, Server server, string? protocol)
    {
        if (Protocols.IsTls(protocol) && server.Tls is null)
        {
            at["tls"].Reject($"A server with protocol {protocol} needs tls; add it.");
        }
        else if (server.Tls is { } tls && Protocols.IsKnown(protocol) && !Protocols.IsTls(protocol))
        {
            // Plain HTTP may only redirect to HTTPS.
            var redirectsOnly = Protocols.IsHttp(protocol) && tls.Mode is null or ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough
                && string.IsNullOrEmpty(tls.CaCertificates) && string.IsNullOrEmpty(tls.PrivateKey)
                && string.IsNullOrEmpty(tls.ServerCertificate);
            if (!redirectsOnly)
            {
                at["tls"].Reject($"A server with protocol {protocol} cannot have TLS "
                    + $"settings{(Protocols.IsHttp(protocol) ? " other than httpsRedirect" : "")}; "
                    + "use protocol HTTPS or TLS.");
            }
        }

        if (server.Tls?.HttpsRedirect == true && !Protocols.IsHttp(protocol))
        {
            at["tls"]["httpsRedirect"].Warn(
                $"httpsRedirect redirects plain HTTP and has no effect with protocol {protocol}; put it on the HTTP server.");
        }
    }

    private static void CheckBind(Place at, Server server)
    {
        if (server.Bind is not { Length: > 0 } bind)
        {
            return;
        }

        if (!bind.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            at["bind"].Reject(IpAddresses.IsAddress(bind) ? null : $"\"{bind}\" is not an IP address; write one, or unix:// and a path.");
            return;
        }

        at["bind"].Reject(CheckSocket(bind));
        if (server.Port?.Number is > 0)
        {
            at["port"]["number"].Reject("A server on a Unix domain socket has port number 0; write 0, or remove bind.");
        }
    }

    /// <summary>An absolute path to a file, or an abstract socket (<c>unix://@name</c>).</summary>
    public static string? CheckSocket(string address)
    {
        var path = address[UnixPrefix.Length..];
        return path.StartsWith('@') || (path.StartsWith('/') && !path.EndsWith('/'))
            ? null
            : $"\"{address}\" is not a Unix domain socket; write unix:// and an absolute path to a file, or unix://@name.";
    }

    private static void CheckHost(Place at, string host)
    {
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && host[..slash] is not ("*" or ".") && !DnsNames.IsLabel(host.AsSpan(0, slash)))
        {
            at.Reject($"\"{host[..slash]}\" is not a namespace; write a name, \".\" or \"*\" before the slash.");
        }

        CheckHostPart(at, host[(slash + 1)..], mayBeAddress: true);
    }

    /// <summary>A host that is <c>*</c>, <c>*.domain</c> or has at least one dot.</summary>
    public static void CheckHostPart(Place at, string host, bool mayBeAddress)
    {
        if (mayBeAddress && IpAddresses.IsAddress(host))
        {
            return;
        }

        if (DnsNames.CheckWildcard(host) is { } fault)
        {
            at.Reject(fault);
        }
        else if (host != "*" && !host.Contains('.'))
        {
            at.Reject($"\"{host}\" is a short name; write the full host name.");
        }
        else if (DnsNames.IsPartialWildcard(host))
        {
            at.Reject($"\"{host}\" has a wildcard for a part of a label; write *.domain.");
        }
    }
}
