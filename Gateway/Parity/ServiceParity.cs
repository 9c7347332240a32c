using Istio.Networking;

namespace Gateway.Parity;

/// <summary>What adds services and workloads to the mesh: ServiceEntry, WorkloadEntry, WorkloadGroup, Sidecar, ProxyConfig.</summary>
internal static class ServiceParity
{
    private const string Caller = "all callers share a gateway, which sees every host";
    private const string Pods = "it configures the proxies of pods";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(ServiceEntry)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(ServiceEntrySpec))
        {
            Executed = ["hosts", "ports", "resolution", "endpoints", "workloadSelector", "exportTo"],
            Tested =
            {
                ["location"] = "Registry/ServiceHostsTests", ["addresses"] = "Registry/ServiceHostsTests",
                ["subjectAltNames"] = "Clusters/ClusterSettingsTests",
            },
        },
        new(typeof(ServicePort)) { Executed = ["number", "protocol", "name", "targetPort"] },
        new(typeof(NetworkingWorkloadSelector)) { Executed = ["labels"] },
        new(typeof(WorkloadEntry)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(WorkloadEntrySpec))
        {
            Executed = ["address", "ports", "labels", "weight"],
            Tested = { ["locality"] = "Registry/ServiceHostsTests" },
            Validated = { ["network"] = "one machine is one network", ["serviceAccount"] = ParityTable.Identity },
        },
        new(typeof(WorkloadGroup))
        {
            Validated =
            {
                ["metadata"] = ParityTable.Whose,
                ["spec"] = "it describes machines that join a cluster; the ones that have joined are WorkloadEntries",
            },
            Published = { ["status"] = ParityTable.Status },
        },
        new(typeof(Sidecar))
        {
            Validated = { ["spec"] = Caller, ["metadata"] = ParityTable.Whose },
            Published = { ["status"] = ParityTable.Status },
        },
        new(typeof(ProxyConfig)) { Published = { ["metadata"] = ParityTable.Whose, ["spec"] = Pods, ["status"] = ParityTable.Status } },
    ];
}
