using Istio.Documents;

namespace Gateway.Parity;

/// <summary>Metadata, and what several kinds have.</summary>
internal static class MetadataParity
{
    private const string Server = "the API server's";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(ObjectMeta))
        {
            Executed = ["name", "namespace", "labels"],
            Tested = { ["annotations"] = "Registry/ServiceHostsTests", ["creationTimestamp"] = "Routing/GatewayTests" },
            Published =
            {
                ["generateName"] = Server, ["finalizers"] = Server, ["ownerReferences"] = Server, ["uid"] = Server,
                ["resourceVersion"] = Server,
                ["generation"] = Server, ["deletionTimestamp"] = Server, ["deletionGracePeriodSeconds"] = Server, ["selfLink"] = Server,
                ["managedFields"] = Server,
            },
        },
        new(typeof(WorkloadSelector)) { Executed = ["matchLabels"] },
        new(typeof(PolicyTargetReference))
        {
            Executed = ["group", "kind", "name"],
            Published = { ["namespace"] = "only the policy's own namespace is valid" },
        },
    ];
}
