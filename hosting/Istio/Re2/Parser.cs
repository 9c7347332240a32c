using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Istio.Re2;

/// <summary>
/// Reads RE2's language (https://github.com/google/re2/wiki/Syntax) into nodes, accepting and rejecting what RE2 does with its default
/// options. Two limits come from Go's regexp, because Istio's validation compiles every pattern with it before Envoy sees it: nesting
/// of at most 1000, and no group name twice; for the same reason <c>\C</c> is refused.
/// </summary>
internal sealed partial class Parser
{
    private const int MaxRepeat = 1000;
    private const int MaxHeight = 1000;

    private readonly string _pattern;
    private readonly Stack<Group> _groups = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private PatternFlags _flags;
    private int _position;
    private int _captures;
    private int _lastRepetition = -1;
    private Re2Error? _error;

    private Parser(string pattern)
    {
        _pattern = pattern;
        _groups.Push(new Group(0, Capture: 0, PatternFlags.None));
    }

    private bool FoldCase => (_flags & PatternFlags.FoldCase) != 0;

    private List<Node> Items => _groups.Peek().Items;

    /// <summary>Parses a pattern into its root node and number of groups, or says what is wrong with it.</summary>
    public static bool TryParse(
        string pattern, [NotNullWhen(true)] out Node? root, out int captures, [NotNullWhen(false)] out Re2Error? error)
    {
        var parser = new Parser(pattern);
        root = parser.Parse();
        captures = parser._captures;
        error = parser._error;
        return root is not null;
    }

    private Node? Parse()
    {
        for (int i = 0, length; i < _pattern.Length; i += length)
        {
            if (Rune.DecodeFromUtf16(_pattern.AsSpan(i), out _, out length) != OperationStatus.Done)
            {
                _error = new(Re2ErrorCode.BadUtf8, "invalid UTF-8", i);
                return null;
            }
        }

        while (_position < _pattern.Length)
        {
            var isRepetition = false;
            if (!ParseNext(ref isRepetition))
            {
                return null;
            }

            if (!isRepetition)
            {
                _lastRepetition = -1;
            }
        }

        if (_groups.Count > 1)
        {
            _error = new(Re2ErrorCode.MissingParen, $"missing ): {_pattern}", _groups.Peek().Position);
            return null;
        }

        return _groups.Pop().ToNode();
    }

    private bool ParseNext(ref bool isRepetition)
    {
        switch (_pattern[_position])
        {
            case '(' when At(1, '?'):
                return ParsePerlGroup();
            case '(':
                OpenGroup(++_captures, _position + 1);
                return true;
            case '|':
                _groups.Peek().EndBranch();
                _position++;
                return true;
            case ')':
                return CloseGroup();
            case '^':
                return Push(new AssertionNode(Is(PatternFlags.MultiLine) ? Assertion.BeginLine : Assertion.BeginText), 1);
            case '$':
                return Push(new AssertionNode(Is(PatternFlags.MultiLine) ? Assertion.EndLine : Assertion.EndText), 1);
            case '.':
                return Push(new SetNode(Is(PatternFlags.DotNewline) ? RuneSet.Any : RuneSet.NotNewline), 1);
            case '[':
                return ParseClass();
            case '*':
                isRepetition = true;
                return ParseRepetition(RepeatOperator.Star, 0, -1, _position + 1);
            case '+':
                isRepetition = true;
                return ParseRepetition(RepeatOperator.Plus, 1, -1, _position + 1);
            case '?':
                isRepetition = true;
                return ParseRepetition(RepeatOperator.Quest, 0, 1, _position + 1);
            case '{' when TryReadCount(out var min, out var max, out var end):
                isRepetition = true;
                return ParseRepetition(RepeatOperator.Count, min, max, end);
            case '\\':
                return ParseBackslash();
            default:
                PushLiteral(NextRune());
                return true;
        }
    }

    private bool Is(PatternFlags flag) => (_flags & flag) != 0;

    private bool At(int offset, char c) => _position + offset < _pattern.Length && _pattern[_position + offset] == c;

    private int NextRune()
    {
        var rune = char.ConvertToUtf32(_pattern, _position);
        _position += rune > char.MaxValue ? 2 : 1;
        return rune;
    }

    private bool Push(Node node, int length)
    {
        Items.Add(node);
        _position += length;
        return true;
    }

    private void PushLiteral(int rune)
    {
        if (FoldCase && UnicodeTables.Orbit(rune) is { IsEmpty: false })
        {
            var builder = new RuneSetBuilder();
            builder.Add(rune, rune, foldCase: true);
            Items.Add(new SetNode(builder.ToSet()));
        }
        else
        {
            Items.Add(new LiteralNode(rune));
        }
    }

    private void PushSet(RuneSet set) =>
        Items.Add(set.Count == 1 ? new LiteralNode(set.Ranges[0].Lo) : new SetNode(set));

    private void OpenGroup(int capture, int end)
    {
        _groups.Push(new Group(_position, capture, _flags));
        _position = end;
    }

