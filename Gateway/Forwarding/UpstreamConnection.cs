using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gateway.Http1;

namespace Gateway.Forwarding;

/// <summary>
/// One connection to an endpoint: its socket, TLS over it where wanted, its receive buffer and its deadlines. Used by one request at a
/// time; while idle it already waits for the next bytes, so that a connection the endpoint has closed is noticed before it is used.
/// </summary>
internal sealed class UpstreamConnection : IDisposable
{
    private const int InitialSize = 8192;
    private const long Never = long.MaxValue;

    private readonly Socket _socket;
    private readonly SslStream? _tls;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private readonly long _opened;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(InitialSize);
    private ValueTask<int> _pending;
    private bool _hasPending;
    private int _start;
    private int _end;
    private int _served;
    private long _deadline = Never;
    private volatile bool _timedOut;
    private int _disposed;

    internal UpstreamConnection(Socket socket, SslStream? tls, ConnectionOptions options, TimeProvider time)
    {
        (_socket, _tls, _options, _time) = (socket, tls, options, time);
        _opened = time.GetTimestamp();
        Head = new ResponseHead(options.Rules);

        // One coarse timer for the connection's whole life: a precise one for each read would cost more than the read.
        if (Least(options.Activity, options.Idle) is { } shortest)
        {
            var interval = shortest / 8;
            _timer = time.CreateTimer(static state => ((UpstreamConnection)state!).CheckDeadline(), this, interval, interval);
        }
    }

    /// <summary>Told once, when the connection has ended.</summary>
    public Action? Closed { get; set; }

    /// <summary>What has been received and not yet taken.</summary>
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    /// <summary>The head of the last response.</summary>
    public ResponseHead Head { get; }

    /// <summary>Whether the idle connection is still open and silent.</summary>
    public bool IsUsable => !_timedOut && !_pending.IsCompleted && !IsOld;

    /// <summary>Whether a deadline has ended the connection.</summary>
    public bool TimedOut => _timedOut;

    /// <summary>Whether it has been open for as long as it may.</summary>
    private bool IsOld => _options.Lifetime is { } lifetime && _time.GetElapsedTime(_opened) > lifetime;

    /// <summary>Whether it has served a request before.</summary>
    public bool IsReused => _served > 0;

    /// <summary>Where it comes from.</summary>
    public EndPoint? LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="UpstreamException">The endpoint cannot be reached.</exception>
    public static Task<UpstreamConnection> OpenAsync(
        EndPoint endpoint, ConnectionOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        new UpstreamConnector(endpoint, options, time).ConnectAsync(cancellationToken);

    /// <summary>Sends all of the bytes. The endpoint's time goes on: its answer is what comes next.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        Expect(_options.Activity);
        if (_tls is not null)
        {
            return _tls.WriteAsync(bytes);
        }

        // Nearly always the kernel takes all of it at once.
        var sending = _socket.SendAsync(bytes, SocketFlags.None);
        if (!sending.IsCompletedSuccessfully)
        {
            return SendRestAsync(sending, bytes);
        }

        var count = sending.Result;
        return count < bytes.Length ? SendRestAsync(ValueTask.FromResult(count), bytes) : default;
    }

    /// <summary>Receives more into the buffer, behind what is there.</summary>
    /// <returns>False at the end of the connection.</returns>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync() => EndFill(await BeginFill());

    /// <summary>Begins to receive more into the buffer; <see cref="EndFill"/> ends it.</summary>
    public ValueTask<int> BeginFill()
    {
        if (Volatile.Read(ref _deadline) == Never)
        {
            Expect(_options.Activity);
        }

        if (_hasPending)
        {
            _hasPending = false;
            return _pending;
        }

        MakeRoom();
        return ReadAsync(_buffer.AsMemory(_end));
    }

    /// <summary>Takes what was received.</summary>
    /// <returns>False at the end of the connection.</returns>
    public bool EndFill(int count)
    {
        ExpectNothing();
        _end += count;
        return count > 0;
    }

    /// <summary>Receives into other memory; the buffer must be empty.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        Expect(_options.Activity);
        var count = await ReadAsync(destination);
        ExpectNothing();
        return count;
    }

    /// <summary>Reads the <see cref="Head"/> of a response, once it is all there. It stays in the buffer until it is taken.</summary>
    /// <param name="isHead">Whether the request was a HEAD.</param>
    /// <param name="tooLong">What is wrong with one that is longer than is allowed.</param>
    /// <returns>Its length; 0 as long as there is more to come.</returns>
    /// <exception cref="UpstreamException">It is too long, or not valid.</exception>
    public int ReadHead(bool isHead, string tooLong)
    {
        var length = HeadLines.FindEnd(Received);
        if ((length == 0 ? Received.Length + 1 : length) > _options.MaxHeadSize)
        {
            throw ResponseHead.Invalid(tooLong);
        }

        if (length > 0)
        {
            Head.Read(Received[..length], isHead);
        }

        return length;
    }

    /// <summary>Takes received bytes out of the buffer.</summary>
    public void Take(int count) => _start += count;

    /// <summary>Ends a request on this connection, which then waits for the next.</summary>
    /// <returns>False when it cannot serve another one.</returns>
    [SuppressMessage("Reliability", "CA2012", Justification = "Awaited once, by the next request or when disposed.")]
    public bool TryRest()
    {
        _served++;
        if (_start != _end || _timedOut || Volatile.Read(ref _disposed) != 0 || _served == _options.MaxRequests || IsOld)
        {
            return false;
        }

        (_start, _end) = (0, 0);
        Expect(_options.Idle);
        _pending = ReadAsync(_buffer.AsMemory());
        _hasPending = true;
        return true;
    }

    /// <summary>Breaks off whatever is going on.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _timer?.Dispose();
        Close();
        if (_hasPending)
        {
            _hasPending = false;
            _ = ObserveAsync(_pending);
        }

        Closed?.Invoke();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendRestAsync(ValueTask<int> sending, ReadOnlyMemory<byte> bytes)
    {
        bytes = bytes[await sending..];
        while (!bytes.IsEmpty)
        {
            Expect(_options.Activity);
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }

    private static TimeSpan? Least(TimeSpan? one, TimeSpan? other) => one is null ? other : other is null || one < other ? one : other;

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
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // The connection is gone, which is why nobody waits for it any more.
        }
    }

    private ValueTask<int> ReadAsync(Memory<byte> destination) =>
        _tls is null ? _socket.ReceiveAsync(destination, SocketFlags.None) : _tls.ReadAsync(destination);

    /// <summary>Makes room behind what is there; the buffer grows until it holds the longest head that is allowed, and a bit.</summary>
    private void MakeRoom()
    {
        if (_start > 0)
        {
            Received.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        if (_buffer.Length > _options.MaxHeadSize)
        {
            throw new InvalidOperationException("The receive buffer is full.");
        }

        Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    private void Expect(TimeSpan? within)
    {
        if (within is { } limit)
        {
            Volatile.Write(ref _deadline, _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency));
        }
        else
        {
            ExpectNothing();
        }
    }

    /// <summary>While the client is what everybody waits for, the endpoint has no deadline.</summary>
    private void ExpectNothing() => Volatile.Write(ref _deadline, Never);

    private void CheckDeadline()
    {
        if (_time.GetTimestamp() > Volatile.Read(ref _deadline))
        {
            _timedOut = true;
            Close();
        }
    }
}
