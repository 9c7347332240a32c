using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dashboard.Telemetry;

/// <summary>The id of a trace: 16 bytes, not all zero (https://www.w3.org/TR/trace-context/#trace-id).</summary>
internal readonly record struct TraceId(UInt128 Value)
{
    /// <summary>The bytes of a message; false when they are no id.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TraceId id)
    {
        id = bytes.Length == 16 ? new TraceId(BinaryPrimitives.ReadUInt128BigEndian(bytes)) : default;
        return id != default;
    }

    /// <summary>32 hexadecimal digits; false when the text is something else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TraceId id)
    {
        id = default;
        if (text?.Length != 32 || !UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new TraceId(value);
        return id != default;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>The id of a span: 8 bytes, not all zero. The default stands for no span.</summary>
internal readonly record struct SpanId(ulong Value)
{
    /// <summary>The bytes of a message; false when they are no id.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SpanId id)
    {
        id = bytes.Length == 8 ? new SpanId(BinaryPrimitives.ReadUInt64BigEndian(bytes)) : default;
        return id != default;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