    private bool CloseGroup()
    {
        if (_groups.Count == 1)
        {
            _error = new(Re2ErrorCode.UnexpectedParen, $"unexpected ): {_pattern}", _position);
            return false;
        }

        var group = _groups.Pop();
        var node = group.ToNode();
        _flags = group.Flags;
        return PushChecked(group.Capture > 0 ? new CaptureNode(group.Capture, node) : node, group.Position, ++_position);
    }

    private bool PushChecked(Node node, int start, int end)
    {
        Items.Add(node);
        return node.Height <= MaxHeight || Fail(Re2ErrorCode.NestingDepth, start, end);
    }

    private bool ParseRepetition(RepeatOperator op, int min, int max, int end)
    {
        var start = _position;
        _position = end;
        var flags = _flags;
        if (At(0, '?'))
        {
            flags ^= PatternFlags.NonGreedy;
            _position++;
        }

        if (_lastRepetition >= 0)
        {
            return Fail(Re2ErrorCode.RepeatOp, _lastRepetition, _position);
        }

        if (op == RepeatOperator.Count && (min > MaxRepeat || max > MaxRepeat || (max >= 0 && max < min)))
        {
            return Fail(Re2ErrorCode.RepeatSize, start, _position);
        }

        if (Items.Count == 0)
        {
            return Fail(Re2ErrorCode.RepeatArgument, start, _position);
        }

        var sub = Items[^1];
        Items.RemoveAt(Items.Count - 1);
        var node = op == RepeatOperator.Count ? new RepeatNode(op, sub, min, max, flags) : RepeatNode.Squash(op, sub, flags);
        if (op == RepeatOperator.Count && (min >= 2 || max >= 2) && node.Copies > MaxRepeat)
        {
            return Fail(Re2ErrorCode.RepeatSize, start, _position);
        }

        _lastRepetition = start;
        return PushChecked(node, start, _position);
    }

    /// <summary>Looks for <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; anything else in braces is literal text.</summary>
    private bool TryReadCount(out int min, out int max, out int end)
    {
        max = -1;
        end = _position + 1;
        if (!TryReadInteger(ref end, out min) || end >= _pattern.Length)
        {
            return false;
        }

        if (_pattern[end] != ',')
        {
            max = min;
        }
        else if (++end >= _pattern.Length || (_pattern[end] != '}' && !TryReadInteger(ref end, out max)))
        {
            return false;
        }

        return end < _pattern.Length && _pattern[end++] == '}';
    }

    private bool TryReadInteger(ref int end, out int value)
    {
        value = -1;
        if (end >= _pattern.Length || !char.IsAsciiDigit(_pattern[end])
            || (_pattern[end] == '0' && end + 1 < _pattern.Length && char.IsAsciiDigit(_pattern[end + 1])))
        {
            return false;
        }

        for (value = 0; end < _pattern.Length && char.IsAsciiDigit(_pattern[end]); end++)
        {
            // As RE2: a number that long makes the braces literal text.
            if (value >= 100_000_000)
            {
                return false;
            }

            value = (value * 10) + _pattern[end] - '0';
        }

        return true;
    }

    private bool Fail(Re2ErrorCode code, int start, int end, string? reason = null)
    {
        var text = code switch
        {
            Re2ErrorCode.BadEscape => "invalid escape sequence",
            Re2ErrorCode.BadCharRange => "invalid character class range",
            Re2ErrorCode.MissingBracket => "missing ]",
            Re2ErrorCode.RepeatArgument => "no argument for repetition operator",
            Re2ErrorCode.RepeatSize => "invalid repetition size",
            Re2ErrorCode.RepeatOp => "bad repetition operator",
            Re2ErrorCode.BadPerlOp => "invalid perl operator",
            Re2ErrorCode.BadNamedCapture => "invalid named capture group",
            Re2ErrorCode.NestingDepth => "expression nests too deeply",
            _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
        };
        _error = new(code, $"{text}: {_pattern[start..end]}{(reason is null ? "" : $" ({reason})")}", start);
        return false;
    }

    /// <summary>An open group: the branches that ended at a <c>|</c>, and the items of the present one.</summary>
    private sealed record Group(int Position, int Capture, PatternFlags Flags)
    {
        private readonly List<Node> _branches = [];

        public List<Node> Items { get; } = [];

        public void EndBranch()
        {
            var flat = new List<Node>(Items.Count);
            foreach (var item in Items)
            {
                if (item is ConcatNode concat)
                {
                    flat.AddRange(concat.Items);
                }
                else
                {
                    flat.Add(item);
                }
            }

            _branches.Add(flat.Count switch { 0 => EmptyNode.Instance, 1 => flat[0], _ => new ConcatNode([.. flat]) });
            Items.Clear();
        }

        public Node ToNode()
        {
            EndBranch();
            return _branches.Count == 1 ? _branches[0] : new AlternateNode([.. _branches]);
        }
    }
}
