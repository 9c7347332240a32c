using System.Runtime.InteropServices;

namespace Istio.Re2;

/// <summary>Makes a <see cref="Program"/> of nodes. Code is laid out backwards: what follows a node is known when the node is.</summary>
internal sealed class Compiler
{
    /// <summary>
    /// The largest program that Istio's bootstrap lets Envoy accept (runtime key <c>re2.max_program_size.error_level</c>).
    /// RE2 counts instructions over bytes; what is counted here is never much more, and less for classes of many ranges.
    /// </summary>
    public const int MaxProgramSize = 32768;

    private readonly List<Instruction> _code = [];
    private readonly List<RuneSet> _sets = [];
    private long _size;

    private Compiler()
    {
    }

    private bool IsTooLarge => _size > MaxProgramSize;

    /// <summary>Compiles simplified nodes; null if the program would be too large.</summary>
    public static Program? Compile(Node root)
    {
        var compiler = new Compiler();
        var match = compiler.Add(Opcode.Match, 0, 0);
        var start = compiler.Emit(root, match);
        return compiler.IsTooLarge ? null : compiler.Finish(start);
    }

    /// <summary>
    /// The simplifications of RE2 that can be seen in its groups: repetitions of what is empty, and repetitions of repetitions.
    /// </summary>
    public static Node Simplify(Node node) => node switch
    {
        ConcatNode concat => new ConcatNode(Array.ConvertAll(concat.Items, Simplify)),
        AlternateNode alternate => new AlternateNode(Array.ConvertAll(alternate.Branches, Simplify)),
        CaptureNode capture => capture with { Sub = Simplify(capture.Sub) },
        RepeatNode repeat => SimplifyRepeat(repeat, Simplify(repeat.Sub)),
        _ => node,
    };

    private static Node SimplifyRepeat(RepeatNode repeat, Node sub)
    {
        if (sub is EmptyNode)
        {
            return sub;
        }

        if (repeat.Operator != RepeatOperator.Count)
        {
            return sub is RepeatNode inner && inner.Operator == repeat.Operator && inner.Flags == repeat.Flags
                ? sub
                : RepeatNode.Of(repeat.Operator, sub, repeat.Flags);
        }

        var (min, max) = IsAssertion(sub) ? (Math.Min(repeat.Min, 1), Math.Min(repeat.Max, 1)) : (repeat.Min, repeat.Max);
        return (min, max) switch
        {
            (0, -1) => RepeatNode.Squash(RepeatOperator.Star, sub, repeat.Flags),
            (1, -1) => RepeatNode.Squash(RepeatOperator.Plus, sub, repeat.Flags),
            (0, 0) => EmptyNode.Instance,
            (0, 1) => RepeatNode.Squash(RepeatOperator.Quest, sub, repeat.Flags),
            (1, 1) => sub,
            _ => new RepeatNode(RepeatOperator.Count, sub, min, max, repeat.Flags),
        };
    }

    private static bool IsAssertion(Node node) => node switch
    {
        AssertionNode => true,
        ConcatNode concat => Array.TrueForAll(concat.Items, item => item is AssertionNode),
        AlternateNode alternate => Array.TrueForAll(alternate.Branches, branch => branch is AssertionNode),
        _ => false,
    };

    /// <summary>Emits a node that goes on at <paramref name="next"/> and returns where it begins.</summary>
    private int Emit(Node node, int next)
    {
        if (IsTooLarge)
        {
            return next;
        }

        switch (node)
        {
            case LiteralNode literal:
                return EmitRune(literal.Rune, next);
            case SetNode set:
                return EmitSet(set.Set, next);
            case AssertionNode assertion:
                return Add(Opcode.Assert, next, (int)assertion.Assertion);
            case ConcatNode concat:
                for (var i = concat.Items.Length - 1; i >= 0; i--)
                {
                    next = Emit(concat.Items[i], next);
                }

                return next;
            case AlternateNode alternate:
                var start = Emit(alternate.Branches[^1], next);
                for (var i = alternate.Branches.Length - 2; i >= 0; i--)
                {
                    start = Add(Opcode.Alt, Emit(alternate.Branches[i], next), start);
                }

                return start;
            case CaptureNode capture:
                return Add(Opcode.Capture, Emit(capture.Sub, Add(Opcode.Capture, next, (capture.Index * 2) + 1)), capture.Index * 2);
            case RepeatNode repeat:
                return EmitRepeat(repeat, next);
            default:
                return next;
        }
    }

