using System.Collections.Immutable;
using Gateway.Mesh;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Registry;

/// <summary>Makes hosts of a ServiceEntry: one for each name, with the same ports and endpoints.</summary>
internal static class ServiceEntryHosts
{
    /// <summary>Converts a ServiceEntry.</summary>
    public static IEnumerable<ServiceHost> Convert(ResourceDocument document, ServiceEntry entry, Workloads workloads, List<Finding> findings)
    {
        var spec = entry.Spec;
        for (var index = 0; index < spec.Endpoints.Count; index++)
        {
            if (!Workloads.IsReachable(spec.Endpoints[index].Address))
            {
                findings.Add(document.At($"spec.endpoints[{index}].address", GatewayCodes.Address,
                    "an IP address or a host name is needed; this gateway reaches no other kind of endpoint and leaves it out"));
            }
        }

        var resolution = Resolution(spec.Resolution);
        return spec.Hosts.Distinct(StringComparer.Ordinal).Select(name =>
            new ServiceHost(name, document.Namespace, [.. spec.Ports.Select(port => Port(document, spec, port, name, resolution, workloads))], document)
            {
                Resolution = resolution,
                IsExternal = spec.Location != ServiceLocation.MeshInternal,
                ExportTo = [.. spec.ExportTo],
                Addresses = [.. spec.Addresses],
                SubjectAltNames = [.. spec.SubjectAltNames],
            });
    }

    private static HostResolution Resolution(string? text) => text switch
    {
        ServiceResolution.Static => HostResolution.Static,
        ServiceResolution.Dns or ServiceResolution.DnsRoundRobin => HostResolution.Dns,
        ServiceResolution.DynamicDns => HostResolution.DynamicDns,
        _ => HostResolution.None,
    };

    private static HostPort Port(
        ResourceDocument document, ServiceEntrySpec spec, Istio.Networking.ServicePort port, string host, HostResolution resolution, Workloads workloads)
    {
        var number = (int)(port.Number ?? 0);
        var target = (int)(port.TargetPort is > 0 ? port.TargetPort.Value : port.Number ?? 0);
        var owner = new WorkloadKey(document.Namespace, "");
        IEnumerable<HostEndpoint> endpoints = spec switch
        {
            { WorkloadSelector: { } selector } => workloads.Select(document.Namespace, selector.Labels)
                .Select(workload => workload.At(EndpointPort(workload.Spec, port, target))),
            { Endpoints.IsEmpty: false } => spec.Endpoints.Where(endpoint => Workloads.IsReachable(endpoint.Address))
                .Select(endpoint => Workload.Endpoint(endpoint, endpoint.Labels, EndpointPort(endpoint, port, target), owner)),
            // DNS without endpoints asks for the host itself.
            _ when resolution == HostResolution.Dns && !host.StartsWith('*') => [new HostEndpoint(new ServiceEndpoint(host, target), default, 1, owner)],
            _ => [],
        };
        return new HostPort(number, port.Name ?? "", ProtocolSelection.Parse(port.Protocol), [.. endpoints.DistinctBy(endpoint => endpoint.Endpoint)]);
    }

    private static int EndpointPort(WorkloadEntrySpec endpoint, Istio.Networking.ServicePort port, int target) =>
        endpoint.Ports.TryGetValue(port.Name ?? "", out var own) && own > 0 ? (int)own : target;
}
