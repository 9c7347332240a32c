namespace Istio.Re2;

/// <summary>What an instruction does.</summary>
internal enum Opcode : byte
{
    /// <summary>Never goes on.</summary>
    Fail,

    /// <summary>The pattern has matched.</summary>
    Match,

    /// <summary>Consumes the UTF-16 unit <see cref="Instruction.Argument"/>, which is a code point of its own.</summary>
    Char,

    /// <summary>Consumes a code point of the set number <see cref="Instruction.Argument"/>.</summary>
    Set,

    /// <summary>Consumes any code point.</summary>
    Any,

    /// <summary>Goes on at <see cref="Instruction.Next"/> or, second choice, at <see cref="Instruction.Argument"/>.</summary>
    Alt,

    /// <summary>Stores the position in the slot <see cref="Instruction.Argument"/>.</summary>
    Capture,

    /// <summary>Goes on if the <see cref="Assertion"/> number <see cref="Instruction.Argument"/> holds.</summary>
    Assert,
}

/// <summary>One step of a <see cref="Program"/>.</summary>
internal struct Instruction
{
    public Opcode Opcode;

    /// <summary>A number of its own if several instructions lead here, else -1: only there can a search meet its own track.</summary>
    public int Join;

    public int Next;

    public int Argument;
}

/// <summary>
/// A pattern compiled for simulation. Priorities, loops of what can be empty and counts are laid out as in RE2
/// (https://swtch.com/~rsc/regexp/regexp2.html), so that the groups come out as RE2 reports them.
/// </summary>
internal sealed class Program(Instruction[] code, int start, RuneSet[] sets, int joins)
{
    public Instruction[] Code { get; } = code;

    public int Start { get; } = start;

    public RuneSet[] Sets { get; } = sets;

    /// <summary>How many instructions have a <see cref="Instruction.Join"/> number.</summary>
    public int Joins { get; } = joins;

    /// <summary>Whether an instruction consumes a code point.</summary>
    public bool Accepts(in Instruction instruction, int rune) => instruction.Opcode switch
    {
        Opcode.Char => instruction.Argument == rune,
        Opcode.Set => Sets[instruction.Argument].Contains(rune),
        _ => instruction.Opcode == Opcode.Any,
    };

    /// <summary>Reads the code point at a position; a surrogate without its other half is one of its own.</summary>
    public static int RuneAt(ReadOnlySpan<char> text, int position, out int length)
    {
        var c = text[position];
        if (char.IsHighSurrogate(c) && position + 1 < text.Length && char.IsLowSurrogate(text[position + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(c, text[position + 1]);
        }

        length = 1;
        return c;
    }

    /// <summary>Whether an assertion holds at a position of the whole text. Words are ASCII, as everywhere in RE2.</summary>
    public static bool Holds(Assertion assertion, ReadOnlySpan<char> text, int position) => assertion switch
    {
        Assertion.BeginText => position == 0,
        Assertion.EndText => position == text.Length,
        Assertion.BeginLine => position == 0 || text[position - 1] == '\n',
        Assertion.EndLine => position == text.Length || text[position] == '\n',
        Assertion.WordBoundary => IsWordBoundary(text, position),
        _ => !IsWordBoundary(text, position),
    };

    private static bool IsWordBoundary(ReadOnlySpan<char> text, int position) =>
        (position > 0 && IsWord(text[position - 1])) != (position < text.Length && IsWord(text[position]));

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
