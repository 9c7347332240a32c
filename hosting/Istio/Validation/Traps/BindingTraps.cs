using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Traps;

/// <summary>Rules that are bound to a place which never executes them for the traffic they are meant for.</summary>
internal static class BindingTraps
{
    public static void Check(Mesh mesh)
    {
        var served = mesh.Gateways.Values.SelectMany(pair => pair.Resource.Spec.Servers.SelectMany(server => server.Hosts)
            .Select(host => (Host: host[(host.IndexOf('/', StringComparison.Ordinal) + 1)..], pair.Document)))
            .Where(entry => entry.Host != "*").ToArray();
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            var at = mesh.At(document)["spec"];
            if (service.Spec.Gateways.IsEmpty)
            {
                CheckGatewaysMissing(mesh, at["hosts"], service.Spec, served);
            }
            else if (!VirtualServiceRoutes.IsForMesh(service.Spec))
            {
                CheckMeshMissing(at, service.Spec);
            }
        }

        CheckOutside(mesh);
    }

    private static void CheckGatewaysMissing(
        Mesh mesh, Place at, VirtualServiceSpec spec, (string Host, ResourceDocument Document)[] served)
    {
        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            var host = spec.Hosts[i];
            if (host.Contains('.') && Mesh.SplitClusterHost(host) is null && mesh.FindService(host) is null
                && served.FirstOrDefault(entry => DnsNames.Covers(entry.Host, host)) is { Document: { } gateway })
            {
                at[i].Report(TrapCodes.GatewaysMissing,
                    $"Gateway {gateway.Name} serves \"{host}\", but without gateways these rules hold for calls inside the mesh only; add "
                    + $"gateways: [{Reference(gateway, at.Document)}].");
            }
        }
    }

    private static string Reference(ResourceDocument gateway, ResourceDocument from) =>
        gateway.Namespace == from.Namespace ? gateway.Name : $"{gateway.Namespace}/{gateway.Name}";

    private static void CheckMeshMissing(Place at, VirtualServiceSpec spec)
    {
        if (spec.Hosts.Count > 0 && spec.Hosts.All(host => (!host.Contains('.') && host != "*") || Mesh.SplitClusterHost(host) is not null))
        {
            at["gateways"].Report(TrapCodes.MeshMissing,
                $"{string.Join(", ", spec.Hosts)} {(spec.Hosts.Count == 1 ? "is a name" : "are names")} that callers in the mesh use, and "
                + "the rules are bound to gateways only; "
                + "add mesh to gateways, or use the host that the gateway's clients send.");
        }
    }

    /// <summary>Rules about a service that only an Ingress controller outside the mesh calls, as far as the documents show.</summary>
    private static void CheckOutside(Mesh mesh)
    {
        var outside = OutsideTraffic.Services(mesh);
        if (outside.Count == 0)
        {
            return;
        }

        var atGateways = mesh.Resources.OfType<VirtualService>().Where(pair => VirtualServiceRoutes.IsForGateway(pair.Resource.Spec))
            .SelectMany(pair => VirtualServiceRoutes.Destinations(mesh.At(pair.Document), pair.Resource.Spec)
            .Select(entry => Mesh.Resolve(entry.Destination.Host ?? "", pair.Document.Namespace)))
            .Concat(mesh.Resources.OfType<GatewayApi.HTTPRoute>()
            .SelectMany(pair => pair.Resource.Spec.Rules.SelectMany(rule => rule.BackendRefs)
                .Select(backend => Mesh.Resolve(backend.Name ?? "", backend.Namespace ?? pair.Document.Namespace))))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            if (service.Spec.Gateways.IsEmpty && service.Spec.Hosts.Count > 0)
            {
                Report(mesh, outside, atGateways, mesh.At(document)["spec"]["hosts"][0], service.Spec.Hosts[0]);
            }
        }

        foreach (var (document, rule) in mesh.Resources.OfType<DestinationRule>())
        {
            Report(mesh, outside, atGateways, mesh.At(document)["spec"]["host"], rule.Spec.Host ?? "");
        }
    }

    private static void Report(Mesh mesh, ILookup<string, ResourceDocument> outside, HashSet<string> atGateways, Place at, string host)
    {
        var full = Mesh.Resolve(host, at.Document.Namespace);
        if (atGateways.Contains(full) || outside[full].FirstOrDefault() is not { } ingress
            || mesh.FindService(full) is not { Kubernetes: not null } service || HasCallers(mesh, service))
        {
            return;
        }

        at.Report(TrapCodes.OutsideTheMesh,
            $"Requests for \"{host}\" come from Ingress {ingress.Name}, whose controller is outside the mesh and does not execute a "
            + $"{at.Document.Kind}; let them enter by an Istio Gateway.");
    }

    private static bool HasCallers(Mesh mesh, MeshService service)
    {
        var own = mesh.WorkloadsOf(service);
        return mesh.Workloads.All.Any(workload => workload.Pod is not null && !own.Contains(workload))
            || mesh.Services.Any(other => other.Kubernetes is not null && other != service);
    }
}
