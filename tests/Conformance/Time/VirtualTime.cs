namespace Conformance.Time;

/// <summary>What the clock has come to.</summary>
internal enum Fired
{
    /// <summary>There was no timer to fire.</summary>
    None,

    /// <summary>A delay that somebody waited for.</summary>
    Delay,

    /// <summary>A timer that watches over something, and may break it off.</summary>
    Timeout,

    /// <summary>What happens regularly.</summary>
    Tick,
}

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

    /// <summary>How many tasks wait for a delay to end.</summary>
    public int Delays
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count(timer => timer.IsDelay);
            }
        }
    }

    /// <summary>Completes at the next change of the timers, or of anything else that <see cref="Notify"/> is told of.</summary>
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

    // Not zero at the beginning, as no clock of a machine is.
    public override long GetTimestamp() => (TimeSpan.FromDays(1) + Elapsed).Ticks;

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
        while (FireNext(end) != Fired.None)
        {
        }
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    /// <param name="end">How far the clock moves at most; where it stands when there is no timer before.</param>
    public Fired FireNext(TimeSpan end)
    {
        VirtualTimer? next;
        Fired kind;
        lock (_gate)
        {
            next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null)
            {
                _elapsed = end == TimeSpan.MaxValue ? _elapsed : end;
                return Fired.None;
            }

            _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
            kind = next.Kind;
            next.Rearm();
        }

        next.Fire();
        return kind;
    }

    /// <summary>Says that something has changed which is none of the timers.</summary>
    public void Notify()
    {
        lock (_gate)
        {
            Signal();
        }
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

        // Task.Delay gives its own task as the state; a CancellationTokenSource or a connection gives itself.
        public bool IsDelay => state is Task;

        public Fired Kind => IsDelay ? Fired.Delay : IsPeriodic ? Fired.Tick : Fired.Timeout;

        private bool IsPeriodic => _period > TimeSpan.Zero;

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
                }
                else
                {
                    Due = time._elapsed + dueTime;
                }

                if (dueTime > TimeSpan.Zero || (dueTime == TimeSpan.Zero && IsPeriodic))
                {
                    time._timers.Add(this);
                }

                time.Signal();
                return true;
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