    private int EmitRepeat(RepeatNode repeat, int next) => repeat.Operator switch
    {
        RepeatOperator.Star => EmitStar(repeat.Sub, repeat.IsGreedy, next),
        RepeatOperator.Plus => EmitPlus(repeat.Sub, repeat.IsGreedy, next),
        RepeatOperator.Quest => EmitChoice(Emit(repeat.Sub, next), repeat.IsGreedy, next),
        _ => EmitCount(repeat, next),
    };

    private int EmitStar(Node sub, bool greedy, int next)
    {
        // One choice is not enough to keep the priorities of a loop over what can be empty: it is (sub+)? there, as in RE2.
        if (sub.IsNullable)
        {
            return EmitChoice(EmitPlus(sub, greedy, next), greedy, next);
        }

        var loop = Add(Opcode.Alt, 0, 0);
        Choose(loop, Emit(sub, loop), greedy, next);
        return loop;
    }

    private int EmitPlus(Node sub, bool greedy, int next)
    {
        var loop = Add(Opcode.Alt, 0, 0);
        var body = Emit(sub, loop);
        Choose(loop, body, greedy, next);
        return body;
    }

    /// <summary>x{2,5} is xx(x(x(x)?)?)?, and x{2,} is xx+.</summary>
    private int EmitCount(RepeatNode repeat, int next)
    {
        var (sub, min) = (repeat.Sub, repeat.Min);
        if (repeat.Max < 0)
        {
            next = Emit(RepeatNode.Squash(RepeatOperator.Plus, sub, repeat.Flags), next);
            min--;
        }
        else if (repeat.Max > min)
        {
            var end = next;
            next = Emit(RepeatNode.Squash(RepeatOperator.Quest, sub, repeat.Flags), end);
            for (var i = min + 1; i < repeat.Max && !IsTooLarge; i++)
            {
                next = EmitChoice(Emit(sub, next), repeat.IsGreedy, end);
            }
        }

        for (var i = 0; i < min && !IsTooLarge; i++)
        {
            next = Emit(sub, next);
        }

        return next;
    }

    private int EmitChoice(int body, bool greedy, int next)
    {
        var choice = Add(Opcode.Alt, 0, 0);
        Choose(choice, body, greedy, next);
        return choice;
    }

    private void Choose(int choice, int body, bool greedy, int next)
    {
        ref var instruction = ref CollectionsMarshal.AsSpan(_code)[choice];
        (instruction.Next, instruction.Argument) = greedy ? (body, next) : (next, body);
    }

    private int EmitRune(int rune, int next) =>
        rune < char.MaxValue && !char.IsSurrogate((char)rune)
            ? Add(Opcode.Char, next, rune)
            : EmitSet(new RuneSet([new(rune, rune)]), next);

    private int EmitSet(RuneSet set, int next)
    {
        if (set.Count == 0)
        {
            return Add(Opcode.Fail, 0, 0);
        }

        // RE2 needs at least one instruction per range, and some more for ranges up to the longest forms of UTF-8.
        _size += set.Ranges.Length - 1 + (set.Ranges[^1].Hi > char.MaxValue ? 5 : 0);
        if (set.IsAny)
        {
            return Add(Opcode.Any, next, 0);
        }

        var index = _sets.IndexOf(set);
        if (index < 0)
        {
            index = _sets.Count;
            _sets.Add(set);
        }

        return Add(Opcode.Set, next, index);
    }

    private int Add(Opcode opcode, int next, int argument)
    {
        _size++;
        _code.Add(new Instruction { Opcode = opcode, Join = -1, Next = next, Argument = argument });
        return _code.Count - 1;
    }

    private Program Finish(int start)
    {
        var code = _code.ToArray();
        var entries = new int[code.Length];
        foreach (var instruction in code)
        {
            if (instruction.Opcode is not (Opcode.Match or Opcode.Fail))
            {
                entries[instruction.Next]++;
                if (instruction.Opcode == Opcode.Alt)
                {
                    entries[instruction.Argument]++;
                }
            }
        }

        entries[start]++;
        var joins = 0;
        for (var i = 0; i < code.Length; i++)
        {
            if (entries[i] > 1)
            {
                code[i].Join = joins++;
            }
        }

        return new Program(code, start, [.. _sets], joins);
    }
}
