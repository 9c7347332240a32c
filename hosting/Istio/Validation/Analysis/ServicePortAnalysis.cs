using Istio.Validation.Syntax;

namespace Istio.Validation.Analysis;

/// <summary>Ports of Kubernetes Services: their names, and what several Services make of one workload.</summary>
internal static class ServicePortAnalysis
{
    // Services that Istio generates for gateways, and its own.
    private const string ManagedLabel = "gateway.istio.io/managed";

    public static void Check(Mesh mesh)
    {
        foreach (var service in mesh.KubernetesServices)
        {
            if (!InjectionAnalysis.SystemNamespaces.Contains(service.Namespace)
                && !Metadata.Labels(service.Document).ContainsKey(ManagedLabel))
            {
                CheckNames(mesh.At(service.Document)["spec"], service);
            }
        }

        var outside = InjectionAnalysis.OutsideNamespaces(mesh);
        foreach (var workload in mesh.Workloads.All)
        {
            if (mesh.ServicesOf(workload).ToArray() is { Length: > 1 } services && !InjectionAnalysis.IsOutside(workload, outside))
            {
                CheckShared(mesh.At(workload.Document)["metadata"]["name"], workload, services);
            }
        }
    }

    private static void CheckNames(Place at, MeshService service)
    {
        var ports = service.Kubernetes!.Spec?.Ports ?? [];
        var isExternal = service.Kubernetes.Spec?.Type == "ExternalName";
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            var isDeclared = Protocols.IsDeclared(port.Port, port.Name, port.Protocol, port.AppProtocol);
            if (isExternal && (!isDeclared || port.Name == "tcp"))
            {
                at["ports"][i].Report(AnalysisCodes.ExternalNamePort,
                    $"Port {port.Port} of an ExternalName Service is {(isDeclared ? "plain TCP" : "of no known protocol")} and captures "
                    + "all traffic to this port; name it after its protocol, such as https.");
            }
            else if (!isDeclared)
            {
                at["ports"][i].Report(AnalysisCodes.PortName,
                    $"Port {port.Port} {(string.IsNullOrEmpty(port.Name) ? "has no name" : $"is named \"{port.Name}\"")}, which tells no "
                    + "protocol; name it http, grpc, tcp or the like, or set appProtocol.");
            }
        }
    }

    private static void CheckShared(Place at, Workload workload, MeshService[] services)
    {
        foreach (var port in services.SelectMany(service => service.Ports.Select(port => (service, port)))
            .GroupBy(pair => pair.port.Number))
        {
            var protocols = port.Select(pair => pair.port.Protocol).Distinct().Order(StringComparer.Ordinal).ToArray();
            if (protocols.Length > 1)
            {
                at.Report(AnalysisCodes.PortProtocols,
                    $"Services {Names(port.Select(pair => pair.service))} give port {port.Key} of {workload} the protocols "
                    + $"{string.Join(" and ", protocols)}; use one.");
            }
        }

        foreach (var target in services.SelectMany(service => service.Ports.Select(port => (service, port)))
            .GroupBy(pair => pair.port.Target, StringComparer.Ordinal))
        {
            var numbers = target.Select(pair => pair.port.Number).Distinct().Order().ToArray();
            if (numbers.Length > 1 && target.Select(pair => pair.service).Distinct().Count() > 1)
            {
                at.Report(AnalysisCodes.PortConflict,
                    $"Services {Names(target.Select(pair => pair.service))} reach port {target.Key} of {workload} as "
                    + $"{string.Join(" and ", numbers)}; use one number.");
            }
        }
    }

    private static string Names(IEnumerable<MeshService> services) =>
        string.Join(" and ", services.Select(service => service.Document.Name).Distinct().Order(StringComparer.Ordinal));
}
