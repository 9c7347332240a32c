using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using Aspire.Hosting.Orchestration.Ports;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>
/// Asks replicas over HTTP how they are: one handler for all of them, no client factory, no resilience, no traces. Connections are kept
/// alive between polls, so a poll costs a request and nothing else.
/// </summary>
internal sealed class HttpProber : IDisposable
{
    // Whoever answered the last time is asked at once. Of all others it is not even certain that they listen.
    private readonly ConcurrentDictionary<string, bool> _answering = new();

    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        ConnectCallback = ConnectAsync,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
#pragma warning disable CA5359 // Asked is whether a process of this machine answers, not who it is.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        },
    });

    /// <summary>
    /// GETs an address of localhost and compares the status; null means that 200 to 399 will do, as for a Kubernetes probe.
    /// </summary>
    public async Task<ProbeOutcome> GetAsync(Uri uri, int? expectedStatus, CancellationToken cancellationToken)
    {
        if (!_answering.ContainsKey(uri.Authority) && !await IsListeningAsync(uri, cancellationToken))
        {
            return new ProbeOutcome(false, $"Nothing listens at {uri.Authority}.");
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.0 (embedded)");
            using var response = await _invoker.SendAsync(request, cancellationToken);
            _answering.TryAdd(uri.Authority, true);
            var status = (int)response.StatusCode;
            return (expectedStatus is null ? status is >= 200 and < 400 : status == expectedStatus)
                ? new ProbeOutcome(true)
                : new ProbeOutcome(false, $"GET {uri} answered {status}{(expectedStatus is null ? "" : $", not {expectedStatus}")}.");
        }
        catch (HttpRequestException exception) when (
            exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            _answering.TryRemove(uri.Authority, out _);
            return new ProbeOutcome(false, $"Nothing listens at {uri.Authority}.");
        }
        catch (HttpRequestException exception)
        {
            return new ProbeOutcome(false, $"GET {uri} failed: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    // A program that starts is asked many times before it listens: without an exception each time.
    private static async Task<bool> IsListeningAsync(Uri uri, CancellationToken cancellationToken)
    {
        var (socket, error) = await Loopback.TryConnectAsync(uri.Host, uri.Port, cancellationToken);
        socket?.Dispose();
        return error != SocketError.ConnectionRefused;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        new NetworkStream(
            await Loopback.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken),
            ownsSocket: true);
}
