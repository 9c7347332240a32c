using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Forwarding;

/// <summary>
/// One TCP connection to an endpoint: its socket, its receive buffer and its deadlines. Used by one request at a time; while idle it
/// already waits for the next bytes, so that a connection the endpoint has closed is noticed before it is used.
/// </summary>
internal sealed class UpstreamConnection : IDisposable
{
    /// <summary>
    /// A response head must fit into proxy_buffer_size, 4k in ingress-nginx; a longer one is answered with 502 there and here.
    /// </summary>
    public const int MaxHeadSize = 4096;

    private const int BufferSize = 8192;

    private readonly Socket _socket;
    private readonly UpstreamTimeouts _timeouts;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _opened;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
    private ValueTask<int> _pending;
    private bool _hasPending;
    private int _start;
    private int _end;
    private long _deadline = long.MaxValue;
    private volatile bool _timedOut;

    private UpstreamConnection(Socket socket, UpstreamTimeouts timeouts, TimeProvider time)
    {
        _socket = socket;
        _timeouts = timeouts;
        _time = time;
        _opened = time.GetTimestamp();

        // One coarse timer for the connection's whole life: a precise one for each read would cost more than the read.
        var interval = timeouts.Activity / 8;
        _timer = time.CreateTimer(static state => ((UpstreamConnection)state!).CheckDeadline(), this, interval, interval);
    }

    /// <summary>What has been received and not yet taken.</summary>
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Whether the idle connection is still open and silent.</summary>
    public bool IsUsable => !_timedOut && !_pending.IsCompleted;

    /// <summary>Whether a deadline has ended the connection.</summary>
    public bool TimedOut => _timedOut;

    /// <summary>Whether an idle connection has had its time (keepalive_time).</summary>
    public bool IsExpired => _time.GetElapsedTime(_opened) > _timeouts.Lifetime;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="UpstreamException">The endpoint cannot be reached.</exception>
    public static async Task<UpstreamConnection> OpenAsync(
        EndPoint endpoint, UpstreamTimeouts timeouts, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = endpoint is IPEndPoint
            ? new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(timeouts.Connect, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(endpoint, linked.Token);
            return new UpstreamConnection(socket, timeouts, time);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new UpstreamException(UpstreamFailure.ConnectTimeout, exception);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new UpstreamException(UpstreamFailure.Connect(exception.SocketErrorCode), exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends all of the bytes.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Expect(_timeouts.Activity);
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
        }

        ExpectNothing();
    }

    /// <summary>Receives more into the buffer, behind what is there.</summary>
    /// <returns>False at the end of the connection.</returns>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync()
    {
        int count;
        if (_hasPending)
        {
            Expect(_timeouts.Activity);
            _hasPending = false;
            count = await _pending;
            ExpectNothing();
        }
        else
        {
            Compact();
            count = await ReceiveAsync(_buffer.AsMemory(_end));
        }

        _end += count;
        return count > 0;
    }

    /// <summary>Receives into other memory; the buffer must be empty.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        Expect(_timeouts.Activity);
        var count = await _socket.ReceiveAsync(destination, SocketFlags.None);
        ExpectNothing();
        return count;
    }

    /// <summary>Takes received bytes out of the buffer.</summary>
    public void Take(int count) => _start += count;

    /// <summary>Ends a request on this connection, which then waits for the next.</summary>
    /// <returns>False when it cannot serve another one.</returns>
    [SuppressMessage("Reliability", "CA2012", Justification = "Awaited once, by the next request or when disposed.")]
    public bool TryRest()
    {
        if (_start != _end || _timedOut)
        {
            return false;
        }

        (_start, _end) = (0, 0);
        Expect(_timeouts.Idle);
        _pending = _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None);
        _hasPending = true;
        return true;
    }

    /// <summary>Breaks off whatever is going on.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Close();
        if (_hasPending)
        {
            _hasPending = false;
            _ = ObserveAsync(_pending);
        }
    }

    /// <summary>
    /// An idle connection ends in order, so that the endpoint sees its end and not a reset: disposing a socket that is being read resets
    /// it, unless it was shut down before. A request is broken off.
    /// </summary>
    private void Close()
    {
        if (_hasPending)
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The endpoint was faster.
            }
        }

        _socket.Dispose();
    }

    private static async Task ObserveAsync(ValueTask<int> pending)
    {
        try
        {
            await pending;
        }
        catch (SocketException)
        {
            // The connection is gone, which is why nobody waits for it any more.
        }
    }

    private void Compact()
    {
        if (_start > 0)
        {
            Received.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            throw new InvalidOperationException("The receive buffer is full.");
        }
    }

    private void Expect(TimeSpan within) =>
        Volatile.Write(ref _deadline, _time.GetTimestamp() + (long)(within.TotalSeconds * _time.TimestampFrequency));

    /// <summary>While the client is what everybody waits for, the endpoint has no deadline.</summary>
    private void ExpectNothing() => Volatile.Write(ref _deadline, long.MaxValue);

    private void CheckDeadline()
    {
        if (_time.GetTimestamp() > Volatile.Read(ref _deadline))
        {
            _timedOut = true;
            Close();
        }
    }
}
