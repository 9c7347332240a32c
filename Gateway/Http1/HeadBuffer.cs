using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Http1;

/// <summary>The head of a response while it is written, in memory that is large enough.</summary>
/// <remarks>RFC 9112, sections 4 and 5. Text is Latin-1, as it came from the upstream.</remarks>
internal ref struct HeadBuffer(Span<byte> target)
{
    private static readonly byte[]?[] StatusLines = new byte[1000][];

    private readonly Span<byte> _target = target;

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>Writes the status line, with the status's own reason phrase.</summary>
    public void WriteStatusLine(int status) => Write(
        StatusLines[status] ??= Encoding.ASCII.GetBytes($"HTTP/1.1 {status:D3} {ReasonPhrases.GetReasonPhrase(status)}\r\n"));

    /// <summary>Writes a header line.</summary>
    public void WriteLine(HeaderLine line)
    {
        if (line.Bytes is { IsEmpty: false } bytes)
        {
            Write(bytes);
        }
        else
        {
            WriteLine(line.Name, line.Value);
        }
    }

    /// <summary>Writes the length of the body.</summary>
    public void WriteLength(long length)
    {
        Write("Content-Length: "u8);
        Utf8Formatter.TryFormat(length, _target[Length..], out var digits);
        Length += digits;
        Write("\r\n"u8);
    }

    /// <summary>Writes all headers of a list.</summary>
    public void WriteLines(HeaderList headers)
    {
        foreach (var (name, values, line) in headers.Entries)
        {
            if (line is not null)
            {
                WriteLine(line);
                continue;
            }

            for (var i = 0; i < values.Count; i++)
            {
                WriteLine(name, values[i] ?? "");
            }
        }
    }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_target[Length..]);
        Length += bytes.Length;
    }

    /// <summary>Writes text.</summary>
    public void Write(string text) => Length += Encoding.Latin1.GetBytes(text, _target[Length..]);

    private void WriteLine(string name, string value)
    {
        Write(name);
        Write(": "u8);
        Write(value);
        Write("\r\n"u8);
    }
}
