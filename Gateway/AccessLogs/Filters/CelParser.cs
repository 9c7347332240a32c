using System.Globalization;

namespace Gateway.AccessLogs.Filters;

/// <summary>Parses an expression and compiles it as it goes, by recursive descent.</summary>
internal sealed class CelParser
{
    private const int MaxDepth = 100;

    private readonly List<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(List<CelToken> tokens) => _tokens = tokens;

    private CelToken Current => _tokens[_next];

    /// <summary>Compiles an expression.</summary>
    /// <exception cref="FormatException">It is none, or uses what is not known here.</exception>
    public static CelNode Parse(string text)
    {
        var parser = new CelParser(CelLexer.Tokens(text));
        var root = parser.ParseCondition();
        return parser.Current.Kind == CelTokenKind.End ? root : throw parser.Unexpected();
    }

    private CelNode ParseCondition()
    {
        if (++_depth > MaxDepth)
        {
            throw new FormatException("the expression is nested too deeply");
        }

        var condition = ParseOr();
        if (Take("?"))
        {
            var then = ParseOr();
            Expect(":");
            condition = CelOperators.If(condition, then, ParseCondition());
        }

        _depth--;
        return condition;
    }

    private CelNode ParseOr()
    {
        var left = ParseAnd();
        while (Take("||"))
        {
            left = CelOperators.Or(left, ParseAnd());
        }

        return left;
    }

    private CelNode ParseAnd()
    {
        var left = ParseRelation();
        while (Take("&&"))
        {
            left = CelOperators.And(left, ParseRelation());
        }

        return left;
    }

    private CelNode ParseRelation()
    {
        var left = ParseSum();
        while (true)
        {
            if (Current is { Kind: CelTokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" })
            {
                var symbol = TakeAny().Text;
                left = CelOperators.Compare(symbol, left, ParseSum());
            }
            else if (Current is { Kind: CelTokenKind.Name, Text: "in" })
            {
                TakeAny();
                left = CelOperators.In(left, ParseSum());
            }
            else
            {
                return left;
            }
        }
    }

    private CelNode ParseSum()
    {
        var left = ParseProduct();
        while (Current is { Kind: CelTokenKind.Operator, Text: "+" or "-" })
        {
            left = CelOperators.Calculate(TakeAny().Text[0], left, ParseProduct());
        }

        return left;
    }

    private CelNode ParseProduct()
    {
        var left = ParseUnary();
        while (Current is { Kind: CelTokenKind.Operator, Text: "*" or "/" or "%" })
        {
            left = CelOperators.Calculate(TakeAny().Text[0], left, ParseUnary());
        }

        return left;
    }

    private CelNode ParseUnary()
    {
        if (++_depth > MaxDepth)
        {
            throw new FormatException("the expression is nested too deeply");
        }

        var node = Take("!") ? CelOperators.Not(ParseUnary())
            : Take("-") ? CelOperators.Calculate('-', static _ => CelValue.Of(0L), ParseUnary())
            : ParseMember();
        _depth--;
        return node;
    }

    private CelNode ParseMember()
    {
        var node = ParsePrimary();
        while (true)
        {
            if (Take("["))
            {
                node = CelOperators.Index(node, ParseCondition());
                Expect("]");
            }
            else if (Take("."))
            {
                var name = TakeName();
                Expect("(");
                node = name.Text == "matches" ? CelOperators.Matches(node, TakeLiteral())
                    : CelOperators.Method(name.Text, node, ParseArguments())
                    ?? throw new FormatException($"there is no function {name.Text} for this at character {name.Position}");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode ParsePrimary()
    {
        var token = TakeAny();
        switch (token.Kind)
        {
            case CelTokenKind.Int:
                return Constant(CelValue.Of(long.Parse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture)));
            case CelTokenKind.Double:
                return Constant(CelValue.Of(double.Parse(token.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)));
            case CelTokenKind.String:
                return Constant(CelValue.Of(token.Text));
            case CelTokenKind.Name when token.Text is "true" or "false":
                return Constant(CelValue.Of(token.Text == "true"));
            case CelTokenKind.Name:
                return ParseName(token);
            case CelTokenKind.Operator when token.Text == "(":
                var inner = ParseCondition();
                Expect(")");
                return inner;
            case CelTokenKind.Operator when token.Text == "[":
                return CelOperators.List(ParseItems("]"));
            default:
                _next--;
                throw Unexpected();
        }
    }

    /// <summary>A function, or the longest chain of names that is an attribute.</summary>
    private CelNode ParseName(CelToken first)
    {
        if (Take("("))
        {
            return first.Text == "has" ? ParseHas()
                : first.Text == "duration" ? CelOperators.Duration(TakeLiteral())
                : CelOperators.Function(first.Text, ParseArguments())
                ?? throw new FormatException($"there is no function {first.Text} at character {first.Position}");
        }

        var name = first.Text;
        while (CelAttributes.Find(name) is null && Current is { Kind: CelTokenKind.Operator, Text: "." }
            && _tokens[_next + 1].Kind == CelTokenKind.Name && _tokens[_next + 2] is not { Kind: CelTokenKind.Operator, Text: "(" })
        {
            _next++;
            name += "." + TakeName().Text;
        }

        return CelAttributes.Find(name) ?? throw new FormatException($"there is no attribute {name} at character {first.Position}");
    }

    /// <summary><c>has(a.b)</c>: whether the attribute has a value.</summary>
    private CelNode ParseHas()
    {
        var node = ParseCondition();
        Expect(")");
        return summary => CelValue.Of(node(summary).Type != CelType.Error);
    }

    private CelNode[] ParseArguments() => ParseItems(")");

    private CelNode[] ParseItems(string end)
    {
        var items = new List<CelNode>();
        while (!Take(end))
        {
            if (items.Count > 0)
            {
                Expect(",");
            }

            items.Add(ParseCondition());
        }

        return [.. items];
    }

    private static CelNode Constant(CelValue value) => _ => value;

    private CelToken TakeAny() => Current.Kind == CelTokenKind.End ? throw Unexpected() : _tokens[_next++];

    /// <summary>The only argument of a function that wants a string that is known beforehand.</summary>
    private string TakeLiteral()
    {
        var token = Current.Kind == CelTokenKind.String ? TakeAny() : throw Unexpected();
        Expect(")");
        return token.Text;
    }

    private CelToken TakeName() => Current.Kind == CelTokenKind.Name ? _tokens[_next++] : throw Unexpected();

    private bool Take(string symbol)
    {
        var isThere = Current.Kind == CelTokenKind.Operator && Current.Text == symbol;
        _next += isThere ? 1 : 0;
        return isThere;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw new FormatException($"{symbol} is missing at character {Current.Position}");
        }
    }

    private FormatException Unexpected() => new(Current.Kind == CelTokenKind.End
        ? "the expression ends too early"
        : $"\"{Current.Text}\" at character {Current.Position} may not stand there");
}
