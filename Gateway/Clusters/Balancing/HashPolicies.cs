using Istio.Networking;

namespace Gateway.Clusters.Balancing;

/// <summary>Compiles what a DestinationRule says is hashed.</summary>
/// <remarks>istio/istio pilot/pkg/networking/core/route/route.go, ConsistentHashToHashPolicy.</remarks>
internal static class HashPolicies
{
    /// <summary>Compiles the hash key; null when there is none, which makes the choice random.</summary>
    public static HashPolicy? Compile(ConsistentHashLB hash) => hash switch
    {
        { HttpHeaderName: { Length: > 0 } header } => new HeaderHash(header),
        { HttpCookie: { Name: { } name } cookie } => new CookieHash(
            name, cookie.Ttl?.Value, cookie.Path ?? "",
            [.. cookie.Attributes.Select(attribute => new CookieAttribute(attribute.Name ?? "", attribute.Value ?? ""))]),
        { UseSourceIp: true } => new SourceAddressHash(),
        { HttpQueryParameterName: { Length: > 0 } parameter } => new QueryParameterHash(parameter),
        _ => null,
    };
}
