namespace Istio.Re2;

/// <summary>
/// An automaton that says whether a whole text matches, at the price of one table look-up per character. Its states are made when a
/// text first needs them, and kept; if they became too many, the other engines take over.
/// </summary>
internal sealed class Dfa
{
    // One state has a reference per class of characters; all together may take half a megabyte.
    private const int MaxReferences = 64 * 1024;

    private readonly Program _program;
    private readonly CharClasses _classes;
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly State _start;

    private Dfa(Program program)
    {
        _program = program;
        _classes = new CharClasses(program);
        _start = MakeState(Follow([program.Start], atStart: true, atEnd: false), atStart: true);
    }

    /// <summary>Makes one; null if the pattern has assertions that depend on more than the ends of the text.</summary>
    public static Dfa? Of(Program program) =>
        Array.TrueForAll(program.Code, IsKnownAhead) ? new Dfa(program) : null;

    /// <summary>Whether the whole text matches; null if that would take too many states.</summary>
    public bool? IsFullMatch(ReadOnlySpan<char> text)
    {
        var state = _start;
        for (var position = 0; position < text.Length && !state.IsDead;)
        {
            var next = _classes.At(text, position, out var length);
            if ((state.Next[next] ?? Extend(state, next)) is not { } following)
            {
                return null;
            }

            state = following;
            position += length;
        }

        return state.Accepts;
    }

    private static bool IsKnownAhead(Instruction instruction) =>
        instruction.Opcode != Opcode.Assert || (Assertion)instruction.Argument is Assertion.BeginText or Assertion.EndText;

    private State? Extend(State state, int next)
    {
        lock (_lock)
        {
            if (state.Next[next] is { } known)
            {
                return known;
            }

            var targets = new List<int>();
            foreach (var index in state.Items)
            {
                ref readonly var instruction = ref _program.Code[index];
                if (_program.Accepts(in instruction, _classes.Member(next)))
                {
                    targets.Add(instruction.Next);
                }
            }

            var items = Follow(targets, atStart: false, atEnd: false);
            if (!_states.TryGetValue(items, out var following))
            {
                if ((_states.Count + 1) * _classes.Count > MaxReferences)
                {
                    return null;
                }

                _states.Add(items, following = MakeState(items, atStart: false));
            }

            return state.Next[next] = following;
        }
    }

    private State MakeState(string items, bool atStart)
    {
        var ends = Follow(items.Select(index => (int)index), atStart, atEnd: true);
        var accepts = ends.Any(index => _program.Code[index].Opcode == Opcode.Match);
        return new State(items, new State?[_classes.Count], accepts);
    }

    /// <summary>
    /// The instructions that wait for text, or for its end, and that can be reached without consuming any; sorted, one per character.
    /// </summary>
    private string Follow(IEnumerable<int> from, bool atStart, bool atEnd)
    {
        var open = new Stack<int>(from);
        var seen = new HashSet<int>(open);
        var items = new SortedSet<char>();
        while (open.TryPop(out var index))
        {
            ref readonly var instruction = ref _program.Code[index];
            var passes = instruction.Opcode switch
            {
                Opcode.Alt or Opcode.Capture => true,
                Opcode.Assert => (Assertion)instruction.Argument == Assertion.BeginText ? atStart : atEnd,
                _ => false,
            };
            if (!passes)
            {
                items.Add((char)index);
                continue;
            }

            if (instruction.Opcode == Opcode.Alt && seen.Add(instruction.Argument))
            {
                open.Push(instruction.Argument);
            }

            if (seen.Add(instruction.Next))
            {
                open.Push(instruction.Next);
            }
        }

        return string.Concat(items);
    }

    /// <param name="Items">The instructions that the tracks have reached.</param>
    /// <param name="Next">The state after a character of each class, as far as known.</param>
    /// <param name="Accepts">Whether a text may end here.</param>
    private sealed record State(string Items, State?[] Next, bool Accepts)
    {
        public bool IsDead { get; } = Items.Length == 0;
    }
}
