using System.Buffers;

namespace Istio.Re2;

/// <summary>
/// A backtracking search that never visits an instruction twice at the same position, so that its work is at most the size of the
/// program times the length of the text. The fastest engine for short texts; the marks it needs make it unfit for long ones.
/// </summary>
internal ref struct BitState
{
    private const int MaxMarks = 256 * 1024;
    private const int MarksOnStack = 4096;
    private const int JobsOnStack = 64;

    private readonly Program _program;
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<int> _captures;
    private readonly int _origin;
    private readonly bool _toEnd;
    private Span<ulong> _marks;
    private Span<long> _jobs;
    private long[]? _rentedJobs;
    private int _jobCount;
    private long _steps;

    private BitState(Program program, ReadOnlySpan<char> text, int start, bool toEnd, Span<int> captures)
    {
        _program = program;
        _text = text;
        _origin = start;
        _toEnd = toEnd;
        _captures = captures;
    }

    /// <summary>Whether the text from a position on is short enough for this engine.</summary>
    public static bool CanSearch(Program program, int length) => (long)program.Joins * (length + 1) <= MaxMarks;

    /// <summary>
    /// Finds the leftmost match at or after <paramref name="start"/>, of those the preferred one, and stores as many positions as
    /// <paramref name="captures"/> has room for; -1 where a group took no part.
    /// </summary>
    /// <param name="program">The pattern.</param>
    /// <param name="text">All of the text: what is before <paramref name="start"/> counts for assertions.</param>
    /// <param name="start">Where the search begins.</param>
    /// <param name="anchored">The match has to begin at <paramref name="start"/>.</param>
    /// <param name="toEnd">The match has to end where the text does.</param>
    /// <param name="captures">Start and end of the match, then of each group.</param>
    /// <param name="steps">Grows by the number of instructions executed.</param>
    public static bool Search(
        Program program, ReadOnlySpan<char> text, int start, bool anchored, bool toEnd, Span<int> captures, ref long steps)
    {
        var words = ((program.Joins * (text.Length - start + 1)) + 63) / 64;
        var rented = words > MarksOnStack / 64 ? ArrayPool<ulong>.Shared.Rent(words) : null;
        var marks = rented is null ? stackalloc ulong[MarksOnStack / 64] : rented.AsSpan();
        Span<long> jobs = stackalloc long[JobsOnStack];
        var search = new BitState(program, text, start, toEnd, captures) { _marks = marks[..words], _jobs = jobs };
        search._marks.Clear();
        var found = search.Run(anchored);
        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }

        if (search._rentedJobs is not null)
        {
            ArrayPool<long>.Shared.Return(search._rentedJobs);
        }

        steps += search._steps;
        return found;
    }

    private bool Run(bool anchored)
    {
        // What has been tried from an earlier start has failed and need not be tried again: the marks stay.
        for (var start = _origin; ;)
        {
            _captures.Fill(-1);
            if (TryAt(start))
            {
                if (_captures.Length > 0)
                {
                    _captures[0] = start;
                }

                return true;
            }

            if (anchored || start >= _text.Length)
            {
                return false;
            }

            Program.RuneAt(_text, start, out var length);
            start += length;
        }
    }

    private bool TryAt(int start)
    {
        PushJob(_program.Start, start);
        while (_jobCount > 0)
        {
            var job = _jobs[--_jobCount];
            var (index, position) = ((int)(job >> 32), (int)job);
            if (index < 0)
            {
                _captures[~index] = position;
            }
            else if (Follow(index, position))
            {
                _jobCount = 0;
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs until the track matches or dies, leaving second choices behind as jobs.</summary>
    private bool Follow(int index, int position)
    {
        var code = _program.Code;
        while (true)
        {
            _steps++;
            ref readonly var instruction = ref code[index];
            if (instruction.Join >= 0 && !Mark(instruction.Join, position))
            {
                return false;
            }

            switch (instruction.Opcode)
            {
                case Opcode.Match:
                    if (_toEnd && position != _text.Length)
                    {
                        return false;
                    }

                    if (_captures.Length > 1)
                    {
                        _captures[1] = position;
                    }

                    return true;
                case Opcode.Char:
                    if (position == _text.Length || _text[position] != instruction.Argument)
                    {
                        return false;
                    }

                    position++;
                    break;
                case Opcode.Set or Opcode.Any:
                    if (position == _text.Length)
                    {
                        return false;
                    }

                    var rune = Program.RuneAt(_text, position, out var length);
                    if (instruction.Opcode == Opcode.Set && !_program.Sets[instruction.Argument].Contains(rune))
                    {
                        return false;
                    }

                    position += length;
                    break;
                case Opcode.Alt:
                    PushJob(instruction.Argument, position);
                    break;
                case Opcode.Capture:
                    if (instruction.Argument < _captures.Length)
                    {
                        PushJob(~instruction.Argument, _captures[instruction.Argument]);
                        _captures[instruction.Argument] = position;
                    }

                    break;
                case Opcode.Assert:
                    if (!Program.Holds((Assertion)instruction.Argument, _text, position))
                    {
                        return false;
                    }

                    break;
                default:
                    return false;
            }

            index = instruction.Next;
        }
    }

    private readonly bool Mark(int join, int position)
    {
        var bit = (join * (_text.Length - _origin + 1)) + position - _origin;
        ref var word = ref _marks[bit >> 6];
        var mask = 1UL << (bit & 63);
        var isNew = (word & mask) == 0;
        word |= mask;
        return isNew;
    }

    private void PushJob(int index, int position)
    {
        if (_jobCount == _jobs.Length)
        {
            var larger = ArrayPool<long>.Shared.Rent(_jobs.Length * 2);
            _jobs.CopyTo(larger);
            if (_rentedJobs is not null)
            {
                ArrayPool<long>.Shared.Return(_rentedJobs);
            }

            _rentedJobs = larger;
            _jobs = larger;
        }

        _jobs[_jobCount++] = ((long)index << 32) | (uint)position;
    }
}
