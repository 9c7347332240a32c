using System.Buffers;

namespace Istio.Re2;

/// <summary>
/// A search that follows all tracks through the program side by side, each position of the text read once
/// (https://swtch.com/~rsc/regexp/regexp2.html). Its memory depends on the program alone: the engine for long texts.
/// </summary>
internal ref struct PikeVm
{
    private readonly Program _program;
    private readonly ReadOnlySpan<char> _text;
    private readonly int _slots;
    private readonly Span<int> _track;
    private readonly Span<int> _stack;
    private Threads _current;
    private Threads _next;
    private long _steps;

    private PikeVm(Program program, ReadOnlySpan<char> text, int slots, Span<int> memory)
    {
        _program = program;
        _text = text;
        _slots = slots;
        var size = program.Code.Length;
        _track = Take(ref memory, slots);
        _current = new Threads(Take(ref memory, size), Take(ref memory, size), Take(ref memory, size * slots));
        _next = new Threads(Take(ref memory, size), Take(ref memory, size), Take(ref memory, size * slots));
        _stack = memory;
    }

    /// <summary>As <see cref="BitState.Search"/>.</summary>
    public static bool Search(
        Program program, ReadOnlySpan<char> text, int start, bool anchored, bool toEnd, Span<int> captures, ref long steps)
    {
        // Two lists of threads, and a stack that holds at most one job of two numbers per instruction, and the first.
        var size = program.Code.Length;
        var memory = ArrayPool<int>.Shared.Rent(captures.Length + (2 * size * (2 + captures.Length)) + (2 * size) + 2);
        var search = new PikeVm(program, text, captures.Length, memory);
        var found = search.Run(start, anchored, toEnd, captures);
        ArrayPool<int>.Shared.Return(memory);
        steps += search._steps;
        return found;
    }

    private static Span<int> Take(scoped ref Span<int> memory, int length)
    {
        var taken = memory[..length];
        memory = memory[length..];
        return taken;
    }

    private bool Run(int start, bool anchored, bool toEnd, Span<int> captures)
    {
        var matched = false;
        captures.Fill(-1);
        for (var position = start; ;)
        {
            if (!matched && (!anchored || position == start))
            {
                _track.Fill(-1);
                if (_slots > 0)
                {
                    _track[0] = position;
                }

                Follow(ref _current, _program.Start, position);
            }

            if (_current.Count == 0 && (matched || anchored))
            {
                return matched;
            }

            var length = 0;
            var rune = position < _text.Length ? Program.RuneAt(_text, position, out length) : -1;
            matched |= Step(rune, position, length, toEnd, captures);
            if (rune < 0)
            {
                return matched;
            }

            var done = _current;
            _current = _next;
            _next = done;
            _next.Count = 0;
            position += length;
        }
    }

    /// <summary>Moves every thread over one code point. A thread that matches ends the ones that are preferred less.</summary>
    private bool Step(int rune, int position, int length, bool toEnd, Span<int> captures)
    {
        for (var i = 0; i < _current.Count; i++)
        {
            _steps++;
            var index = _current.Dense[i];
            ref readonly var instruction = ref _program.Code[index];
            var saved = _current.Captures.Slice(index * _slots, _slots);
            if (instruction.Opcode == Opcode.Match)
            {
                if (toEnd && position != _text.Length)
                {
                    continue;
                }

                saved.CopyTo(captures);
                if (_slots > 1)
                {
                    captures[1] = position;
                }

                return true;
            }

            if (rune >= 0 && _program.Accepts(in instruction, rune))
            {
                saved.CopyTo(_track);
                Follow(ref _next, instruction.Next, position + length);
            }
        }

        return false;
    }

    /// <summary>Adds every instruction that can be reached without consuming text, preferred ones first.</summary>
    private void Follow(ref Threads threads, int start, int position)
    {
        var depth = 0;
        Push(ref depth, start, 0);
        while (depth > 0)
        {
            var value = _stack[--depth];
            var index = _stack[--depth];
            if (index < 0)
            {
                _track[~index] = value;
                continue;
            }

            while (threads.Add(index) && Pass(ref threads, index, position, ref depth))
            {
                index = _program.Code[index].Next;
            }
        }
    }

    /// <summary>Whether the track goes on at the next instruction; if it waits for text here, the thread keeps its captures.</summary>
    private bool Pass(ref Threads threads, int index, int position, ref int depth)
    {
        _steps++;
        ref readonly var instruction = ref _program.Code[index];
        switch (instruction.Opcode)
        {
            case Opcode.Alt:
                Push(ref depth, instruction.Argument, 0);
                return true;
            case Opcode.Capture:
                if (instruction.Argument < _slots)
                {
                    Push(ref depth, ~instruction.Argument, _track[instruction.Argument]);
                    _track[instruction.Argument] = position;
                }

                return true;
            case Opcode.Assert:
                return Program.Holds((Assertion)instruction.Argument, _text, position);
            default:
                _track.CopyTo(threads.Captures.Slice(index * _slots, _slots));
                return false;
        }
    }

    private readonly void Push(ref int depth, int index, int value)
    {
        _stack[depth++] = index;
        _stack[depth++] = value;
    }

    /// <summary>A set of instructions in order of preference, each with the captures of the track that reached it first.</summary>
    private ref struct Threads(Span<int> dense, Span<int> sparse, Span<int> captures)
    {
        public readonly Span<int> Dense = dense;
        public readonly Span<int> Captures = captures;
        public int Count;
        private readonly Span<int> _sparse = sparse;

        /// <summary>False if the instruction is there already.</summary>
        public bool Add(int index)
        {
            // The memory is not cleared: what it holds by chance is not believed unless both arrays agree.
            var at = _sparse[index];
            if ((uint)at < (uint)Count && Dense[at] == index)
            {
                return false;
            }

            _sparse[index] = Count;
            Dense[Count++] = index;
            return true;
        }
    }
}
