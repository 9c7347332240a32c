using Istio.Networking;
using Istio.Re2;

namespace Gateway.Routing;

/// <summary>A condition on a text: a header's value, a query parameter, the method. Always with case.</summary>
internal abstract class TextCondition
{
    /// <summary>Whether it holds.</summary>
    public abstract bool Matches(ReadOnlySpan<char> text);

    /// <summary>
    /// Compiles an Istio match; null for one that asks only that there is a value: an empty one, or the regex <c>*</c>, which is no RE2
    /// (istio, pilot/pkg/networking/core/route, <c>canBeConvertedToPresentMatch</c>).
    /// </summary>
    /// <param name="match">The match.</param>
    /// <param name="error">Why the regular expression is none.</param>
    public static TextCondition? Compile(StringMatch? match, out Re2Error? error)
    {
        error = null;
        switch (match)
        {
            case { Exact: { } exact }:
                return new ExactText(exact);
            case { Prefix: { } prefix }:
                return new PrefixText(prefix);
            case { Regex: { } regex } when regex != "*":
                return Re2Pattern.TryParse(regex, out var pattern, out error) ? new RegexText(pattern) : null;
            default:
                return null;
        }
    }
}

/// <summary>The whole text.</summary>
internal sealed class ExactText(string value) : TextCondition
{
    public override bool Matches(ReadOnlySpan<char> text) => text.SequenceEqual(value);

    public override string ToString() => $"\"{value}\"";
}

/// <summary>The beginning of the text.</summary>
internal sealed class PrefixText(string value) : TextCondition
{
    public override bool Matches(ReadOnlySpan<char> text) => text.StartsWith(value, StringComparison.Ordinal);

    public override string ToString() => $"prefix \"{value}\"";
}

/// <summary>A regular expression that takes the whole text.</summary>
internal sealed class RegexText(Re2Pattern pattern) : TextCondition
{
    public override bool Matches(ReadOnlySpan<char> text) => pattern.IsFullMatch(text);

    public override string ToString() => $"regex {pattern.Pattern}";
}
