using Istio.Documents;

namespace Istio.Networking;

/// <summary>Conditions on a request, which must all hold.</summary>
public sealed record HTTPMatchRequest : SchemaObject
{
    /// <summary>A name that is appended to the rule's name in access logs.</summary>
    public string? Name { get; init; }

    /// <summary>The path without query, case-sensitive unless ignoreUriCase.</summary>
    public StringMatch? Uri { get; init; }

    /// <summary>The URI scheme, case-sensitive.</summary>
    public StringMatch? Scheme { get; init; }

    /// <summary>The HTTP method, case-sensitive.</summary>
    public StringMatch? Method { get; init; }

    /// <summary>The Host/Authority header, case-sensitive.</summary>
    public StringMatch? Authority { get; init; }

    /// <summary>Headers by lower-case name; an empty condition asks for presence only.</summary>
    public EquatableDictionary<StringMatch> Headers { get; init; }

    /// <summary>Headers that must not match; an absent header counts as not matching.</summary>
    public EquatableDictionary<StringMatch> WithoutHeaders { get; init; }

    /// <summary>Query parameters by name; of repeated ones the first counts. Prefix conditions are not supported.</summary>
    public EquatableDictionary<StringMatch> QueryParams { get; init; }

    /// <summary>Whether exact and prefix conditions on the path ignore case; default false.</summary>
    public bool? IgnoreUriCase { get; init; }

    /// <summary>The port of the proxy that the request arrives at.</summary>
    public uint? Port { get; init; }

    /// <summary>Labels the calling workload must have; applies in sidecars only.</summary>
    public EquatableDictionary<string> SourceLabels { get; init; }

    /// <summary>Namespace of the calling workload; applies in sidecars only.</summary>
    public string? SourceNamespace { get; init; }

    /// <summary>Gateways at which the condition applies; overrides the resource's list.</summary>
    public EquatableArray<string> Gateways { get; init; }

    /// <summary>Prefix for the metrics of this rule.</summary>
    public string? StatPrefix { get; init; }
}

/// <summary>A condition on text: one of exact, prefix and regex. None of them asks for presence only, where that makes sense.</summary>
public sealed record StringMatch : SchemaObject
{
    /// <summary>The whole text.</summary>
    public string? Exact { get; init; }

    /// <summary>How the text begins.</summary>
    public string? Prefix { get; init; }

    /// <summary>A regular expression (RE2) that must match the whole text.</summary>
    public string? Regex { get; init; }
}

/// <summary>One rule for TLS connections that are passed through.</summary>
public sealed record TLSRoute : SchemaObject
{
    /// <summary>Conditions; the rule applies when one of them holds. At least one is required.</summary>
    public EquatableArray<TLSMatchAttributes> Match { get; init; }

    /// <summary>Where the connection goes, divided by weight.</summary>
    public EquatableArray<RouteDestination> Route { get; init; }
}

/// <summary>Conditions on a TLS connection, which must all hold.</summary>
public sealed record TLSMatchAttributes : SchemaObject
{
    /// <summary>Server names (SNI); a leading wildcard is allowed, within the hosts of the resource.</summary>
    public EquatableArray<string> SniHosts { get; init; }

    /// <summary>Destination addresses, optionally with a prefix length.</summary>
    public EquatableArray<string> DestinationSubnets { get; init; }

    /// <summary>The port of the proxy that the connection arrives at.</summary>
    public uint? Port { get; init; }

    /// <summary>Labels the calling workload must have.</summary>
    public EquatableDictionary<string> SourceLabels { get; init; }

    /// <summary>Namespace of the calling workload.</summary>
    public string? SourceNamespace { get; init; }

    /// <summary>Gateways at which the condition applies; overrides the resource's list.</summary>
    public EquatableArray<string> Gateways { get; init; }
}

/// <summary>One rule for TCP connections.</summary>
public sealed record TCPRoute : SchemaObject
{
    /// <summary>Conditions; the rule applies when one of them holds. Absent matches every connection.</summary>
    public EquatableArray<L4MatchAttributes> Match { get; init; }

    /// <summary>Where the connection goes, divided by weight.</summary>
    public EquatableArray<RouteDestination> Route { get; init; }
}

/// <summary>Conditions on a TCP connection, which must all hold.</summary>
public sealed record L4MatchAttributes : SchemaObject
{
    /// <summary>Destination addresses, optionally with a prefix length.</summary>
    public EquatableArray<string> DestinationSubnets { get; init; }

    /// <summary>The port of the proxy that the connection arrives at.</summary>
    public uint? Port { get; init; }

    /// <summary>Reserved: address of the caller; Istio does not implement it.</summary>
    public string? SourceSubnet { get; init; }

    /// <summary>Labels the calling workload must have.</summary>
    public EquatableDictionary<string> SourceLabels { get; init; }

    /// <summary>Namespace of the calling workload.</summary>
    public string? SourceNamespace { get; init; }

    /// <summary>Gateways at which the condition applies; overrides the resource's list.</summary>
    public EquatableArray<string> Gateways { get; init; }
}

/// <summary>A destination and its share of the connections.</summary>
public sealed record RouteDestination : SchemaObject
{
    /// <summary>The service, subset and port.</summary>
    public Destination? Destination { get; init; }

    /// <summary>Share relative to the sum of all weights. A single destination gets everything.</summary>
    public int? Weight { get; init; }
}
