using System.Globalization;
using Istio.Documents;
using Istio.GatewayApi;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// The same routes in the Gateway API: those declared in it, else those of the VirtualServices that a gateway executes, else those of the
/// Ingresses. What the Gateway API cannot say is left out, with the reason in the finding.
/// </summary>
internal static class GatewayApiComponent
{
    private const string GatewayClass = "istio";

    public static Component Build(PublishedMesh mesh)
    {
        var component = new Component();
        foreach (var declared in mesh.ApplicationRules.Where(PublishedMesh.IsGatewayApi))
        {
            component.Add(declared);
        }

        if (component.Resources.Count > 0)
        {
            return component;
        }

        var routes = Routes(mesh);
        foreach (var route in routes)
        {
            component.Add(route);
        }

        var gateways = routes.SelectMany(route => route.Spec.ParentRefs).Select(parent => parent.Name!);
        foreach (var gateway in gateways.Distinct(StringComparer.Ordinal))
        {
            component.Add(GatewayFor(gateway));
        }

        return component;
    }

    /// <summary>The routes that can be said, and why others cannot.</summary>
    public static IReadOnlyList<HTTPRoute> Routes(PublishedMesh mesh, Action<string>? report = null)
    {
        var services = new ServicePorts(mesh);
        var virtualServices = mesh.GatewayVirtualServices.ToList();
        var routes = virtualServices.Count > 0
            ? virtualServices.Select(service => VirtualServiceRoutes.Translate(service, services, report))
            : mesh.Ingresses.Select(ingress => IngressRoutes.Translate(ingress, services, report));
        return [.. routes.OfType<HTTPRoute>()];
    }

    private static Gateway GatewayFor(string name) => new()
    {
        Metadata = new() { Name = name },
        Spec = new()
        {
            GatewayClassName = GatewayClass,
            Listeners =
            [
                new()
                {
                    Name = "http",
                    Port = 80,
                    Protocol = "HTTP",
                    AllowedRoutes = new() { Namespaces = new() { From = FromNamespaces.Same } },
                },
            ],
        },
    };
}

/// <summary>The ports of the published services: a backend of an HTTPRoute needs a number.</summary>
internal sealed class ServicePorts(PublishedMesh mesh)
{
    /// <summary>The number of a port by its name or number; the only port for null. Null when there is no such service or port.</summary>
    public int? Find(string service, string? port)
    {
        var resource = mesh.Services.FirstOrDefault(candidate => candidate.Name.Equals(service, StringComparison.OrdinalIgnoreCase));
        var ports = resource is null ? [] : MeshServices.ServiceFor(resource).Spec.Ports;
        return port is null
            ? ports.Count == 1 ? ports[0].Port : null
            : ports.FirstOrDefault(candidate => candidate.Name == port || Text(candidate.Port) == port)?.Port;
    }

    /// <summary>A number as a rule writes it.</summary>
    public static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    /// <summary>The service of a host: <c>ping</c>, <c>ping.demo</c> and <c>ping.demo.svc.cluster.local</c> are one.</summary>
    public static string ServiceOf(string host) => host.Split('.')[0];
}

/// <summary>Lists of records.</summary>
internal static class Lists
{
    /// <summary>The list; absent, and so not written, when it is empty.</summary>
    public static EquatableArray<T> OrAbsent<T>(IEnumerable<T> items) => items.ToArray() is { Length: > 0 } list ? [.. list] : default;
}
