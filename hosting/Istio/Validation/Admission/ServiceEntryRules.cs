using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a ServiceEntry.
/// Source: https://istio.io/latest/docs/reference/config/networking/service-entry/
/// </summary>
internal static class ServiceEntryRules
{
    private static readonly string[] DynamicDnsProtocols = ["HTTP", "TLS", "GRPC", "HTTP2"];

    public static void Check(Place at, ServiceEntry entry)
    {
        var (place, spec) = (at["spec"], entry.Spec);
        var resolution = spec.Resolution ?? ServiceResolution.None;
        if (spec.WorkloadSelector is { } selector)
        {
            SharedRules.CheckSelectorLabels(place["workloadSelector"]["labels"], selector.Labels);
            if (!spec.Endpoints.IsAbsent)
            {
                place["endpoints"].Reject("workloadSelector and endpoints exclude each other; keep one of the two.");
            }
        }

        CheckHosts(place["hosts"], spec, resolution);
        CheckAddresses(place["addresses"], spec, resolution);
        CheckPorts(place["ports"], spec.Ports);
        CheckEndpoints(place, spec, resolution);
        if (resolution == ServiceResolution.DynamicDns)
        {
            CheckDynamicDns(place, spec, entry.Metadata);
        }

        CheckHostsByPort(place, spec, resolution);
        SharedRules.CheckExportTo(place["exportTo"], spec.ExportTo, isServiceEntry: true);
    }

