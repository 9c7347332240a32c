using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Listening;

/// <summary>
/// Lets HTTP/1.1 and HTTP/2 with prior knowledge share a cleartext port, as nginx does with <c>http2 on</c>: a connection that begins with
/// HTTP/2's preface (RFC 9113, section 3.4) is served as HTTP/2.
/// </summary>
/// <remarks>
/// Kestrel chooses HTTP/2 on a port with both only when TLS has negotiated it, so such a connection carries the features that say so. It
/// keeps its own scheme (<see cref="KestrelServerOptions.AllowAlternateSchemes"/>), and no certificate or cipher is claimed.
/// </remarks>
internal sealed class CleartextProtocol
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly ConnectionDelegate _next;
    private readonly TimeProvider _time;

    private CleartextProtocol(ConnectionDelegate next, TimeProvider time)
    {
        _next = next;
        _time = time;
    }

    /// <summary>How long a new connection may stay silent: nginx's client_header_timeout in ingress-nginx, 60 s.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Adds the choice to a listener.</summary>
    public static void Use(ListenOptions listener, TimeProvider time)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        listener.Use(next => new CleartextProtocol(next, time).OnConnectionAsync);
    }

    private async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped)
        {
            // A dual-mode socket: programs expect to see the address the client has.
            connection.RemoteEndPoint = new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port);
        }

        if (await BeginsWithPrefaceAsync(connection) is not { } isHttp2)
        {
            return;
        }

        if (isHttp2)
        {
            connection.Features.Set<ITlsConnectionFeature>(NegotiatedHttp2.Instance);
            connection.Features.Set<ITlsApplicationProtocolFeature>(NegotiatedHttp2.Instance);
        }

        await _next(connection);
    }

    /// <summary>Looks at the first bytes without taking them; null when the connection ended or stayed silent.</summary>
    private async ValueTask<bool?> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        if (input.TryRead(out var result) && Decide(input, result) is { } decided)
        {
            return decided;
        }

        using var silence = new CancellationTokenSource(Patience, _time);
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(
            silence.Token, lifetime?.ConnectionClosedRequested ?? default, connection.ConnectionClosed);
        try
        {
            while (true)
            {
                result = await input.ReadAsync(linked.Token);
                if (Decide(input, result) is { } isHttp2)
                {
                    return isHttp2;
                }

                if (result.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
        {
            return null;
        }
    }

    private static bool? Decide(PipeReader input, ReadResult result)
    {
        var buffer = result.Buffer;
        var length = (int)Math.Min(buffer.Length, Preface.Length);
        Span<byte> start = stackalloc byte[Preface.Length];
        buffer.Slice(0, length).CopyTo(start);
        var isPrefix = start[..length].SequenceEqual(Preface.AsSpan(0, length));
        if (isPrefix && length < Preface.Length)
        {
            input.AdvanceTo(buffer.Start, buffer.End);
            return null;
        }

        input.AdvanceTo(buffer.Start);
        return isPrefix;
    }

    private sealed class NegotiatedHttp2 : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public static readonly NegotiatedHttp2 Instance = new();

        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult<X509Certificate2?>(null);
    }
}
