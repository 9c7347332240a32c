namespace Gateway.Clusters.Outliers;

/// <summary>One host's part of outlier detection: its counters and its ejection. Changed only by its detector, under its lock.</summary>
/// <remarks>envoyproxy/envoy source/common/upstream/outlier_detection_impl.h, DetectorHostMonitorImpl.</remarks>
internal sealed class OutlierMonitor
{
    private volatile bool _isEjected;

    /// <summary>True while the host is out.</summary>
    public bool IsEjected
    {
        get => _isEjected;
        internal set => _isEjected = value;
    }

    /// <summary>5xx answers in a row.</summary>
    public uint Consecutive5xx { get; internal set; }

    /// <summary>502, 503 and 504 in a row.</summary>
    public uint ConsecutiveGatewayErrors { get; internal set; }

    /// <summary>Failures to connect and timeouts in a row, when counted apart.</summary>
    public uint ConsecutiveLocalOriginFailures { get; internal set; }

    /// <summary>How often the host was ejected.</summary>
    public uint Ejections { get; internal set; }

    /// <summary>By what the base ejection time is multiplied.</summary>
    public uint Backoff { get; internal set; }

    /// <summary>When the host was last ejected, as a timestamp of the detector's TimeProvider; null when never.</summary>
    internal long? EjectedAt { get; set; }

    /// <summary>When the host last came back.</summary>
    internal long? ReturnedAt { get; set; }
}
