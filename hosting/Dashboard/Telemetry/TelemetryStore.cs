using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Telemetry;

/// <summary>All telemetry there is, in memory and bounded.</summary>
internal sealed class TelemetryStore
{
    public TelemetryStore(TelemetryLimits limits, TimeProvider time, Reclaimer? reclaimer = null)
    {
        Limits = limits;
        reclaimer ??= Reclaimer.OfProcess;
        Changes = new TelemetryChanges();
        Resources = new TelemetryResources(limits);
        Logs = new LogStore(limits, Changes, reclaimer);
        Traces = new TraceStore(limits, Changes, reclaimer);
        Metrics = new MetricStore(limits, Changes, time, reclaimer);
    }

    /// <summary>What is kept at most.</summary>
    public TelemetryLimits Limits { get; }

    /// <summary>The one copy of texts that come often.</summary>
    public StringPool Texts { get; } = new();

    /// <summary>Tells that something has come.</summary>
    public TelemetryChanges Changes { get; }

    /// <summary>Who has sent telemetry.</summary>
    public TelemetryResources Resources { get; }

    /// <summary>The logs.</summary>
    public LogStore Logs { get; }

    /// <summary>The traces.</summary>
    public TraceStore Traces { get; }

    /// <summary>The metrics.</summary>
    public MetricStore Metrics { get; }
}
