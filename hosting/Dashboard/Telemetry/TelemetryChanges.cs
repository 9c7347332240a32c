using System.Collections.Immutable;

namespace Dashboard.Telemetry;

/// <summary>The kinds of telemetry.</summary>
[Flags]
internal enum Signals
{
    None = 0,
    Logs = 1,
    Traces = 2,
    Metrics = 4,
    All = Logs | Traces | Metrics,
}

/// <summary>
/// Tells those that show telemetry that there is more of it. They are told at once and from the thread that brings it, so they must only
/// take note: whoever draws does it at a pace of its own.
/// </summary>
internal sealed class TelemetryChanges
{
    private ImmutableList<Action<Signals>> _listeners = [];

    /// <summary>Adds a listener; disposing what is returned removes it.</summary>
    public IDisposable Subscribe(Action<Signals> listener)
    {
        ImmutableInterlocked.Update(ref _listeners, static (listeners, added) => listeners.Add(added), listener);
        return new Subscription(this, listener);
    }

    /// <summary>Tells all listeners.</summary>
    public void Publish(Signals signals)
    {
        foreach (var listener in _listeners)
        {
            listener(signals);
        }
    }

    private sealed class Subscription(TelemetryChanges changes, Action<Signals> listener) : IDisposable
    {
        public void Dispose() =>
            ImmutableInterlocked.Update(ref changes._listeners, static (listeners, removed) => listeners.Remove(removed), listener);
    }
}
