using System.Text;

namespace Istio.Re2;

/// <summary>
/// Makes a <see cref="OnePass"/> of nodes where the next symbol tells the branches of every choice apart. That covers what
/// routes are made of: literals with a tail (<c>/api/.*</c>), optional tails (<c>/api(/.*)?</c>, <c>/api(/|$)(.*)</c>), segments
/// (<c>/users/[^/]+/orders</c>), alternatives (<c>/(eu|us)/.*</c>), all of it under <c>(?i)</c> too.
/// </summary>
internal sealed class OnePassCompiler
{
    private const int MaxSteps = 256;

    private readonly List<Step> _steps = [];

    private OnePassCompiler()
    {
    }

    /// <summary>For matches of a whole text; null if the pattern is not of that kind.</summary>
    public static OnePass? ForFullMatch(Node root)
    {
        var compiler = new OnePassCompiler();
        return compiler.Emit(root, Lookahead.EndOfText, isLast: false) ? new OnePass([.. compiler._steps], toEnd: true) : null;
    }

    /// <summary>
    /// For finding a match in a text; null if the pattern is not of that kind, or if a failed attempt could read much of the text:
    /// attempts from every start would then take quadratic time.
    /// </summary>
    public static OnePass? ForSearch(Node root)
    {
        var compiler = new OnePassCompiler();
        return compiler.Emit(root, Lookahead.Anything, isLast: true) && (compiler.StartsAtBegin || compiler.FailsEarly)
            ? new OnePass([.. compiler._steps], toEnd: false)
            : null;
    }

    private bool StartsAtBegin => _steps is [{ Kind: StepKind.BeginText }, ..];

    /// <summary>Whether nothing can fail any more once a run without limit has begun, and no group repeats.</summary>
    private bool FailsEarly
    {
        get
        {
            var isUnlimited = false;
            for (var i = 0; i < _steps.Count; i++)
            {
                var step = _steps[i];
                var canFail = step.Kind is not (StepKind.Capture or StepKind.Jump or StepKind.Unless or StepKind.Run)
                    || (step.Kind == StepKind.Run && step.Min > 0);
                if ((isUnlimited && canFail) || (step.Kind == StepKind.Jump && step.Target <= i))
                {
                    return false;
                }

                isUnlimited |= step is { Kind: StepKind.Run, Max: < 0 };
            }

            return true;
        }
    }

    /// <param name="node">What to match.</param>
    /// <param name="follow">What may come after it.</param>
    /// <param name="isLast">Whether the match is complete after it, whatever comes.</param>
    private bool Emit(Node node, Lookahead follow, bool isLast)
    {
        if (_steps.Count > MaxSteps)
        {
            return false;
        }

        switch (node)
        {
            case EmptyNode:
                return true;
            case LiteralNode:
                return EmitConcat([node], follow, isLast);
            case SetNode set:
                return EmitRun(set.Set, 1, 1);
            case AssertionNode { Assertion: Assertion.BeginText }:
                _steps.Add(new Step(StepKind.BeginText));
                return true;
            case AssertionNode { Assertion: Assertion.EndText }:
                _steps.Add(new Step(StepKind.EndText));
                return true;
            case CaptureNode capture:
                _steps.Add(new Step(StepKind.Capture) { Target = capture.Index * 2 });
                var isEmitted = Emit(capture.Sub, follow, isLast);
                _steps.Add(new Step(StepKind.Capture) { Target = (capture.Index * 2) + 1 });
                return isEmitted;
            case ConcatNode concat:
                return EmitConcat(concat.Items, follow, isLast);
            case AlternateNode alternate:
                return EmitLiterals(alternate) || EmitAlternate(alternate, follow, isLast);
            case RepeatNode repeat:
                return EmitRepeat(repeat, follow, isLast);
            default:
                return false;
        }
    }

    private bool EmitConcat(ReadOnlySpan<Node> items, Lookahead follow, bool isLast)
    {
        while (items.Length > 0)
        {
            var taken = EmitText(items);
            if (taken == 0)
            {
                taken = 1;
                var after = follow;
                for (var i = items.Length - 1; i > 0; i--)
                {
                    after = Lookahead.Of(items[i], after);
                }

                if (items[0] is LiteralNode || !Emit(items[0], after, isLast && items.Length == 1))
                {
                    return false;
                }
            }

            items = items[taken..];
        }

        return true;
    }

    /// <summary>Emits the literal text that the items begin with, and returns how many of them that took.</summary>
    private int EmitText(ReadOnlySpan<Node> items)
    {
        var text = new StringBuilder();
        var count = 0;
        while (count < items.Length && AppendLiteral(items[count], text))
        {
            count++;
        }

        if (count > 0)
        {
            _steps.Add(new Step(StepKind.Literal) { Text = text.ToString() });
            return count;
        }

        while (count < items.Length && AppendFolded(items[count], text))
        {
            count++;
        }

        if (count > 0)
        {
            _steps.Add(new Step(StepKind.FoldedLiteral) { Text = text.ToString() });
        }

        return count;
    }

    private static bool AppendLiteral(Node node, StringBuilder text)
    {
        if (node is not LiteralNode { Rune: < 0xD800 or > 0xDFFF } literal)
        {
            return false;
        }

        text.Append(char.ConvertFromUtf32(literal.Rune));
        return true;
    }

    private static bool AppendFolded(Node node, StringBuilder text)
    {
        var letter = FoldedLetter(node);
        if (letter == '\0')
        {
            // Between folded letters, what has no case joins in; a text of such characters alone is an exact literal.
            if (node is not LiteralNode { Rune: < 128 } literal || char.IsAsciiLetter((char)literal.Rune))
            {
                return false;
            }

            letter = (char)literal.Rune;
        }

        text.Append(letter);
        return true;
    }

