using System.Collections.Immutable;

namespace Gateway.Parity;

/// <summary>What becomes of every field of every resource that has a C# type; docs/parity.md is written from it.</summary>
internal static class ParityTable
{
    /// <summary>Why fields of mutual TLS and of identities are not executed.</summary>
    public const string Identity = "processes of one machine have no identities: there is no mutual TLS between them";

    /// <summary>Why fields of localities are not executed.</summary>
    public const string Locality = "all endpoints are on one machine: there are no localities";

    /// <summary>Why fields of TCP and of TLS that is passed through are not executed.</summary>
    public const string Tcp = "the doors serve HTTP only";

    /// <summary>Why fields of the status are not executed.</summary>
    public const string Status = "what controllers of the cluster report";

    /// <summary>Why the metadata of a resource that is not executed are not.</summary>
    public const string Whose = "it says whose the resource is";

    /// <summary>All messages.</summary>
    public static ImmutableArray<MessageParity> All { get; } =
    [
        .. MetadataParity.Messages,
        .. VirtualServiceParity.Messages,
        .. DestinationRuleParity.Messages,
        .. GatewayParity.Messages,
        .. ServiceParity.Messages,
        .. SecurityParity.Messages,
        .. ExtensionParity.Messages,
        .. GatewayApiParity.Messages,
        .. KubernetesParity.Messages,
    ];

    /// <summary>What no laptop can show, with the findings that say so when a rule relies on it.</summary>
    public static ImmutableArray<Limit> Limits { get; } =
    [
        new("Identities of mutual TLS: `principals`, `namespaces`, `serviceAccounts` and `trustDomains` of a source, `source.principal` and "
            + "`source.namespace` of a condition. No request has an identity, so what asks for one holds for nobody, and what excludes one "
            + "holds for everybody", "GWY032", "MESH023"),
        new("Mutual TLS itself. All requests are taken, as in PERMISSIVE mode", "GWY012", "MESH019"),
        new("State for each caller: ejections, limits and turns of the mesh role are those of one caller, for all callers share a gateway; "
            + "in a cluster every sidecar has its own"),
        new("Labels and namespaces of a caller: `sourceLabels` and `sourceNamespace` in rules of the mesh role", "GWY057"),
        new("What a caller sees: the `egress` of a Sidecar. All callers see every host that is exported to their namespace", "GWY012"),
        new("Localities, zones and networks: all endpoints are in one", "GWY012"),
        new("One door stands for the pods of all gateways: the selector of a Gateway decides which policies apply, not where it listens"),
        new("Interim responses in HTTP/2: .NET's server and client have none, so that 103 Early Hints for a client of HTTP/2 or from an "
            + "upstream of HTTP/2 end here"),
        new("Trailers of a request from a client of HTTP/2 to an upstream of HTTP/2: .NET's client sends none, so that they end here"),
        new("What is not HTTP: TCP, and TLS that is passed through", "GWY054"),
        new("Kubernetes itself: probes, rollouts, nodes, network policies"),
    ];
}

/// <summary>What cannot be shown here.</summary>
/// <param name="Text">What, and what happens instead.</param>
/// <param name="Codes">The findings that say so; none when nothing in a document relies on it.</param>
internal sealed record Limit(string Text, params string[] Codes);
