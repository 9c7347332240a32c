using System.Net;

namespace Gateway.Forwarding;

/// <summary>The texts of addresses. Many requests come from one client: the last text is remembered.</summary>
internal static class AddressTexts
{
    private static IPAddress? _lastAddress;
    private static string _lastText = "";

    /// <summary>The text of an address; empty for none.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (ReferenceEquals(Volatile.Read(ref _lastAddress), address))
        {
            var text = Volatile.Read(ref _lastText);
            if (ReferenceEquals(Volatile.Read(ref _lastAddress), address))
            {
                return text;
            }
        }

        var written = address.ToString();
        Volatile.Write(ref _lastAddress, null);
        Volatile.Write(ref _lastText, written);
        Volatile.Write(ref _lastAddress, address);
        return written;
    }
}
