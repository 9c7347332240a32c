namespace Gateway.Http1;

/// <summary>
/// The header lines of the last message that came on a connection. Whatever a head shares with the one before is not read, and made into
/// text, again: who sends messages repeats himself.
/// </summary>
/// <param name="most">Most lines; a head with more cannot be read.</param>
internal sealed class HeadLines(int most)
{
    private byte[] _head = [];
    private int _length;
    private int _startLine;
    private int _count;
    private HeaderLine[] _lines = new HeaderLine[8];
    private (int Start, int Length)[] _places = new (int, int)[8];

    /// <summary>Reads a header line.</summary>
    /// <param name="line">The line with its end.</param>
    /// <param name="before">The line in its place in the head before, if there was one: perhaps the name is the same.</param>
    /// <returns>Null when the head cannot be read.</returns>
    internal delegate HeaderLine? Parser(ReadOnlySpan<byte> line, HeaderLine? before);

    /// <summary>The lines.</summary>
    public ReadOnlySpan<HeaderLine> Lines => _lines.AsSpan(0, _count);

    /// <summary>The first line of the head, with its end.</summary>
    public ReadOnlySpan<byte> StartLine => _head.AsSpan(0, _startLine);

    /// <summary>Length of the head in bytes.</summary>
    public int Size => _length;

    /// <summary>Finds the end of a head in what has come: its length with its empty line, or 0.</summary>
    public static int FindEnd(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>Whether a head is the same as the last.</summary>
    public bool AreThoseOf(ReadOnlySpan<byte> head) => head.SequenceEqual(_head.AsSpan(0, _length));

    /// <summary>Reads the header lines of a head.</summary>
    /// <param name="head">The bytes up to and with the empty line.</param>
    /// <param name="startLine">The length of the first line.</param>
    /// <param name="parse">Reads a line that is new.</param>
    /// <returns>False when the head cannot be read.</returns>
    public bool TryRead(ReadOnlySpan<byte> head, int startLine, Parser parse)
    {
        var (start, count, known) = (startLine, 0, _count);
        Clear();
        while (start < head.Length - 2)
        {
            var line = head[start..];
            line = line[..(line.IndexOf((byte)'\n') + 1)];
            if (count == most)
            {
                return false;
            }

            if (count == _lines.Length)
            {
                Array.Resize(ref _lines, count * 2);
                Array.Resize(ref _places, count * 2);
            }

            var before = count < known ? _lines[count] : null;
            if (before is null || !line.SequenceEqual(_head.AsSpan(_places[count].Start, _places[count].Length)))
            {
                if (parse(line, before) is not { } read)
                {
                    return false;
                }

                _lines[count] = read;
            }

            _places[count++] = (start, line.Length);
            start += line.Length;
        }

        Remember(head, startLine, count);
        return true;
    }

    /// <summary>Forgets the head.</summary>
    public void Clear() => (_length, _startLine, _count) = (0, 0, 0);

    private void Remember(ReadOnlySpan<byte> head, int startLine, int count)
    {
        if (_head.Length < head.Length)
        {
            _head = GC.AllocateUninitializedArray<byte>(Math.Max(head.Length, 256));
        }

        head.CopyTo(_head);
        (_length, _startLine, _count) = (head.Length, startLine, count);
    }
}
