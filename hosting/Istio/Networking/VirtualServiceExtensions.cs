using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Writes a <see cref="VirtualService"/> in C#. Each call returns a changed copy, so a half-written one can be shared:
/// <code>
/// VirtualService.For("ping").Hosts("*").Gateways("ping-gateway")
///     .Http(route => route.Match(m => m.Uri(prefix: "/api/v1/")).Rewrite(uri: "/").RouteTo("ping", port: 8080)
///         .Timeout(TimeSpan.FromSeconds(2)))
/// </code>
/// </summary>
public static class VirtualServiceExtensions
{
    extension(VirtualService)
    {
        /// <summary>Rules for a host; the resource has the host's name until <c>Named</c> gives it another.</summary>
        /// <param name="host">A service name or DNS name.</param>
        public static VirtualService For(string host) => new VirtualService { Spec = new() { Hosts = [host] } }.Named(host);
    }

    /// <summary>Replaces the hosts that the rules are for.</summary>
    public static VirtualService Hosts(this VirtualService service, params ReadOnlySpan<string> hosts) =>
        service with { Spec = service.Spec with { Hosts = EquatableCollections.CreateArray(hosts) } };

    /// <summary>Adds gateways that apply the rules; "mesh" stands for all sidecars.</summary>
    public static VirtualService Gateways(this VirtualService service, params ReadOnlySpan<string> gateways) =>
        service with { Spec = service.Spec with { Gateways = service.Spec.Gateways.AddRange(gateways) } };

    /// <summary>Adds namespaces that see the rules.</summary>
    public static VirtualService ExportTo(this VirtualService service, params ReadOnlySpan<string> namespaces) =>
        service with { Spec = service.Spec with { ExportTo = service.Spec.ExportTo.AddRange(namespaces) } };

    /// <summary>Adds a rule for HTTP requests after those there are; the first that matches wins.</summary>
    public static VirtualService Http(this VirtualService service, Func<HTTPRoute, HTTPRoute> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return service with { Spec = service.Spec with { Http = service.Spec.Http.Add(rule(new HTTPRoute())) } };
    }

    /// <summary>Adds a rule for HTTP requests under a name.</summary>
    public static VirtualService Http(this VirtualService service, string name, Func<HTTPRoute, HTTPRoute> rule) =>
        service.Http(route => rule(route with { Name = name }));
}
