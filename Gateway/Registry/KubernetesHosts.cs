using System.Collections.Immutable;
using System.Globalization;
using Istio.Documents;
using k8s.Models;

namespace Gateway.Registry;

/// <summary>Makes a host of a Kubernetes Service.</summary>
internal static class KubernetesHosts
{
    private const string ExportToAnnotation = "networking.istio.io/exportTo";

    /// <summary>Converts a Service.</summary>
    public static ServiceHost Convert(ResourceDocument document, V1Service service, Workloads workloads)
    {
        var isExternal = service.Spec?.Type == "ExternalName";
        return new ServiceHost(
            ServiceHosts.FullName(document.Name, document.Namespace), document.Namespace,
            [.. (service.Spec?.Ports ?? []).Select(port => Port(port, Endpoints(document, service, port, workloads)))], document)
        {
            IsKubernetes = true,
            Alias = isExternal ? service.Spec?.ExternalName?.TrimEnd('.') : null,
            IsHeadless = service.Spec?.ClusterIP == "None",
            IsExternal = isExternal,
            Resolution = isExternal ? HostResolution.Dns : HostResolution.Static,
            ExportTo = ExportTo(service),
        };
    }

    private static HostPort Port(V1ServicePort port, IEnumerable<HostEndpoint> endpoints) =>
        new(port.Port, port.Name ?? "", ProtocolSelection.OfService(port.Port, port.Name, port.Protocol, port.AppProtocol),
            [.. endpoints.DistinctBy(endpoint => endpoint.Endpoint)]);

    private static IEnumerable<HostEndpoint> Endpoints(
        ResourceDocument document, V1Service service, V1ServicePort port, Workloads workloads)
    {
        if (service.Spec.Type == "ExternalName")
        {
            var name = service.Spec.ExternalName?.TrimEnd('.') ?? "";
            return name.Length == 0
                ? []
                : workloads.AddressesOf(name).Select(address =>
                    new HostEndpoint(new ServiceEndpoint(address, port.Port), default, 1, new WorkloadKey(document.Namespace, "")));
        }

        // A Service without selector selects nothing: its endpoints would be written by hand.
        return service.Spec.Selector is not { Count: > 0 } selector
            ? []
            : workloads.Select(document.Namespace, selector)
                .Select(workload => (Workload: workload, Port: EndpointPort(port, workload)))
                .Where(found => found.Port > 0)
                .Select(found => found.Workload.At(found.Port));
    }

    /// <summary>
    /// With a numeric targetPort the key in the workload's ports is the service port's name, and the number is used when it is not there;
    /// with a named one the key is that name, and a workload without it is left out.
    /// </summary>
    private static int EndpointPort(V1ServicePort port, Workload workload)
    {
        var target = port.TargetPort?.Value;
        var numeric = string.IsNullOrEmpty(target) || target == "0" ? port.Port
            : int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var key = numeric > 0 ? port.Name ?? "" : target ?? "";
        return workload.Spec.Ports.TryGetValue(key, out var found) && found > 0 ? (int)found : numeric;
    }

    private static ImmutableArray<string> ExportTo(V1Service service) =>
        service.Metadata?.Annotations is { } annotations && annotations.TryGetValue(ExportToAnnotation, out var text)
            ? [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]
            : [];
}
