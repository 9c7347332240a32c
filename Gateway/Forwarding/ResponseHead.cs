using System.Buffers.Text;
using System.Text;
using Gateway.Http1;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Forwarding;

/// <summary>
/// The head of the last response on a connection, read from bytes: what frames the body, and, by <see cref="CopyTo"/>, what the client gets
/// to see. What it shares with the head before is not read again.
/// </summary>
/// <param name="rules">What the client gets to see.</param>
internal sealed class ResponseHead(ResponseRules rules)
{
    private readonly HeadLines _lines = new(int.MaxValue);
    private ResponseFraming _framing;
    private HeaderLine[] _shown = [];
    private int _shownCount;

    /// <summary>The status.</summary>
    public int Status { get; private set; }

    /// <summary>How long the body is, and what becomes of the connection.</summary>
    public ResponseFraming Framing { get; private set; }

    /// <summary>The reason phrase; empty for none, or for one that is not passed on.</summary>
    public ReadOnlySpan<byte> Reason => rules.KeepsReason && _lines.StartLine.Length > 15 ? _lines.StartLine[13..^2] : default;

    /// <summary>The rest of the status line as it came, from the space before the status to its end.</summary>
    public ReadOnlySpan<byte> StatusAndReason => _lines.StartLine[8..];

    /// <summary>Bytes that the head needs at most.</summary>
    public int Size => _lines.Size + Count;

    /// <summary>How many header lines there are.</summary>
    public int Count => _lines.Lines.Length;

    /// <summary>The header lines that the client gets to see.</summary>
    public ReadOnlySpan<HeaderLine> Shown => _shown.AsSpan(0, _shownCount);

    /// <summary>Reads a whole head.</summary>
    /// <param name="head">The bytes up to and with the empty line.</param>
    /// <param name="isHead">Whether the request was a HEAD.</param>
    /// <exception cref="UpstreamException">
    /// The bytes are no HTTP/1 response, or say two things about its length, or have a header that cannot be passed on.
    /// </exception>
    public void Read(ReadOnlySpan<byte> head, bool isHead)
    {
        if (!_lines.AreThoseOf(head))
        {
            Parse(head);
        }

        Framing = _framing.For(Status, isHead);
    }

    /// <summary>Writes status and headers to the client's response.</summary>
    public void CopyTo(IHttpResponseFeature response)
    {
        response.StatusCode = Status;
        if (!Reason.IsEmpty && !Ascii.Equals(Reason, ReasonPhrases.GetReasonPhrase(Status)))
        {
            response.ReasonPhrase = Encoding.Latin1.GetString(Reason);
        }

        var (headers, list) = (response.Headers, response.Headers as HeaderList);
        foreach (var line in Shown)
        {
            if (list is not null)
            {
                list.Join(line);
            }
            else
            {
                headers.Append(line.Name, line.Value);
            }
        }

        if (Framing.DeclaredLength >= 0)
        {
            headers.ContentLength = Framing.DeclaredLength;
        }
    }

    /// <summary>The value of a header; empty when it is not there. Of several lines the first.</summary>
    public string Find(string name)
    {
        foreach (var line in _lines.Lines)
        {
            if (string.Equals(line.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return line.Value;
            }
        }

        return "";
    }

    internal static UpstreamException Invalid(string reason) => new(UpstreamFailure.Invalid(reason));

    /// <summary>Splits a header line.</summary>
    /// <param name="line">The line with its end.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="UpstreamException">It is no header line.</exception>
    internal static void Split(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 1 || !line.EndsWith("\r\n"u8) || line[..colon].ContainsAny(" \t"u8) || line[..^2].ContainsAny("\0\r\n"u8))
        {
            throw Invalid("its answer has a line that is no header");
        }

        name = line[..colon];
        value = line[(colon + 1)..^2].Trim(" \t"u8);
    }

    private void Parse(ReadOnlySpan<byte> head)
    {
        // HTTP/1.1 200 OK
        var end = head.IndexOf("\r\n"u8);
        var line = head[..end];
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[8] != ' ' || (line.Length > 12 && line[12] != ' ')
            || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out var digits) || digits != 3 || status < 100)
        {
            throw Invalid("its answer is no HTTP/1 response");
        }

        if (rules.KeepsReason && line.Length > 13 && !HeaderCharacters.IsValue(line[13..]))
        {
            throw Invalid("its answer has a reason phrase with control characters");
        }

        _lines.TryRead(head, end + 2, static (line, before) =>
        {
            Split(line, out var name, out var value);
            return HeaderLine.Of(name, value, before);
        });
        Take(new ResponseFraming { KeepsAlive = line[7] != '0', Length = -1 });
        Status = status;
    }

    private void Take(ResponseFraming framing)
    {
        (_shownCount, _shown) = (0, _shown.Length < Count ? new HeaderLine[Count] : _shown);
        try
        {
            foreach (var line in _lines.Lines)
            {
                framing = framing.With(line);
                if (rules.Shows(line.Name))
                {
                    _shown[_shownCount++] = line.IsSendable ? line : throw Invalid("its answer has a header with control characters");
                }
            }
        }
        catch (UpstreamException)
        {
            _lines.Clear();
            throw;
        }

        _framing = framing;
    }
}
