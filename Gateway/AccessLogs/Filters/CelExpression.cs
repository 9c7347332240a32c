using System.Diagnostics.CodeAnalysis;
using Gateway.Requests;

namespace Gateway.AccessLogs.Filters;

/// <summary>
/// A condition on a request in CEL, compiled: the part of the language that filters of access logs need. Comparisons, logic, arithmetic,
/// <c>in</c>, the functions for text, <c>size</c>, <c>has</c> and <c>duration</c>.
/// </summary>
/// <remarks>https://github.com/google/cel-spec/blob/master/doc/langdef.md</remarks>
internal sealed class CelExpression
{
    private readonly CelNode _root;

    private CelExpression(string text, CelNode root) => (Text, _root) = (text, root);

    /// <summary>Is never true.</summary>
    public static CelExpression Never { get; } = new("false", static _ => CelValue.Of(false));

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>Compiles an expression.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CelExpression? expression, [NotNullWhen(false)] out string? error)
    {
        try
        {
            expression = new CelExpression(text, CelParser.Parse(text));
            error = null;
            return true;
        }
        catch (FormatException exception)
        {
            (expression, error) = (null, exception.Message);
            return false;
        }
    }

    /// <summary>Whether it is true of a request. One that fails, for want of an attribute say, is not.</summary>
    public bool IsTrue(RequestSummary summary) => _root(summary).IsTrue;
}
