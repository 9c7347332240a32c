using Gateway.Forwarding;

namespace Gateway.Proxy;

/// <summary>What ends a request, or one attempt of it, from outside.</summary>
internal enum InterruptionReason
{
    /// <summary>Nothing does.</summary>
    None,

    /// <summary>The client has gone.</summary>
    ClientGone,

    /// <summary>The route's timeout has run out.</summary>
    RequestTimeout,

    /// <summary>The attempt's timeout has run out.</summary>
    AttemptTimeout,
}

/// <summary>
/// Watches the time of one request and its client, and breaks off what the request waits for when one of them ends. Used again for the
/// next request: its timer is set to fire early rather than set anew for each one, so that a timeout costs a request almost nothing.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const long Never = long.MaxValue;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _client;
    private UpstreamConnection? _connection;
    private CancellationTokenSource? _wait;
    private InterruptionReason _request;
    private InterruptionReason _attempt;
    private long _requestDeadline = Never;
    private long _attemptDeadline = Never;
    private long _armed = Never;

    /// <summary>Makes one.</summary>
    public Interruption(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(
            static state => ((Interruption)state!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What has ended the request or the attempt.</summary>
    public InterruptionReason Reason
    {
        get
        {
            lock (_gate)
            {
                return _request != InterruptionReason.None ? _request : _attempt;
            }
        }
    }

    /// <summary>Watches a client.</summary>
    public void Begin(CancellationToken client) =>
        _client = client.UnsafeRegister(static state => ((Interruption)state!).Interrupt(InterruptionReason.ClientGone), this);

    /// <summary>Ends watching.</summary>
    /// <returns>False when this must not be used for another request, because the client is just leaving.</returns>
    public bool TryEnd()
    {
        var isQuiet = _client.Unregister() || !_client.Token.CanBeCanceled;
        lock (_gate)
        {
            (_requestDeadline, _attemptDeadline) = (Never, Never);
            (_request, _attempt) = (InterruptionReason.None, InterruptionReason.None);
            (_connection, _wait) = (null, null);
        }

        return isQuiet;
    }

    /// <summary>Begins another attempt: what ended the one before is over.</summary>
    public void BeginAttempt()
    {
        lock (_gate)
        {
            _attempt = InterruptionReason.None;
            _attemptDeadline = Never;
        }
    }

    /// <summary>Lets the request end after a time from now.</summary>
    public void LimitRequest(TimeSpan time)
    {
        lock (_gate)
        {
            _requestDeadline = After(time);
            Arm();
        }
    }

    /// <summary>Lets the attempt end after a time from now.</summary>
    public void LimitAttempt(TimeSpan time)
    {
        lock (_gate)
        {
            _attemptDeadline = After(time);
            Arm();
        }
    }

    /// <summary>The attempt has its answer: its own time counts no more, the request's still does.</summary>
    public void EndAttemptLimit()
    {
        if (Volatile.Read(ref _attemptDeadline) == Never)
        {
            return;
        }

        lock (_gate)
        {
            _attemptDeadline = Never;
        }
    }

    /// <summary>Neither the request nor the attempt ends by itself any more.</summary>
    public void EndLimits()
    {
        lock (_gate)
        {
            (_requestDeadline, _attemptDeadline) = (Never, Never);
        }
    }

    /// <summary>Breaks a connection off when the time comes. Ends with <see cref="Unwatch"/>, before the connection is anybody else's.</summary>
    /// <returns>False when it has come already.</returns>
    public bool Watch(UpstreamConnection connection)
    {
        lock (_gate)
        {
            if (_request != InterruptionReason.None || _attempt != InterruptionReason.None)
            {
                return false;
            }

            _connection = connection;
            return true;
        }
    }

    /// <summary>Lets go of the connection.</summary>
    public void Unwatch()
    {
        lock (_gate)
        {
            _connection = null;
        }
    }

    /// <summary>A token for what has no connection yet: it is cancelled when the time comes. Dispose its source when the wait is over.</summary>
    public CancellationTokenSource CreateWait()
    {
        var wait = new CancellationTokenSource();
        lock (_gate)
        {
            if (_request != InterruptionReason.None || _attempt != InterruptionReason.None)
            {
                wait.Cancel();
            }
            else
            {
                _wait = wait;
            }
        }

        return wait;
    }

    /// <summary>Ends a wait.</summary>
    public void EndWait(CancellationTokenSource wait)
    {
        lock (_gate)
        {
            if (_wait == wait)
            {
                _wait = null;
            }
        }

        wait.Dispose();
    }

    public void Dispose()
    {
        _client.Dispose();
        _timer.Dispose();
    }

    private void Interrupt(InterruptionReason reason)
    {
        lock (_gate)
        {
            if (_request != InterruptionReason.None)
            {
                return;
            }

            if (reason == InterruptionReason.AttemptTimeout)
            {
                _attempt = reason;
            }
            else
            {
                _request = reason;
            }

            _connection?.Dispose();
            _ = _wait?.CancelAsync();
        }
    }

    private long After(TimeSpan time) => _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Sets the timer, unless it fires earlier anyway.</summary>
    private void Arm()
    {
        var next = Math.Min(_requestDeadline, _attemptDeadline);
        if (next >= _armed)
        {
            return;
        }

        _armed = next;
        var due = _time.GetElapsedTime(_time.GetTimestamp(), next);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(due.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void OnTime()
    {
        lock (_gate)
        {
            _armed = Never;
            var now = _time.GetTimestamp();
            if (now >= _requestDeadline)
            {
                _requestDeadline = Never;
                Interrupt(InterruptionReason.RequestTimeout);
            }

            if (now >= _attemptDeadline)
            {
                _attemptDeadline = Never;
                Interrupt(InterruptionReason.AttemptTimeout);
            }

            Arm();
        }
    }
}
