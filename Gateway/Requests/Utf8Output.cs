using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Requests;

/// <summary>Writes values as UTF-8 without allocating.</summary>
internal static class Utf8Output
{
    private const int MaxNumberLength = 24;
    private const int MaxAddressLength = 64;

    /// <summary>Appends text.</summary>
    public static void Append(this IBufferWriter<byte> output, string text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    /// <summary>Appends a number.</summary>
    public static void Append(this IBufferWriter<byte> output, long number)
    {
        number.TryFormat(output.GetSpan(MaxNumberLength), out var length, default, CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    /// <summary>Appends a number with a fraction, as short as it can be read back.</summary>
    public static void Append(this IBufferWriter<byte> output, double number)
    {
        number.TryFormat(output.GetSpan(MaxNumberLength * 2), out var length, default, CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    /// <summary>Appends a time, as <c>2026-01-02T03:04:05.678Z</c>.</summary>
    public static void Append(this IBufferWriter<byte> output, DateTimeOffset time)
    {
        time.UtcDateTime.TryFormat(
            output.GetSpan(MaxNumberLength * 2), out var length, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    /// <summary>Appends an address and port, as <c>127.0.0.1:80</c> or <c>[::1]:80</c>.</summary>
    public static void Append(this IBufferWriter<byte> output, IPEndPoint endpoint)
    {
        Span<byte> address = stackalloc byte[MaxAddressLength];
        endpoint.Address.TryFormat(address, out var length);
        ReadOnlySpan<byte> text = address[..length];
        if (endpoint.Address.IsIPv4MappedToIPv6)
        {
            // A dual-stack socket's name of an IPv4 address.
            output.Write(text["::ffff:".Length..]);
        }
        else if (text.Contains((byte)':'))
        {
            output.Write("["u8);
            output.Write(text);
            output.Write("]"u8);
        }
        else
        {
            output.Write(text);
        }

        output.Write(":"u8);
        output.Append(endpoint.Port);
    }
}
