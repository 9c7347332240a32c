using Gateway.Mesh;
using Istio.Documents;
using Istio.Networking;
using EntryPort = Istio.Networking.ServicePort;

namespace Gateway.Registry;

/// <summary>Makes hosts of a ServiceEntry: one for each name, with the same ports and endpoints.</summary>
internal static class ServiceEntryHosts
{
    /// <summary>Converts a ServiceEntry.</summary>
    public static IEnumerable<ServiceHost> Convert(
        ResourceDocument document, ServiceEntry entry, Workloads workloads, List<Finding> findings)
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
            new ServiceHost(name, document.Namespace, [.. spec.Ports.Select(port => Port(document, spec, port, name, workloads))], document)
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
        ResourceDocument document, ServiceEntrySpec spec, EntryPort port, string host, Workloads workloads) =>
        new(Number(port.Number), port.Name ?? "", ProtocolSelection.Parse(port.Protocol),
            [.. Endpoints(document, spec, port, host, workloads).DistinctBy(endpoint => endpoint.Endpoint)])
        {
            PassthroughPort = Number(port.TargetPort),
        };

    private static IEnumerable<HostEndpoint> Endpoints(
        ResourceDocument document, ServiceEntrySpec spec, EntryPort port, string host, Workloads workloads)
    {
        var target = port.TargetPort is > 0 ? Number(port.TargetPort) : Number(port.Number);
        var owner = new WorkloadKey(document.Namespace, "");
        return spec switch
        {
            { WorkloadSelector: { } selector } => workloads.Select(document.Namespace, selector.Labels)
                .Select(workload => workload.At(EndpointPort(workload.Spec, port, target))),
            { Endpoints.IsEmpty: false } => spec.Endpoints.Where(endpoint => Workloads.IsReachable(endpoint.Address))
                .SelectMany(endpoint => spec.Resolution == ServiceResolution.Dns ? workloads.At(endpoint) : [endpoint])
                .Select(endpoint => Workload.Endpoint(endpoint, endpoint.Labels, EndpointPort(endpoint, port, target), owner)),
            // DNS without endpoints asks for the host itself. All its addresses are endpoints with DNS; with DNS_ROUND_ROBIN it is one
            // endpoint, and every connection takes the address that comes first then.
            { Resolution: ServiceResolution.Dns } when !host.StartsWith('*') =>
                workloads.AddressesOf(host).Select(address => new HostEndpoint(new ServiceEndpoint(address, target), default, 1, owner)),
            { Resolution: ServiceResolution.DnsRoundRobin } when !host.StartsWith('*') =>
                [new HostEndpoint(new ServiceEndpoint(host, target), default, 1, owner)],
            _ => [],
        };
    }

    private static int EndpointPort(WorkloadEntrySpec endpoint, EntryPort port, int target) =>
        endpoint.Ports.TryGetValue(port.Name ?? "", out var own) && own > 0 ? Number(own) : target;

    private static int Number(uint? port) => (int)Math.Min(port ?? 0, ushort.MaxValue);
}
