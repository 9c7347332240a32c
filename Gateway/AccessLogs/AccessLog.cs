using System.Buffers;
using Gateway.Requests;

namespace Gateway.AccessLogs;

/// <summary>
/// Writes entries to a stream, many at a time: a request only appends to a buffer. When the stream cannot take them, entries are dropped
/// rather than requests held up.
/// </summary>
internal sealed class AccessLog : IDisposable
{
    /// <summary>How long an entry waits at most.</summary>
    internal static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long when there is much to write.</summary>
    internal static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);

    /// <summary>How many bytes are much.</summary>
    internal const int FlushSize = 64 * 1024;

    /// <summary>How many bytes may wait.</summary>
    internal const int MaxPending = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Lock _streamGate = new();
    private readonly Stream _stream;
    private readonly AccessLogFormat _format;
    private readonly ITimer _timer;
    private ArrayBufferWriter<byte> _pending = new(FlushSize);
    private ArrayBufferWriter<byte> _written = new(FlushSize);
    private bool _isTimerSet;
    private bool _isHurried;
    private long _dropped;

    /// <summary>Makes a log.</summary>
    /// <param name="stream">Where entries go; not disposed here.</param>
    /// <param name="format">How they look.</param>
    /// <param name="time">The clock.</param>
    public AccessLog(Stream stream, AccessLogFormat format, TimeProvider time)
    {
        (_stream, _format) = (stream, format);
        _timer = time.CreateTimer(static self => ((AccessLog)self!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many entries were dropped.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Writes an entry.</summary>
    public void Write(RequestSummary summary)
    {
        lock (_gate)
        {
            if (_pending.WrittenCount >= MaxPending)
            {
                _dropped++;
                return;
            }

            _format.Write(summary, _pending);
            if (!_isHurried && _pending.WrittenCount >= FlushSize)
            {
                (_isTimerSet, _isHurried) = (true, true);
                _timer.Change(Soon, Timeout.InfiniteTimeSpan);
            }
            else if (!_isTimerSet)
            {
                _isTimerSet = true;
                _timer.Change(FlushInterval, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Writes what waits.</summary>
    public void Flush()
    {
        lock (_streamGate)
        {
            lock (_gate)
            {
                (_pending, _written) = (_written, _pending);
                (_isTimerSet, _isHurried) = (false, false);
            }

            try
            {
                _stream.Write(_written.WrittenSpan);
                _stream.Flush();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Nobody reads the log any more; the proxy goes on.
            }

            _written.ResetWrittenCount();
        }
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Flush();
    }
}
