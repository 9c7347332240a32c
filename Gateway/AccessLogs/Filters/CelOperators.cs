using Gateway.Requests;
using Istio.Re2;
using Microsoft.Extensions.Primitives;

namespace Gateway.AccessLogs.Filters;

/// <summary>CEL's operators and functions.</summary>
/// <remarks>https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions</remarks>
internal static class CelOperators
{
    /// <summary><c>a &amp;&amp; b</c>: false when one is, even if the other fails.</summary>
    public static CelNode And(CelNode left, CelNode right) => summary =>
    {
        var first = left(summary);
        if (first.IsFalse)
        {
            return first;
        }

        var second = right(summary);
        return second.IsFalse ? second : first.IsTrue && second.IsTrue ? second : CelValue.Error;
    };

    /// <summary><c>a || b</c>: true when one is, even if the other fails.</summary>
    public static CelNode Or(CelNode left, CelNode right) => summary =>
    {
        var first = left(summary);
        if (first.IsTrue)
        {
            return first;
        }

        var second = right(summary);
        return second.IsTrue ? second : first.IsFalse && second.IsFalse ? second : CelValue.Error;
    };

    /// <summary><c>!a</c>.</summary>
    public static CelNode Not(CelNode operand) => summary =>
    {
        var value = operand(summary);
        return value.Type == CelType.Bool ? CelValue.Of(!value.IsTrue) : CelValue.Error;
    };

    /// <summary><c>a ? b : c</c>.</summary>
    public static CelNode If(CelNode condition, CelNode then, CelNode otherwise) => summary =>
    {
        var value = condition(summary);
        return value.IsTrue ? then(summary) : value.IsFalse ? otherwise(summary) : CelValue.Error;
    };

    /// <summary>Comparisons. Values of different types are not equal, and not in any order.</summary>
    public static CelNode Compare(string symbol, CelNode left, CelNode right) => summary =>
    {
        var (first, second) = (left(summary), right(summary));
        if (first.Type == CelType.Error || second.Type == CelType.Error)
        {
            return CelValue.Error;
        }

        return (symbol, CelValue.Compare(first, second)) switch
        {
            ("==", var order) => CelValue.Of(order == 0),
            ("!=", var order) => CelValue.Of(order != 0),
            (_, null) => CelValue.Error,
            ("<", var order) => CelValue.Of(order < 0),
            ("<=", var order) => CelValue.Of(order <= 0),
            (">", var order) => CelValue.Of(order > 0),
            (_, var order) => CelValue.Of(order >= 0),
        };
    };

    /// <summary>Arithmetic, and joining of text.</summary>
    public static CelNode Calculate(char symbol, CelNode left, CelNode right) => summary =>
    {
        var (first, second) = (left(summary), right(summary));
        return (first.Type, second.Type) switch
        {
            (CelType.Int, CelType.Int) => Calculate(symbol, first.Number, second.Number),
            (CelType.Double, CelType.Double) => Calculate(symbol, first.Real, second.Real),
            // A sign before a number with a fraction.
            (CelType.Int, CelType.Double) when first.Number == 0 && symbol == '-' => CelValue.Of(-second.Real),
            (CelType.String, CelType.String) when symbol == '+' => CelValue.Of(first.Text + second.Text),
            _ => CelValue.Error,
        };
    };

    /// <summary><c>a in b</c>: an item of a list, or a header that is there.</summary>
    public static CelNode In(CelNode left, CelNode right) => summary =>
    {
        var (item, container) = (left(summary), right(summary));
        if (container.Type == CelType.Headers && item.Type == CelType.String)
        {
            return CelValue.Of(((IHeaderDictionary)container.Reference!).ContainsKey(item.Text));
        }

        if (container.Type != CelType.List || item.Type == CelType.Error)
        {
            return CelValue.Error;
        }

        foreach (var candidate in (CelNode[])container.Reference!)
        {
            if (CelValue.Compare(item, candidate(summary)) == 0)
            {
                return CelValue.Of(true);
            }
        }

        return CelValue.Of(false);
    };