    private static void CheckHosts(Place at, ServiceEntrySpec spec, string resolution)
    {
        if (spec.Hosts.IsEmpty)
        {
            at.Reject("The ServiceEntry has no hosts; add at least one.");
        }

        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            var host = spec.Hosts[i];
            if (host == "*")
            {
                at[i].Reject("\"*\" is not possible in a ServiceEntry; name the hosts, or use *.domain.");
            }
            else if (DnsNames.CheckWildcard(host) is { } fault)
            {
                at[i].Reject(fault);
            }
            else if (resolution != ServiceResolution.DynamicDns && DnsNames.IsPartialWildcard(host))
            {
                at[i].Warn($"\"{host}\" has a wildcard for a part of a label, which matches nothing; write *.domain.");
            }
            else if (resolution == ServiceResolution.DynamicDns && !DnsNames.IsWildcard(host))
            {
                at[i].Reject($"DYNAMIC_DNS resolves hosts of a wildcard, and \"{host}\" has none; write *.domain, or use DNS.");
            }
        }
    }

    private static void CheckAddresses(Place at, ServiceEntrySpec spec, string resolution)
    {
        for (var i = 0; i < spec.Addresses.Count; i++)
        {
            var address = spec.Addresses[i];
            if (IpAddresses.CheckAddressOrCidr(address) is { } fault)
            {
                at[i].Reject(fault);
            }
            else if (address.Contains('/')
                && resolution is not (ServiceResolution.None or ServiceResolution.Static or ServiceResolution.DynamicDns))
            {
                at[i].Reject($"A range such as \"{address}\" needs resolution NONE or STATIC; the resolution is {resolution}.");
            }
        }
    }

    private static void CheckPorts(Place at, EquatableArray<ServicePort> ports)
    {
        var (names, numbers) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<uint>());
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            if (string.IsNullOrEmpty(port.Name))
            {
                at[i]["name"].Reject("The port has no name; add one, such as https.");
            }
            else if (!DnsNames.IsLabel(port.Name))
            {
                at[i]["name"].Reject($"\"{port.Name}\" is not a port name; use letters, digits and hyphens.");
            }
            else if (!names.Add(port.Name))
            {
                at[i]["name"].Reject($"Two ports have the name \"{port.Name}\"; rename one.");
            }

            if (port.Number is not { } number)
            {
                at[i]["number"].Reject("The port has no number; add it.");
            }
            else
            {
                SharedRules.CheckPort(at[i]["number"], number);
                if (!numbers.Add(number))
                {
                    at[i]["number"].Reject($"Port {number} is declared twice; keep one.");
                }
            }

            if (port.TargetPort is { } target)
            {
                SharedRules.CheckPort(at[i]["targetPort"], target);
            }

            CheckProtocol(at[i]["protocol"], port.Protocol);
        }
    }

    /// <summary>A known protocol, or none: then Istio looks at the traffic.</summary>
    public static void CheckProtocol(Place at, string? protocol)
    {
        if (!string.IsNullOrEmpty(protocol) && !Protocols.IsKnown(protocol))
        {
            at.Reject($"\"{protocol}\" is not a protocol; use one of {Protocols.Names}.");
        }
    }

    private static void CheckEndpoints(Place at, ServiceEntrySpec spec, string resolution)
    {
        var place = at["endpoints"];
        var ports = spec.Ports.Select(port => port.Name ?? "").ToHashSet(StringComparer.Ordinal);
        switch (resolution)
        {
            case ServiceResolution.None:
                if (!spec.Endpoints.IsAbsent)
                {
                    place.Reject(
                        "Resolution NONE sends to the address that the caller asked for and takes no endpoints; use STATIC or DNS.");
                }

                if (spec.WorkloadSelector is not null)
                {
                    at["workloadSelector"].Warn("Resolution NONE ignores workloadSelector; use STATIC.");
                }

                break;
            case ServiceResolution.Static:
                CheckEach(place, spec.Endpoints, ports, WorkloadEntryRules.Addresses.Socket);
                break;
            case ServiceResolution.Dns or ServiceResolution.DnsRoundRobin:
                CheckDns(at, spec, resolution);
                CheckEach(place, spec.Endpoints, ports, WorkloadEntryRules.Addresses.Name);
                break;
        }
    }

    private static void CheckEach(
        Place at, EquatableArray<WorkloadEntrySpec> endpoints, HashSet<string> ports, WorkloadEntryRules.Addresses allowed)
    {
        for (var i = 0; i < endpoints.Count; i++)
        {
            WorkloadEntryRules.CheckEndpoint(at[i], endpoints[i], allowed);
            if (ports.Count != 1 && endpoints[i].Address?.StartsWith(GatewayRules.UnixPrefix, StringComparison.Ordinal) == true)
            {
                at[i]["address"].Reject(
                    $"A Unix domain socket serves one port, and the ServiceEntry has {ports.Count}; use a ServiceEntry for each.");
            }

            foreach (var name in endpoints[i].Ports.Keys.Where(name => !ports.Contains(name)))
            {
                at[i]["ports"][name].Reject($"The ServiceEntry has no port named \"{name}\"; use a name of its ports.");
            }
        }
    }

    private static void CheckDns(Place at, ServiceEntrySpec spec, string resolution)
    {
        if (resolution == ServiceResolution.DnsRoundRobin && spec.Endpoints.Count > 1)
        {
            at["endpoints"].Reject($"DNS_ROUND_ROBIN takes one endpoint and there are {spec.Endpoints.Count}; use DNS.");
        }

        for (var i = 0; spec.Endpoints.IsEmpty && i < spec.Hosts.Count; i++)
        {
            if (DnsNames.IsWildcard(spec.Hosts[i]))
            {
                at["hosts"][i].Reject($"{resolution} cannot look up \"{spec.Hosts[i]}\"; name the hosts, or add endpoints.");
            }
        }

        if (!spec.Addresses.IsEmpty && spec.Hosts.Count > 1 && spec.Ports.Any(port => Protocols.IsTcp(port.Protocol)))
        {
            at["hosts"].Warn(
                "Several hosts share the addresses of a TCP port, where they cannot be told apart; use a ServiceEntry for each host.");
        }
    }

    private static void CheckDynamicDns(Place at, ServiceEntrySpec spec, ObjectMeta metadata)
    {
        if (!spec.Addresses.IsEmpty)
        {
            at["addresses"].Reject("DYNAMIC_DNS finds addresses itself; remove addresses.");
        }

        if (!spec.Endpoints.IsEmpty)
        {
            at["endpoints"].Reject("DYNAMIC_DNS finds endpoints itself; remove endpoints.");
        }

        for (var i = 0; i < spec.Ports.Count; i++)
        {
            if (!DynamicDnsProtocols.Any(name => Protocols.Is(spec.Ports[i].Protocol, name)))
            {
                at["ports"][i]["protocol"].Reject(
                    $"DYNAMIC_DNS needs a host name in the traffic; use {string.Join(", ", DynamicDnsProtocols)}.");
            }
        }

        var usesWaypoint = metadata.Labels.TryGetValue("istio.io/use-waypoint", out var waypoint)
            && waypoint.Length > 0 && !waypoint.Equals("none", StringComparison.OrdinalIgnoreCase);
        if (spec.Location == ServiceLocation.MeshInternal && usesWaypoint)
        {
            at["location"].Reject("A waypoint does not resolve DYNAMIC_DNS for MESH_INTERNAL; use MESH_EXTERNAL.");
        }
    }

    private static void CheckHostsByPort(Place at, ServiceEntrySpec spec, string resolution)
    {
        if (resolution == ServiceResolution.None || spec.Hosts.Count < 2)
        {
            return;
        }

        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var protocol = spec.Ports[i].Protocol;
            if (!Protocols.IsHttp(protocol) && !Protocols.IsTls(protocol))
            {
                at["ports"][i].Reject(
                    "Several hosts cannot be told apart on a port that is neither HTTP nor TLS; use a ServiceEntry for each host.");
                return;
            }
        }
    }
}
