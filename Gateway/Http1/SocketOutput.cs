using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Http1;

/// <summary>
/// What is sent to a client. It goes to the socket at once, and not through the pipe that Kestrel reads and sends: that would be two more
/// hands for every response. Nobody else sends while a plain request is served.
/// </summary>
/// <param name="socket">The client's socket.</param>
/// <param name="deadline">How long the client may take nothing.</param>
internal sealed class SocketOutput(Socket socket, ConnectionDeadline deadline) : IBufferWriter<byte>
{
    private const int Size = 4096;

    private byte[] _buffer = [];
    private int _length;

    /// <summary>How many bytes wait to be sent.</summary>
    public int Length => _length;

    public Memory<byte> GetMemory(int sizeHint = 0) => Reserve(sizeHint).AsMemory(_length);

    public Span<byte> GetSpan(int sizeHint = 0) => Reserve(sizeHint).AsSpan(_length);

    public void Advance(int count) => _length += count;

    /// <summary>Sends all that has been written.</summary>
    /// <returns>False when the client has gone.</returns>
    /// <exception cref="OperationCanceledException">A part may have been sent, or nothing.</exception>
    public ValueTask<bool> SendAsync(CancellationToken cancellationToken)
    {
        if (_length == 0)
        {
            return new(true);
        }

        ValueTask<int> sending;
        try
        {
            sending = socket.SendAsync(_buffer.AsMemory(0, _length), SocketFlags.None, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The server has broken the connection off.
            Clear();
            return new(false);
        }

        // Nearly always the kernel takes all of it at once.
        if (!sending.IsCompletedSuccessfully)
        {
            return SendRestAsync(sending, cancellationToken);
        }

        var count = sending.Result;
        if (count < _length)
        {
            return SendRestAsync(new(count), cancellationToken);
        }

        Clear();
        return new(true);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendRestAsync(ValueTask<int> sending, CancellationToken cancellationToken)
    {
        deadline.BeginSending(_length);
        try
        {
            var sent = await sending;
            while (sent < _length)
            {
                sent += await socket.SendAsync(_buffer.AsMemory(sent, _length - sent), SocketFlags.None, cancellationToken);
            }

            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            deadline.End();
            Clear();
        }
    }

    private byte[] Reserve(int sizeHint)
    {
        var size = _length + Math.Max(sizeHint, 1);
        if (_buffer.Length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, Math.Max(Size, _buffer.Length * 2)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            Return();
            _buffer = larger;
        }

        return _buffer;
    }

    private void Clear()
    {
        // A connection may be idle for long: it keeps nothing then.
        Return();
        (_buffer, _length) = ([], 0);
    }

    private void Return()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
