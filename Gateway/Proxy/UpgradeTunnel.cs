using System.Net.Sockets;
using Gateway.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy;

/// <summary>What remains of a request after <c>101 Switching Protocols</c>: bytes in both directions, until one side ends.</summary>
internal sealed class UpgradeTunnel(HttpContext context, UpstreamConnection upstream)
{
    private const int PieceSize = 16 * 1024;

    /// <summary>Passes bytes on until one side ends.</summary>
    /// <returns>How many went to the client.</returns>
    public async ValueTask<long> RunAsync()
    {
        var client = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var up = CopyUpAsync(client);
        var down = CopyDownAsync(client);
        await Task.WhenAny(up, down);

        // The other direction has nobody to talk to any more.
        upstream.Dispose();
        await client.DisposeAsync();
        await up;
        return await down;
    }

    private async Task CopyUpAsync(Stream client)
    {
        try
        {
            var buffer = new byte[PieceSize];
            while (await client.ReadAsync(buffer, context.RequestAborted) is var count and > 0)
            {
                await upstream.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
        }
    }

    private async Task<long> CopyDownAsync(Stream client)
    {
        var copied = 0L;
        try
        {
            do
            {
                var received = upstream.Received.ToArray();
                upstream.Take(received.Length);
                copied += received.Length;
                await client.WriteAsync(received, context.RequestAborted);
            }
            while (await upstream.FillAsync());
        }
        catch (Exception exception) when (IsEnd(exception))
        {
        }

        return copied;
    }

    private static bool IsEnd(Exception exception) =>
        exception is SocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