    /// <summary>The letter, in lower case, of which a set holds exactly the forms that RE2's case folding knows; else NUL.</summary>
    private static char FoldedLetter(Node node)
    {
        if (node is not SetNode { Set: { AsciiLow: 0, Count: 2 or 3 } set })
        {
            return '\0';
        }

        var letter = (char)(set.Ranges[0].Lo | ' ');
        var third = letter switch { 'k' => '\u212A', 's' => '\u017F', _ => letter };
        return char.IsAsciiLetter(letter) && set.Contains(letter) && set.Contains(letter & ~' ') && set.Contains(third)
            && set.Count == (third == letter ? 2 : 3) ? letter : '\0';
    }

    private bool EmitRun(RuneSet set, int min, int max)
    {
        var span = CharSpan.Of(set);
        if (span is null || (!span.IsSingleUnits && (min > 1 || max > 1)))
        {
            return false;
        }

        _steps.Add(new Step(StepKind.Run) { Set = span, Min = min, Max = max });
        return true;
    }

    private bool EmitRepeat(RepeatNode repeat, Lookahead follow, bool isLast)
    {
        var first = Lookahead.Of(repeat.Sub, Lookahead.Nothing);
        var isDecided = !first.Overlaps(follow);
        if (SingleSet(repeat.Sub) is { } set)
        {
            return (isDecided || repeat.Min == repeat.Max || (isLast && repeat.IsGreedy)) && EmitRun(set, repeat.Min, repeat.Max);
        }

        if (repeat.Sub.IsNullable)
        {
            return false;
        }

        var start = _steps.Count;
        switch (repeat.Operator)
        {
            case RepeatOperator.Quest when isDecided || (isLast && repeat.IsGreedy && CannotFail(repeat.Sub)):
                return EmitUnless(first, () => Emit(repeat.Sub, follow, isLast));
            case RepeatOperator.Star when isDecided:
                return EmitUnless(first, () => Emit(repeat.Sub, first | follow, isLast: false) && EmitJump(start));
            case RepeatOperator.Plus when isDecided:
                return Emit(repeat.Sub, first | follow, isLast: false) && EmitUnless(first, () => EmitJump(start));
            default:
                return false;
        }
    }

    private bool EmitJump(int target)
    {
        _steps.Add(new Step(StepKind.Jump) { Target = target });
        return true;
    }

    /// <summary>Emits a body that is skipped unless the next symbol is one of <paramref name="first"/>.</summary>
    private bool EmitUnless(Lookahead first, Func<bool> body)
    {
        var at = _steps.Count;
        _steps.Add(default);
        var isEmitted = body();
        _steps[at] = new Step(StepKind.Unless) { Lookahead = first, Target = _steps.Count };
        return isEmitted;
    }

    private bool EmitAlternate(AlternateNode alternate, Lookahead follow, bool isLast)
    {
        var union = Lookahead.Nothing;
        var jumps = new List<int>();
        foreach (var branch in alternate.Branches)
        {
            var first = Lookahead.Of(branch, follow);
            if (first.Overlaps(union))
            {
                return false;
            }

            union |= first;
            if (!EmitUnless(first, () => Emit(branch, follow, isLast) && EmitJump(-1)))
            {
                return false;
            }

            jumps.Add(_steps.Count - 1);
        }

        // None of the branches begins like that: compare with a text that is nowhere.
        _steps.Add(new Step(StepKind.Literals));
        foreach (var jump in jumps)
        {
            _steps[jump] = _steps[jump] with { Target = _steps.Count };
        }

        return true;
    }

    private bool EmitLiterals(AlternateNode alternate)
    {
        var texts = new List<string>();
        foreach (var branch in alternate.Branches)
        {
            var text = new StringBuilder();
            var items = branch is ConcatNode concat ? concat.Items : [branch];
            if (!items.All(item => AppendLiteral(item, text)))
            {
                return false;
            }

            texts.Add(text.ToString());
        }

        texts.Sort(StringComparer.Ordinal);
        for (var i = 1; i < texts.Count; i++)
        {
            // In this order a text that starts with another follows it directly, or follows one that does.
            if (texts[i].StartsWith(texts[i - 1], StringComparison.Ordinal))
            {
                return false;
            }
        }

        _steps.Add(new Step(StepKind.Literals) { Texts = [.. texts] });
        return true;
    }

    private static RuneSet? SingleSet(Node node) => node switch
    {
        LiteralNode literal => new RuneSet([new(literal.Rune, literal.Rune)]),
        SetNode set => set.Set,
        _ => null,
    };

    /// <summary>Whether a node that begins as its lookahead says matches, whatever comes next.</summary>
    private static bool CannotFail(Node node)
    {
        var items = node switch { CaptureNode capture => [capture.Sub], ConcatNode concat => concat.Items, _ => (Node[])[] };
        return items.Length == 0
            ? SingleSet(node) is { } set && (!set.HasNonAscii || Array.TrueForAll(set.Complement().Ranges.ToArray(), r => r.Hi < 128))
            : CannotFail(items[0]) && items.AsSpan(1).ToArray().All(CanSkip);
    }

    private static bool CanSkip(Node node) => node switch
    {
        CaptureNode capture => CanSkip(capture.Sub),
        RepeatNode repeat => repeat.Min == 0 && SingleSet(repeat.Sub) is not null,
        _ => false,
    };
}
