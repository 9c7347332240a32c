using Istio.Documents;

namespace Istio.Networking;

/// <summary>Writes the conditions of a rule in C#. Each call returns a changed copy; conditions of one match must all hold.</summary>
public static class MatchExtensions
{
    extension(StringMatch)
    {
        /// <summary>A condition of exactly one kind.</summary>
        /// <param name="exact">The whole text.</param>
        /// <param name="prefix">How the text begins.</param>
        /// <param name="regex">A regular expression (RE2) for the whole text.</param>
        /// <exception cref="ArgumentException">None or more than one is given.</exception>
        public static StringMatch Of(string? exact = null, string? prefix = null, string? regex = null)
        {
            var count = (exact is null ? 0 : 1) + (prefix is null ? 0 : 1) + (regex is null ? 0 : 1);
            return count == 1
                ? new StringMatch { Exact = exact, Prefix = prefix, Regex = regex }
                : throw new ArgumentException("Give exactly one of exact, prefix and regex.");
        }
    }

    /// <summary>
    /// Adds a condition on the path: one of exact, prefix and regex. A prefix is compared as text: /api also matches /apis.
    /// </summary>
    public static HTTPMatchRequest Uri(this HTTPMatchRequest match, string? exact = null, string? prefix = null, string? regex = null) =>
        match with { Uri = StringMatch.Of(exact, prefix, regex) };

    /// <summary>Exact and prefix conditions on the path ignore case.</summary>
    public static HTTPMatchRequest IgnoreUriCase(this HTTPMatchRequest match) => match with { IgnoreUriCase = true };

    /// <summary>Adds a condition on the method, such as GET.</summary>
    public static HTTPMatchRequest Method(this HTTPMatchRequest match, string? exact = null, string? prefix = null, string? regex = null) =>
        match with { Method = StringMatch.Of(exact, prefix, regex) };

    /// <summary>Adds a condition on the Host/Authority header.</summary>
    public static HTTPMatchRequest Authority(this HTTPMatchRequest match, string? exact = null, string? prefix = null,
        string? regex = null) =>
        match with { Authority = StringMatch.Of(exact, prefix, regex) };

    /// <summary>Adds a condition on the URI scheme.</summary>
    public static HTTPMatchRequest Scheme(this HTTPMatchRequest match, string? exact = null, string? prefix = null, string? regex = null) =>
        match with { Scheme = StringMatch.Of(exact, prefix, regex) };

    /// <summary>Adds a condition on a header, by its lower-case name; without a value, that it is present.</summary>
    public static HTTPMatchRequest Header(this HTTPMatchRequest match, string name, string? exact = null, string? prefix = null,
        string? regex = null) =>
        match with { Headers = match.Headers.With(name, ValueOrPresence(exact, prefix, regex)) };

    /// <summary>Adds a condition that a header must not meet; without a value, that it is absent.</summary>
    public static HTTPMatchRequest WithoutHeader(
        this HTTPMatchRequest match, string name, string? exact = null, string? prefix = null, string? regex = null) =>
        match with { WithoutHeaders = match.WithoutHeaders.With(name, ValueOrPresence(exact, prefix, regex)) };

    /// <summary>Adds a condition on a query parameter; without a value, that it is present.</summary>
    public static HTTPMatchRequest QueryParam(this HTTPMatchRequest match, string name, string? exact = null, string? regex = null) =>
        match with { QueryParams = match.QueryParams.With(name, ValueOrPresence(exact, null, regex)) };

    /// <summary>Adds a condition on the port that the request arrives at.</summary>
    public static HTTPMatchRequest Port(this HTTPMatchRequest match, int port) => match with { Port = checked((uint)port) };

    /// <summary>Adds a condition on a label of the calling workload; applies in sidecars only.</summary>
    public static HTTPMatchRequest SourceLabel(this HTTPMatchRequest match, string key, string value) =>
        match with { SourceLabels = match.SourceLabels.With(key, value) };

    /// <summary>Adds a condition on the namespace of the calling workload; applies in sidecars only.</summary>
    public static HTTPMatchRequest SourceNamespace(this HTTPMatchRequest match, string @namespace) =>
        match with { SourceNamespace = @namespace };

    /// <summary>Restricts the match to these of the resource's gateways.</summary>
    public static HTTPMatchRequest Gateways(this HTTPMatchRequest match, params ReadOnlySpan<string> gateways) =>
        match with { Gateways = match.Gateways.AddRange(gateways) };

    private static StringMatch ValueOrPresence(string? exact, string? prefix, string? regex) =>
        exact is null && prefix is null && regex is null ? new StringMatch() : StringMatch.Of(exact, prefix, regex);
}
