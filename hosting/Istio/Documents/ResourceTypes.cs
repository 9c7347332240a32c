using System.Collections.Immutable;
using Istio.Extensions;
using Istio.Networking;
using Istio.Security;
using k8s.Models;

namespace Istio.Documents;

/// <summary>A kind that has a C# type: its group and the versions that are read.</summary>
internal sealed record ResourceType(string Group, string Kind, ImmutableArray<string> Versions, Type Type);

/// <summary>All kinds that have a C# type. Every other kind is an <see cref="UntypedResource"/>.</summary>
internal static class ResourceTypes
{
    private const string NetworkingGroup = "networking.istio.io";
    private const string SecurityGroup = "security.istio.io";
    private const string GatewayApiGroup = "gateway.networking.k8s.io";

    private static readonly ImmutableArray<string> NetworkingVersions = ["v1", "v1beta1", "v1alpha3"];
    private static readonly ImmutableArray<string> StableAndBeta = ["v1", "v1beta1"];

    public static ImmutableArray<ResourceType> All { get; } =
    [
        Typed<VirtualService>(NetworkingGroup, NetworkingVersions),
        Typed<DestinationRule>(NetworkingGroup, NetworkingVersions),
        Typed<Gateway>(NetworkingGroup, NetworkingVersions),
        Typed<ServiceEntry>(NetworkingGroup, NetworkingVersions),
        Typed<WorkloadEntry>(NetworkingGroup, NetworkingVersions),
        Typed<Sidecar>(NetworkingGroup, NetworkingVersions),
        Typed<EnvoyFilter>(NetworkingGroup, ["v1alpha3"]),
        Typed<WorkloadGroup>(NetworkingGroup, NetworkingVersions),
        Typed<ProxyConfig>(NetworkingGroup, ["v1beta1"]),
        Typed<PeerAuthentication>(SecurityGroup, StableAndBeta),
        Typed<RequestAuthentication>(SecurityGroup, StableAndBeta),
        Typed<AuthorizationPolicy>(SecurityGroup, StableAndBeta),
        Typed<Telemetry.Telemetry>("telemetry.istio.io", ["v1", "v1alpha1"]),
        Typed<WasmPlugin>("extensions.istio.io", ["v1alpha1"]),
        Typed<TrafficExtension>("extensions.istio.io", ["v1alpha1"]),
        Typed<GatewayApi.HTTPRoute>(GatewayApiGroup, StableAndBeta),
        Typed<GatewayApi.Gateway>(GatewayApiGroup, StableAndBeta),
        Kubernetes<V1Ingress>("networking.k8s.io", "Ingress"),
        Kubernetes<V1Service>("", "Service"),
    ];

    private static readonly ILookup<string, ResourceType> ByKind = All.ToLookup(type => type.Kind);

    /// <summary>The type of a group's kind, whatever its version; null when it has none here.</summary>
    public static ResourceType? Find(string group, string kind) => ByKind[kind].FirstOrDefault(type => type.Group == group);

    /// <summary>Splits <c>group/version</c>; the core group is empty.</summary>
    public static (string Group, string Version) SplitApiVersion(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
    }

    private static ResourceType Typed<T>(string group, ImmutableArray<string> versions)
        where T : Resource =>
        new(group, typeof(T).Name, versions, typeof(T));

    private static ResourceType Kubernetes<T>(string group, string kind)
        where T : class =>
        new(group, kind, ["v1"], typeof(T));
}
