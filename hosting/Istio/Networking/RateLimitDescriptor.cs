using Istio.Documents;

namespace Istio.Networking;

/// <summary>A bucket for the requests that have a descriptor with these entries, in this order.</summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
/// </remarks>
/// <param name="Entries">The entries; one without a value stands for any value, and each value has a bucket of its own.</param>
/// <param name="TokenBucket">The bucket.</param>
public sealed record RateLimitDescriptor(EquatableArray<RateLimitEntry> Entries, TokenBucket TokenBucket);

/// <summary>An entry of a descriptor.</summary>
/// <param name="Key">Key.</param>
/// <param name="Value">Value; empty for any.</param>
public sealed record RateLimitEntry(string Key, string Value = "");

/// <summary>
/// How a request gets a descriptor: one entry from each action. A request for which an action has nothing does not get it.
/// </summary>
/// <param name="Actions">The actions.</param>
public sealed record RateLimitRule(EquatableArray<RateLimitAction> Actions)
{
    /// <summary>The filter's stage for which it is; not for rules inside the filter.</summary>
    public int Stage { get; init; }

    /// <summary>A key that turns the rule off at run time; the local rate limit takes any for off.</summary>
    public string DisableKey { get; init; } = "";
}

/// <summary>Gives an entry of a descriptor.</summary>
public abstract record RateLimitAction;

/// <summary>A fixed entry.</summary>
/// <param name="Value">Value.</param>
/// <param name="Key">Key.</param>
public sealed record GenericKeyAction(string Value, string Key = "generic_key") : RateLimitAction;

/// <summary>The value of a request header, also of <c>:path</c>, <c>:method</c> and <c>:authority</c>.</summary>
/// <param name="Header">Name of the header.</param>
/// <param name="Key">Key.</param>
/// <param name="SkipIfAbsent">Without the header: true leaves the entry out, false leaves the descriptor out.</param>
public sealed record RequestHeaderAction(string Header, string Key, bool SkipIfAbsent = false) : RateLimitAction;

/// <summary>The first value of a query parameter.</summary>
/// <param name="Parameter">Name of the parameter.</param>
/// <param name="Key">Key.</param>
/// <param name="SkipIfAbsent">Without the parameter: true leaves the entry out, false leaves the descriptor out.</param>
public sealed record QueryParameterAction(string Parameter, string Key, bool SkipIfAbsent = false) : RateLimitAction;

/// <summary>The client's address, with the key <c>remote_address</c>.</summary>
public sealed record RemoteAddressAction : RateLimitAction;

/// <summary>A fixed entry for requests whose headers match.</summary>
/// <param name="Value">Value.</param>
/// <param name="Headers">The matches; all must hold.</param>
/// <param name="ExpectMatch">False turns it round: for requests whose headers do not match.</param>
/// <param name="Key">Key.</param>
public sealed record HeaderValueMatchAction(
    string Value, EquatableArray<RateLimitHeaderMatch> Headers, bool ExpectMatch = true, string Key = "header_match") : RateLimitAction;

/// <summary>An action that this model does not have.</summary>
/// <param name="Name">Its name in Envoy's API, for example <c>metadata</c>.</param>
public sealed record OtherRateLimitAction(string Name) : RateLimitAction;

/// <summary>Matches a request header. Without any condition it asks for the header to be there.</summary>
/// <param name="Name">Name of the header.</param>
public sealed record RateLimitHeaderMatch(string Name)
{
    /// <summary>The whole value.</summary>
    public string? Exact { get; init; }

    /// <summary>The beginning of the value.</summary>
    public string? Prefix { get; init; }

    /// <summary>The end of the value.</summary>
    public string? Suffix { get; init; }

    /// <summary>A part of the value.</summary>
    public string? Contains { get; init; }

    /// <summary>A RE2 expression for the whole value.</summary>
    public string? Regex { get; init; }

    /// <summary>Whether the header must be there, or must not.</summary>
    public bool? Present { get; init; }

    /// <summary>Whether the case of ASCII letters does not matter; not for expressions.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Whether the match is turned round.</summary>
    public bool Invert { get; init; }
}