    /// <summary><c>headers['name']</c>.</summary>
    public static CelNode Index(CelNode container, CelNode key) => summary =>
    {
        var (map, name) = (container(summary), key(summary));
        return map.Type == CelType.Headers && name.Type == CelType.String
            && ((IHeaderDictionary)map.Reference!).TryGetValue(name.Text, out var values)
            ? CelValue.Of(Joined(values)) : CelValue.Error;
    };

    /// <summary><c>[a, b]</c>.</summary>
    public static CelNode List(CelNode[] items)
    {
        var list = new CelValue(CelType.List, items.Length, 0, items);
        return _ => list;
    }

    /// <summary>A function that is called on a value; null when there is none of the name.</summary>
    public static CelNode? Method(string name, CelNode target, CelNode[] arguments) => (name, arguments) switch
    {
        ("startsWith", [var text]) => OfTexts(target, text, static (first, second) => first.StartsWith(second, StringComparison.Ordinal)),
        ("endsWith", [var text]) => OfTexts(target, text, static (first, second) => first.EndsWith(second, StringComparison.Ordinal)),
        ("contains", [var text]) => OfTexts(target, text, static (first, second) => first.Contains(second, StringComparison.Ordinal)),
        ("size", []) => Size(target),
        _ => null,
    };

    /// <summary>A function; null when there is none of the name.</summary>
    public static CelNode? Function(string name, CelNode[] arguments) => (name, arguments) switch
    {
        ("size", [var value]) => Size(value),
        ("int", [var value]) => summary => value(summary) is { Type: CelType.Int or CelType.Double } number
            ? CelValue.Of(number.Type == CelType.Int ? number.Number : (long)number.Real) : CelValue.Error,
        ("double", [var value]) => summary => value(summary) is { Type: CelType.Int or CelType.Double } number
            ? CelValue.Of(number.Type == CelType.Int ? number.Number : number.Real) : CelValue.Error,
        _ => null,
    };

    /// <summary><c>text.matches('pattern')</c>: RE2, anywhere in the text.</summary>
    /// <exception cref="FormatException">The pattern is none.</exception>
    public static CelNode Matches(CelNode target, string pattern) => Re2Pattern.TryParse(pattern, out var regex, out var error)
        ? summary => target(summary) is { Type: CelType.String } text ? CelValue.Of(regex.IsPartialMatch(text.Text)) : CelValue.Error
        : throw new FormatException($"the pattern of matches is invalid: {error.Message}");

    /// <summary><c>duration('1.5s')</c>.</summary>
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static CelNode Duration(string text)
    {
        var value = Istio.Documents.Duration.TryParse(text, out var duration)
            ? CelValue.Of(duration)
            : throw new FormatException($"\"{text}\" is no duration");
        return _ => value;
    }

    private static CelNode OfTexts(CelNode left, CelNode right, Func<string, string, bool> test) => summary =>
    {
        var (first, second) = (left(summary), right(summary));
        return first.Type == CelType.String && second.Type == CelType.String ? CelValue.Of(test(first.Text, second.Text)) : CelValue.Error;
    };

    private static CelNode Size(CelNode value) => summary => value(summary) switch
    {
        { Type: CelType.String } text => CelValue.Of(text.Text.Length),
        { Type: CelType.List } list => CelValue.Of(list.Number),
        { Type: CelType.Headers } headers => CelValue.Of(((IHeaderDictionary)headers.Reference!).Count),
        _ => CelValue.Error,
    };

    private static CelValue Calculate(char symbol, long left, long right)
    {
        try
        {
            return symbol switch
            {
                '+' => CelValue.Of(checked(left + right)),
                '-' => CelValue.Of(checked(left - right)),
                '*' => CelValue.Of(checked(left * right)),
                '/' when right != 0 => CelValue.Of(left / right),
                '%' when right != 0 => CelValue.Of(left % right),
                _ => CelValue.Error,
            };
        }
        catch (OverflowException)
        {
            return CelValue.Error;
        }
    }

    private static CelValue Calculate(char symbol, double left, double right) => symbol switch
    {
        '+' => CelValue.Of(left + right),
        '-' => CelValue.Of(left - right),
        '*' => CelValue.Of(left * right),
        '/' => CelValue.Of(left / right),
        _ => CelValue.Error,
    };

    private static string Joined(StringValues values) => values.Count == 1 ? values[0] ?? "" : string.Join(',', values.ToArray());
}
