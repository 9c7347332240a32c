using Istio.Documents;
using Istio.Networking;
using Istio.Re2;

namespace Istio.Validation.Analysis;

/// <summary>Whether one HTTP match takes every request that another one takes. When in doubt the answer is no.</summary>
internal static class MatchCoverage
{
    /// <summary>True for a match that takes every request: Istio sends no later rule to the proxies.</summary>
    public static bool IsCatchAll(HTTPMatchRequest match) =>
        IsAnyPath(match.Uri)
        && match is { Scheme: null, Method: null, Authority: null }
        && match is { Headers.IsEmpty: true, WithoutHeaders.IsEmpty: true, QueryParams.IsEmpty: true }
        && match is { Port: null or 0, SourceLabels.IsEmpty: true, SourceNamespace: null or "", Gateways.IsEmpty: true };

    public static bool Covers(HTTPMatchRequest wide, HTTPMatchRequest narrow, EquatableArray<string> gateways) =>
        CoversPath(wide, narrow)
        && CoversText(wide.Scheme, narrow.Scheme) && CoversText(wide.Method, narrow.Method) && CoversText(wide.Authority, narrow.Authority)
        && CoversAll(wide.Headers, narrow.Headers) && CoversAll(wide.QueryParams, narrow.QueryParams)
        && CoversAbsent(wide.WithoutHeaders, narrow.WithoutHeaders)
        && (wide.Port is null or 0 || wide.Port == narrow.Port)
        && (string.IsNullOrEmpty(wide.SourceNamespace) || wide.SourceNamespace == narrow.SourceNamespace)
        && wide.SourceLabels.All(label => narrow.SourceLabels.TryGetValue(label.Key, out var value) && value == label.Value)
        && (wide.Gateways.IsEmpty || (narrow.Gateways.IsEmpty
            ? gateways
            : narrow.Gateways) is { IsEmpty: false } bound && bound.All(wide.Gateways.Contains));

    private static bool IsAnyPath(StringMatch? uri) =>
        uri is null or { Exact: null, Prefix: null or "" or "/", Regex: null } or { Exact: null, Prefix: null, Regex: ".*" };

    private static bool CoversPath(HTTPMatchRequest wide, HTTPMatchRequest narrow)
    {
        if (IsAnyPath(wide.Uri))
        {
            return true;
        }

        // Only exact and prefix ignore case. A narrow match that ignores case takes spellings that a wide one with case does not.
        var (wideAny, narrowAny) = (wide.IgnoreUriCase == true, narrow.IgnoreUriCase == true);
        return narrow.Uri is not null && (wideAny || !narrowAny || narrow.Uri.Regex is not null)
            && CoversText(wide.Uri, narrow.Uri, wideAny && wide.Uri?.Regex is null
                ? StringComparison.OrdinalIgnoreCase
                : StringComparison.Ordinal)
            && !(narrowAny && wide.Uri?.Regex is not null && narrow.Uri.Regex is null);
    }

    private static bool CoversText(StringMatch? wide, StringMatch? narrow, StringComparison comparison = StringComparison.Ordinal)
    {
        if (wide is null)
        {
            return true;
        }

        if (narrow is null)
        {
            return false;
        }

        if (IsPresence(wide))
        {
            return true;
        }

        if (wide.Exact is { } exact)
        {
            return string.Equals(exact, narrow.Exact, comparison);
        }

        if (wide.Prefix is { } prefix)
        {
            return (narrow.Exact ?? narrow.Prefix)?.StartsWith(prefix, comparison) == true;
        }

        return wide.Regex == narrow.Regex
            || (narrow.Exact is { } text && Re2Pattern.TryParse(wide.Regex!, out var pattern, out _) && pattern.IsFullMatch(text));
    }

    /// <summary>An empty match, or the regex "*", asks only that the header is there.</summary>
    private static bool IsPresence(StringMatch match) => match is { Exact: null, Prefix: null, Regex: null or "*" or ".*" };

    private static bool CoversAll(EquatableDictionary<StringMatch> wide, EquatableDictionary<StringMatch> narrow) =>
        wide.All(entry => narrow.TryGetValue(entry.Key, out var other) && CoversText(entry.Value, other));

    /// <summary>"Without" turns the direction round: what the wide match forbids, the narrow one must forbid too.</summary>
    private static bool CoversAbsent(EquatableDictionary<StringMatch> wide, EquatableDictionary<StringMatch> narrow) =>
        wide.All(entry => narrow.TryGetValue(entry.Key, out var other) && CoversText(other, entry.Value));
}
