using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Istio.Validation.Syntax;

/// <summary>
/// IP addresses and CIDR ranges in the strict spelling of Go's net/netip, which Istio uses: four decimal numbers without leading zeros,
/// or RFC 4291 text.
/// </summary>
internal static class IpAddresses
{
    /// <summary>True for one address.</summary>
    public static bool IsAddress(string text)
    {
        if (!IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        // IPAddress also reads "1", "0x7f.1", "010.0.0.1" and brackets; netip does not.
        return address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString() == text
            : !text.Contains('[') && !text.EndsWith('%');
    }

    /// <summary>True for an address, a slash and the prefix length.</summary>
    public static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return false;
        }

        var (address, bits) = (text[..slash], text[(slash + 1)..]);
        return IsAddress(address) && !address.Contains('%')
            && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && (bits.Length == 1 || bits[0] != '0')
            && length <= (address.Contains(':') ? 128 : 32);
    }

    /// <summary>What is wrong with an address or CIDR range; null when nothing is.</summary>
    public static string? CheckAddressOrCidr(string text) =>
        text.Contains('/')
            ? IsCidr(text) ? null : $"\"{text}\" is not a CIDR range; write an address and a prefix length, such as 10.0.0.0/8."
            : IsAddress(text) ? null : $"\"{text}\" is not an IP address; write one such as 10.0.0.1, or a range such as 10.0.0.0/8.";
}
