using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Support;

namespace Conformance;

/// <summary>Sends one request by TLS; takes any certificate, and says in the response's header <c>certificate</c> which it was.</summary>
internal static class TlsClient
{
    /// <summary>Sends a request.</summary>
    /// <exception cref="IOException">The handshake failed, or there was no response.</exception>
    public static async Task<RawResponse> SendAsync(int port, string serverName, string request, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
        await using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions { TargetHost = serverName, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null };
        await stream.AuthenticateAsClientAsync(options, cancellation);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request.Replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n", StringComparison.Ordinal)), cancellation);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var text = await reader.ReadToEndAsync(cancellation);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0
            ? throw new IOException("There was no response.")
            : new RawResponse(
                int.Parse(text.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture),
                $"{text[..(end + 2)]}certificate: {stream.RemoteCertificate!.Subject}\r\n", BodyOf(text[..(end + 2)], text[(end + 4)..]));
    }

    /// <summary>The body; a chunked one is not asked for by the cases.</summary>
    private static string BodyOf(string head, string body) => RawReader.Value(head, "transfer-encoding") is null
        ? body
        : throw new IOException("A chunked response by TLS is not read.");
}
