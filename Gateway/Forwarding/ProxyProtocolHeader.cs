using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Forwarding;

/// <summary>The header of the PROXY protocol, by which a proxy tells an endpoint where a connection comes from.</summary>
/// <remarks>https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt, sections 2.1 and 2.2.</remarks>
internal static class ProxyProtocolHeader
{
    private const byte Version2Proxy = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Writes a header.</summary>
    /// <param name="version">V1 for text, V2 for bytes.</param>
    /// <param name="source">Where the connection comes from.</param>
    /// <param name="destination">Where it goes.</param>
    public static byte[] Write(string version, IPEndPoint source, IPEndPoint destination)
    {
        var isIPv4 = source.AddressFamily == AddressFamily.InterNetwork;
        if (version != "V2")
        {
            return Encoding.ASCII.GetBytes(
                $"PROXY {(isIPv4 ? "TCP4" : "TCP6")} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n");
        }

        var from = source.Address.GetAddressBytes();
        var to = destination.Address.GetAddressBytes();
        var header = new byte[Signature.Length + 4 + from.Length + to.Length + 4];
        Signature.CopyTo(header);
        var rest = header.AsSpan(Signature.Length);
        (rest[0], rest[1]) = (Version2Proxy, isIPv4 ? (byte)0x11 : (byte)0x21);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(from.Length + to.Length + 4));
        from.CopyTo(rest[4..]);
        to.CopyTo(rest[(4 + from.Length)..]);
        BinaryPrimitives.WriteUInt16BigEndian(rest[^4..], (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(rest[^2..], (ushort)destination.Port);
        return header;
    }
}
