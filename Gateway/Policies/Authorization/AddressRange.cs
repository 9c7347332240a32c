using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Policies.Authorization;

/// <summary>An address, or all addresses with a prefix: <c>10.1.2.3</c>, <c>10.1.0.0/16</c>, <c>2001:db8::/32</c>.</summary>
/// <remarks>Istio pilot/pkg/networking/util/util.go (AddrStrToPrefix), Envoy source/common/network/cidr_range.cc</remarks>
internal sealed class AddressRange
{
    private readonly byte[] _bytes;
    private readonly int _prefixLength;

    private AddressRange(byte[] bytes, int prefixLength) => (_bytes, _prefixLength) = (bytes, prefixLength);

    /// <summary>Reads a range; host bits that are set do not matter.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? text : text[..slash];

        // IPAddress also takes 10.1 and 0x0a000001, and an address with a zone.
        if (!IPAddress.TryParse(address, out var ip) || address.Contains('%', StringComparison.Ordinal)
            || (ip.AddressFamily == AddressFamily.InterNetwork && ip.ToString() != address))
        {
            return false;
        }

        var bytes = ip.GetAddressBytes();
        var length = bytes.Length * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
            || length > bytes.Length * 8))
        {
            return false;
        }

        range = new AddressRange(bytes, length);
        return true;
    }

    /// <summary>Whether an address is in the range. An IPv4 address that a dual-stack socket maps into IPv6 counts as IPv4.</summary>
    public bool Contains(IPAddress? address)
    {
        Span<byte> buffer = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(buffer, out var length))
        {
            return false;
        }

        var bytes = address.IsIPv4MappedToIPv6 ? buffer[12..16] : buffer[..length];
        if (bytes.Length != _bytes.Length)
        {
            return false;
        }

        var whole = _prefixLength / 8;
        var rest = _prefixLength % 8;
        return bytes[..whole].SequenceEqual(_bytes.AsSpan(0, whole))
            && (rest == 0 || (bytes[whole] ^ _bytes[whole]) >> (8 - rest) == 0);
    }
}
