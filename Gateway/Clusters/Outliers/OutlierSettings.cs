using System.Collections.Immutable;

namespace Gateway.Clusters.Outliers;

/// <summary>When hosts are ejected, and for how long. The defaults are Envoy's, as far as Istio leaves them.</summary>
/// <remarks>
/// istio/istio cluster_traffic_policy.go, applyOutlierDetection; envoyproxy/envoy source/common/upstream/outlier_detection_impl.h.
/// </remarks>
internal sealed record OutlierSettings
{
    /// <summary>5xx answers in a row; 0 means never.</summary>
    public uint Consecutive5xx { get; init; } = 5;

    /// <summary>502, 503 and 504 in a row; 0 means never, which is the default as Envoy does not enforce it unless told.</summary>
    public uint ConsecutiveGatewayErrors { get; init; }

    /// <summary>Failures to connect and timeouts in a row, when counted apart.</summary>
    public uint ConsecutiveLocalOriginFailures { get; init; } = 5;

    /// <summary>Whether failures to connect and timeouts are counted apart from answers.</summary>
    public bool SplitLocalOrigin { get; init; }

    /// <summary>Time between sweeps.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest ejection.</summary>
    public TimeSpan BaseEjectionTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest ejection: 300 s, or the base when that is longer.</summary>
    public TimeSpan MaxEjectionTime => BaseEjectionTime > DefaultMaxEjectionTime ? BaseEjectionTime : DefaultMaxEjectionTime;

    /// <summary>How long an ejection lasts.</summary>
    /// <param name="multiplier">How often the host was ejected, less what it was healthy since.</param>
    public TimeSpan EjectionTime(uint multiplier) =>
        multiplier * BaseEjectionTime is var time && time < MaxEjectionTime ? time : MaxEjectionTime;

    /// <summary>Most hosts out at a time, in percent.</summary>
    public uint MaxEjectionPercent { get; init; } = 10;

    /// <summary>Below this share of healthy hosts, all hosts are used (Envoy's panic); 0 means never.</summary>
    public uint MinHealthPercent { get; init; }

    /// <summary>Status codes that count as errors instead of 5xx; empty for 5xx.</summary>
    public ImmutableArray<int> ErrorCodes { get; init; } = [];

    private static TimeSpan DefaultMaxEjectionTime => TimeSpan.FromSeconds(300);

    /// <summary>Codes are compared one by one.</summary>
    public bool Equals(OutlierSettings? other) =>
        other is not null && Consecutive5xx == other.Consecutive5xx && ConsecutiveGatewayErrors == other.ConsecutiveGatewayErrors
        && ConsecutiveLocalOriginFailures == other.ConsecutiveLocalOriginFailures && SplitLocalOrigin == other.SplitLocalOrigin
        && Interval == other.Interval && BaseEjectionTime == other.BaseEjectionTime && MaxEjectionPercent == other.MaxEjectionPercent
        && MinHealthPercent == other.MinHealthPercent && ErrorCodes.AsSpan().SequenceEqual(other.ErrorCodes.AsSpan());

    public override int GetHashCode() =>
        HashCode.Combine(Consecutive5xx, Interval, BaseEjectionTime, MaxEjectionPercent, ErrorCodes.Length);
}
