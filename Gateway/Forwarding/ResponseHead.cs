using System.Buffers.Text;
using System.Text;
using Gateway.Http1;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Forwarding;

/// <summary>
/// A response's status line and headers, read from bytes: what frames the body, and, by <see cref="CopyTo"/>, what the client gets to see.
/// </summary>
internal readonly ref struct ResponseHead
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<byte> _reason;

    private ResponseHead(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> line, int status, ResponseFraming framing)
    {
        _bytes = headers;
        _reason = line.Length > 13 ? line[13..] : default;
        Digits = line.Slice(9, 3);
        Status = status;
        Framing = framing;
    }

    /// <summary>The status.</summary>
    public int Status { get; }

    /// <summary>How long the body is, and what becomes of the connection.</summary>
    public ResponseFraming Framing { get; }

    /// <summary>The status as it came.</summary>
    public ReadOnlySpan<byte> Digits { get; }

    /// <summary>Bytes of reason phrase and headers.</summary>
    public int Length => _reason.Length + _bytes.Length;

    /// <summary>The reason phrase; empty for none.</summary>
    public ReadOnlySpan<byte> Reason => _reason;

    /// <summary>The header lines.</summary>
    public Lines Headers => new(_bytes);

    /// <summary>How many header lines there are.</summary>
    public int Count { get; private init; }

    /// <summary>Finds the end of a head: the length up to and with its empty line, or 0.</summary>
    public static int FindEnd(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>Parses a whole head.</summary>
    /// <param name="head">The bytes up to and with the empty line.</param>
    /// <param name="isHead">Whether the request was a HEAD.</param>
    /// <exception cref="UpstreamException">The bytes are no HTTP/1 response, or say two things about its length.</exception>
    public static ResponseHead Parse(ReadOnlySpan<byte> head, bool isHead)
    {
        // HTTP/1.1 200 OK
        var end = head.IndexOf("\r\n"u8);
        var line = head[..end];
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[8] != ' ' || (line.Length > 12 && line[12] != ' ')
            || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out var digits) || digits != 3 || status < 100)
        {
            throw Invalid("its answer is no HTTP/1 response");
        }

        var headers = head[(end + 2)..^2];
        var framing = new ResponseFraming { KeepsAlive = line[7] != '0', Length = -1 };
        var count = 0;
        foreach (var (name, value) in new Lines(headers))
        {
            framing = framing.With(name, value);
            count++;
        }

        return new ResponseHead(headers, line, status, framing.For(status, isHead)) { Count = count };
    }

    /// <summary>Writes status and headers to the client's response.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="rules">What the client gets to see.</param>
    public void CopyTo(HttpContext context, ResponseRules rules)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (rules.KeepsReason && !_reason.IsEmpty && !Ascii.Equals(_reason, ReasonPhrases.GetReasonPhrase(Status)))
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = Encoding.Latin1.GetString(_reason);
        }

        var (headers, list) = (response.Headers, response.Headers as HeaderList);
        foreach (var (nameBytes, valueBytes) in new Lines(_bytes))
        {
            if (!rules.Shows(nameBytes))
            {
                continue;
            }

            var (name, value) = (HeaderTexts.Get(nameBytes), HeaderTexts.Get(valueBytes));
            if (list is not null)
            {
                list.Join(name, value);
            }
            else
            {
                headers.Append(name, value);
            }
        }

        if (Framing.DeclaredLength >= 0)
        {
            response.ContentLength = Framing.DeclaredLength;
        }
    }

    /// <summary>The value of a header; empty when it is not there. Of several lines the first.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> wanted)
    {
        foreach (var (name, value) in new Lines(_bytes))
        {
            if (Ascii.EqualsIgnoreCase(name, wanted))
            {
                return value;
            }
        }

        return default;
    }

    internal static UpstreamException Invalid(string reason) => new(UpstreamFailure.Invalid(reason));

    /// <summary>The header lines of a block.</summary>
    internal ref struct Lines(ReadOnlySpan<byte> block)
    {
        private ReadOnlySpan<byte> _rest = block;

        public HeaderLine Current { get; private set; }

        public readonly Lines GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            var end = _rest.IndexOf("\r\n"u8);
            var line = _rest[..end];
            _rest = _rest[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon < 1 || line[..colon].ContainsAny(" \t"u8) || line.ContainsAny("\0\r\n"u8))
            {
                throw Invalid("its answer has a line that is no header");
            }

            Current = new HeaderLine(line[..colon], line[(colon + 1)..].Trim(" \t"u8));
            return true;
        }
    }

    /// <summary>One header line.</summary>
    internal readonly ref struct HeaderLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        private readonly ReadOnlySpan<byte> _name = name;
        private readonly ReadOnlySpan<byte> _value = value;

        public void Deconstruct(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
        {
            name = _name;
            value = _value;
        }
    }
}
