using System.Globalization;
using System.Text;

namespace Gateway.AccessLogs.Filters;

/// <summary>The kinds of tokens.</summary>
internal enum CelTokenKind
{
    End,
    Name,
    Int,
    Double,
    String,
    Operator,
}

/// <summary>A token.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">A name, an operator, or the value of a string.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position);

/// <summary>Divides an expression into tokens.</summary>
/// <remarks>https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax</remarks>
internal static class CelLexer
{
    private static readonly string[] Operators =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ".", ",", "?", ":", "+", "-", "*", "/", "%"];

    /// <summary>All tokens, with one that marks the end.</summary>
    /// <exception cref="FormatException">A character begins no token.</exception>
    public static List<CelToken> Tokens(string text)
    {
        var tokens = new List<CelToken>();
        for (var position = 0; position < text.Length;)
        {
            var character = text[position];
            if (char.IsWhiteSpace(character))
            {
                position++;
                continue;
            }

            tokens.Add(character is '"' or '\'' ? ReadString(text, position, out position)
                : char.IsAsciiDigit(character) ? ReadNumber(text, position, out position)
                : char.IsAsciiLetter(character) || character == '_' ? ReadName(text, position, out position)
                : ReadOperator(text, position, out position));
        }

        tokens.Add(new CelToken(CelTokenKind.End, "", text.Length));
        return tokens;
    }

    private static CelToken ReadName(string text, int start, out int end)
    {
        for (end = start; end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'); end++)
        {
        }

        return new CelToken(CelTokenKind.Name, text[start..end], start);
    }

    private static CelToken ReadNumber(string text, int start, out int end)
    {
        for (end = start; end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'); end++)
        {
        }

        var number = text[start..end];
        var isDouble = number.Contains('.', StringComparison.Ordinal);
        if (isDouble
            ? !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            : !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new FormatException($"{number} at character {start} is no number");
        }

        // An unsigned number is one all the same.
        end += end < text.Length && text[end] is 'u' or 'U' ? 1 : 0;
        return new CelToken(isDouble ? CelTokenKind.Double : CelTokenKind.Int, number, start);
    }

    private static CelToken ReadString(string text, int start, out int end)
    {
        var value = new StringBuilder();
        for (end = start + 1; end < text.Length && text[end] != text[start]; end++)
        {
            if (text[end] != '\\')
            {
                value.Append(text[end]);
                continue;
            }

            end++;
            value.Append(end >= text.Length ? throw new FormatException($"the string at character {start} has no end") : text[end] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '"' or '\'' or '`' or '?' => text[end],
                var other => throw new FormatException($"\\{other} at character {end - 1} is no escape that is known here"),
            });
        }

        if (end >= text.Length)
        {
            throw new FormatException($"the string at character {start} has no end");
        }

        end++;
        return new CelToken(CelTokenKind.String, value.ToString(), start);
    }

    private static CelToken ReadOperator(string text, int start, out int end)
    {
        foreach (var symbol in Operators)
        {
            if (text.AsSpan(start).StartsWith(symbol, StringComparison.Ordinal))
            {
                end = start + symbol.Length;
                return new CelToken(CelTokenKind.Operator, symbol, start);
            }
        }

        throw new FormatException($"the character {text[start]} at {start} may not stand in an expression");
    }
}
