namespace Conformance.Time;

/// <summary>
/// The clock of a case. It stands still until somebody moves it, so that a back-off of 25 ms and an ejection of five minutes are
/// measured alike, to the millisecond and at once. Knows which of its timers somebody waits for (a delay) and which only watch
/// over something (a timeout).
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<VirtualTimer> _timers = [];
    private TaskCompletionSource _changed = NewSignal();
    private TimeSpan _elapsed;
    private long _waitsBegun;

    /// <summary>How much virtual time has passed.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return _elapsed;
            }
        }
    }

    /// <summary>How many delays have begun so far.</summary>
    public long WaitsBegun
    {
        get
        {
            lock (_gate)
            {
                return _waitsBegun;
            }
        }
    }

    /// <summary>Whether somebody waits for a delay to end.</summary>
    public bool IsWaitedFor
    {
        get
        {
            lock (_gate)
            {
                return _timers.Exists(timer => timer.IsWait);
            }
        }
    }

    /// <summary>Completes at the next change of the timers.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; every timer on the way fires at its own time.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Elapsed + time;
        while (FireNext(end) is not null)
        {
        }
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    /// <returns>Whether the timer fires only once, or null when there is none before <paramref name="end"/>.</returns>
    public bool? FireNext(TimeSpan end)
    {
        VirtualTimer? next;
        lock (_gate)
        {
            next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null)
            {
                _elapsed = end == TimeSpan.MaxValue ? _elapsed : end;
                return null;
            }

            _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
            next.Rearm();
        }

        next.Fire();
        return !next.IsPeriodic;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public bool IsPeriodic => _period > TimeSpan.Zero;

        // Task.Delay gives its own task as the state; a CancellationTokenSource or a connection gives itself.
        public bool IsWait => state is Task;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime == TimeSpan.Zero)
                {
                    // Due at once: no clock needs to move for it.
                    ThreadPool.QueueUserWorkItem(static timer => ((VirtualTimer)timer!).Fire(), this);
                    Due = time._elapsed + period;
                    AddIf(period > TimeSpan.Zero);
                }
                else if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time._elapsed + dueTime;
                    time._timers.Add(this);
                }

                if (IsWait)
                {
                    time._waitsBegun++;
                }

                time.Signal();
                return true;
            }
        }

        private void AddIf(bool isPeriodic)
        {
            if (isPeriodic)
            {
                time._timers.Add(this);
            }
        }

        /// <summary>Under the lock: sets the timer for its next time, or takes it out.</summary>
        public void Rearm()
        {
            if (IsPeriodic)
            {
                Due += _period;
            }
            else
            {
                time._timers.Remove(this);
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time._gate)
            {
                if (time._timers.Remove(this))
                {
                    time.Signal();
                }
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
