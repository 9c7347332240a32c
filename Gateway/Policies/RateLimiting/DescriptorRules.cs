using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Networking;
using Istio.Re2;

namespace Gateway.Policies.RateLimiting;

/// <summary>An entry of a request's descriptor.</summary>
/// <param name="Key">Key.</param>
/// <param name="Value">Value.</param>
internal readonly record struct DescriptorEntry(string Key, string Value);

/// <summary>The rules that give requests their descriptors, ready to run.</summary>
/// <remarks>Envoy source/common/router/router_ratelimit.cc, extensions/filters/common/ratelimit_config/ratelimit_config.cc</remarks>
internal sealed class DescriptorRules
{
    private readonly ImmutableArray<ImmutableArray<Source>> _rules;

    private DescriptorRules(ImmutableArray<ImmutableArray<Source>> rules) => _rules = rules;

    /// <summary>Adds an action's entry; false when the request has no such descriptor.</summary>
    private delegate bool Source(RequestHead request, List<DescriptorEntry> entries);

    /// <summary>No rules.</summary>
    public static DescriptorRules None { get; } = new([]);

    /// <summary>How many descriptors a request may get.</summary>
    public int Count => _rules.Length;

    /// <summary>Makes rules ready that have no fault.</summary>
    public static DescriptorRules Compile(IEnumerable<RateLimitRule> rules)
    {
        ImmutableArray<ImmutableArray<Source>> compiled = [.. rules.Select(rule => rule.Actions.Select(Compile).ToImmutableArray())];
        return compiled.IsEmpty ? None : new DescriptorRules(compiled);
    }

    /// <summary>What cannot be executed in rules; null when all can.</summary>
    public static string? FaultOf(IEnumerable<RateLimitRule> rules)
    {
        foreach (var action in rules.SelectMany(rule => rule.Actions))
        {
            if (action is OtherRateLimitAction other)
            {
                return $"the gateway does not execute {other.Name} of rate_limits";
            }

            foreach (var match in action is HeaderValueMatchAction { Headers: var headers } ? headers : [])
            {
                if (match.Regex is { } regex && !Re2Pattern.TryParse(regex, out _, out var error))
                {
                    return $"\"{regex}\" is no expression of RE2: {error.Message}";
                }
            }
        }

        return null;
    }

    /// <summary>Makes the descriptor of one rule.</summary>
    /// <param name="index">The rule.</param>
    /// <param name="request">The request.</param>
    /// <param name="entries">Receives the entries, in place of what is in it.</param>
    /// <returns>Whether the request has the descriptor.</returns>
    public bool Describe(int index, RequestHead request, List<DescriptorEntry> entries)
    {
        entries.Clear();
        foreach (var source in _rules[index])
        {
            if (!source(request, entries))
            {
                return false;
            }
        }

        return entries.Count > 0;
    }

    private static Source Compile(RateLimitAction action)
    {
        switch (action)
        {
            case GenericKeyAction generic:
                var fixedEntry = new DescriptorEntry(generic.Key, generic.Value);
                return (_, entries) => Add(entries, fixedEntry);
            case RequestHeaderAction header:
                return (request, entries) => FirstValue(request, header.Header) is { Length: > 0 } value
                    ? Add(entries, new(header.Key, value))
                    : header.SkipIfAbsent;
            case QueryParameterAction query:
                return (request, entries) => QueryParameters.Find(request.Query, query.Parameter) is { } value
                    ? Add(entries, new(query.Key, value.ToString()))
                    : query.SkipIfAbsent;
            case RemoteAddressAction:
                return (request, entries) => (request.RemoteAddress ?? request.SourceAddress) is { } address
                    && Add(entries, new("remote_address", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()));
            case HeaderValueMatchAction match:
                var matched = new DescriptorEntry(match.Key, match.Value);
                var conditions = match.Headers.Select(Condition).ToArray();
                return (request, entries) => Array.TrueForAll(conditions, condition => condition(request)) == match.ExpectMatch
                    && Add(entries, matched);
            default:
                throw new ArgumentException($"{action} is not executed.", nameof(action));
        }
    }

    private static bool Add(List<DescriptorEntry> entries, DescriptorEntry entry)
    {
        entries.Add(entry);
        return true;
    }

    /// <summary>Of several values the first counts here, not all of them joined.</summary>
    private static string? FirstValue(RequestHead request, string name) =>
        request.Headers.TryGetValue(name, out var values) && values.Count > 0
            ? values[0]
            : RequestHeader.Find(request, name);

    /// <summary>A missing header matches only the question whether it is there, also when the match is turned round.</summary>
    private static Predicate<RequestHead> Condition(RateLimitHeaderMatch match)
    {
        var comparison = match.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var pattern = match.Regex is { } regex && Re2Pattern.TryParse(regex, out var parsed, out _) ? parsed : null;
        Predicate<string>? ofValue = match switch
        {
            { Exact: { } exact } => value => value.Equals(exact, comparison),
            { Prefix: { } prefix } => value => value.StartsWith(prefix, comparison),
            { Suffix: { } suffix } => value => value.EndsWith(suffix, comparison),
            { Contains: { } part } => value => value.Contains(part, comparison),
            _ when pattern is not null => value => pattern.IsFullMatch(value),
            _ => null,
        };
        var isWanted = match.Present ?? true;
        return ofValue is null
            ? request => (RequestHeader.Find(request, match.Name) is not null == isWanted) != match.Invert
            : request => RequestHeader.Find(request, match.Name) is { } value && ofValue(value) != match.Invert;
    }
}
