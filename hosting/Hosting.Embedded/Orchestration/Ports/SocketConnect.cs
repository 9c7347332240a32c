using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Ports;

/// <summary>
/// A connect that gives its error as a value. <see cref="Socket.ConnectAsync(EndPoint)"/> throws an exception whose stack trace names files
/// and lines, for which it reads debugging symbols: a thousand times the cost of the connect itself.
/// </summary>
internal sealed class SocketConnect : SocketAsyncEventArgs
{
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SocketConnect(EndPoint target)
    {
        RemoteEndPoint = target;
    }

    /// <summary>Connects the socket.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public static async Task<SocketError> RunAsync(Socket socket, EndPoint target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var connect = new SocketConnect(target);
        if (socket.ConnectAsync(connect))
        {
            await using (cancellationToken.Register(static state => CancelConnectAsync((SocketConnect)state!), connect))
            {
                await connect._completed.Task;
            }
        }

        if (connect.SocketError != SocketError.Success)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return connect.SocketError;
    }

    /// <inheritdoc/>
    protected override void OnCompleted(SocketAsyncEventArgs e) => _completed.TrySetResult();

    private static void CancelConnectAsync(SocketConnect connect) => Socket.CancelConnectAsync(connect);
}
