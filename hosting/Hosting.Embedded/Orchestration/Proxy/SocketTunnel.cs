using System.Buffers;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Proxy;

/// <summary>
/// Copies bytes between two connected sockets in both directions until both have ended. The end of one direction is passed on as such
/// (half-close, RFC 9293 section 3.6) while the other goes on; a reset on one side resets the other.
/// </summary>
internal static class SocketTunnel
{
    private const int BufferSize = 32 * 1024;

    /// <summary>Runs until both directions have ended; owns and disposes both sockets.</summary>
    public static async Task RunAsync(Socket client, Socket server, CancellationToken cancellationToken)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var there = CopyAsync(client, server, broken);
        var back = CopyAsync(server, client, broken);
        await Task.WhenAll(there, back);
        if (broken.IsCancellationRequested)
        {
            Reset(client);
            Reset(server);
        }
        else
        {
            client.Dispose();
            server.Dispose();
        }
    }

    /// <summary>Closes a socket so that its peer sees a reset and not a regular end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was quicker.
        }

        socket.Dispose();
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationTokenSource broken)
    {
        try
        {
            while (true)
            {
                // An idle connection waits without a buffer.
                await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, broken.Token);
                if (!await CopyAvailableAsync(from, to, broken.Token))
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await broken.CancelAsync();
        }
    }

    // Returns false at the end of the stream.
    private static async ValueTask<bool> CopyAvailableAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            do
            {
                var received = await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cancellationToken);
                if (received == 0)
                {
                    return false;
                }

                await SendAllAsync(to, buffer.AsMemory(0, received), cancellationToken);
            }
            while (from.Available > 0);

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
        }
    }
}
