using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Istio.GatewayApi;

namespace Istio.Documents;

/// <summary>A kind that has a C# type: its group, the versions that are read, and how JSON becomes the object.</summary>
internal sealed record ResourceType(
    string Group, string Kind, ImmutableArray<string> Versions, Type Type, Func<ReadOnlyMemory<byte>, object> Read);

/// <summary>
/// All kinds that have a C# type. Every other kind is an <see cref="UntypedResource"/>. A kind's JSON contract is made when the first
/// document of that kind is read: to make all of them takes a third of a second.
/// </summary>
internal static class ResourceTypes
{
    private const string Networking = "networking.istio.io";
    private const string Security = "security.istio.io";
    private const string GatewayApi = "gateway.networking.k8s.io";

    private static readonly ImmutableArray<string> NetworkingVersions = ["v1", "v1beta1", "v1alpha3"];
    private static readonly ImmutableArray<string> StableAndBeta = ["v1", "v1beta1"];

    public static ImmutableArray<ResourceType> All { get; } =
    [
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.VirtualService),
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.DestinationRule),
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.Gateway),
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.ServiceEntry),
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.WorkloadEntry),
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.Sidecar),
        Typed(Networking, ["v1alpha3"], static () => ResourceJson.Default.EnvoyFilter),
        Typed(Networking, NetworkingVersions, static () => ResourceJson.Default.WorkloadGroup),
        Typed(Networking, ["v1beta1"], static () => ResourceJson.Default.ProxyConfig),
        Typed(Security, StableAndBeta, static () => ResourceJson.Default.PeerAuthentication),
        Typed(Security, StableAndBeta, static () => ResourceJson.Default.RequestAuthentication),
        Typed(Security, StableAndBeta, static () => ResourceJson.Default.AuthorizationPolicy),
        Typed("telemetry.istio.io", ["v1", "v1alpha1"], static () => ResourceJson.Default.Telemetry),
        Typed("extensions.istio.io", ["v1alpha1"], static () => ResourceJson.Default.WasmPlugin),
        Typed("extensions.istio.io", ["v1alpha1"], static () => ResourceJson.Default.TrafficExtension),
        Typed(GatewayApi, StableAndBeta, static () => GatewayApiJson.Default.HTTPRoute),
        Typed(GatewayApi, StableAndBeta, static () => GatewayApiJson.Default.Gateway),
        Kubernetes("networking.k8s.io", "Ingress", static () => KubernetesModelJson.Default.V1Ingress),
        Kubernetes("", "Service", static () => KubernetesModelJson.Default.V1Service),
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

    /// <summary>The JSON contract of a record's type.</summary>
    public static JsonTypeInfo ContractOf(Type type) => ResourceJson.Default.GetTypeInfo(type) ?? GatewayApiJson.Default.GetTypeInfo(type)
        ?? throw new ArgumentException($"{type} is not a resource.", nameof(type));

    private static ResourceType Typed<T>(string group, ImmutableArray<string> versions, Func<JsonTypeInfo<T>> contract)
        where T : Resource =>
        new(group, typeof(T).Name, versions, typeof(T), json => JsonSerializer.Deserialize(json.Span, contract())!);

    private static ResourceType Kubernetes<T>(string group, string kind, Func<JsonTypeInfo<T>> contract)
        where T : class =>
        new(group, kind, ["v1"], typeof(T), json => JsonSerializer.Deserialize(json.Span, contract())!);
}
