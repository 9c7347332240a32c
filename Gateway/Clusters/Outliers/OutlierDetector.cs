using System.Collections.Immutable;

namespace Gateway.Clusters.Outliers;

/// <summary>
/// A cluster's outlier detection: ejects a host on its Nth error in a row, and brings it back on the first sweep after its time. All
/// state is guarded by the cluster's lock; answers without error on a host without errors need no lock.
/// </summary>
/// <remarks>
/// envoyproxy/envoy source/common/upstream/outlier_detection_impl.cc. Detection by success rate and failure percentage is not enforced in
/// clusters that Istio makes, so it has no part here.
/// </remarks>
internal sealed class OutlierDetector : IDisposable
{
    private readonly OutlierSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _gate;
    private readonly Action _changed;
    private readonly ITimer _timer;
    private ImmutableArray<UpstreamHost> _hosts = [];
    private int _ejected;
    private long _ejections;
    private long _refused;

    /// <summary>Begins detection.</summary>
    /// <param name="settings">When hosts are ejected.</param>
    /// <param name="time">The clock.</param>
    /// <param name="gate">The cluster's lock.</param>
    /// <param name="changed">Called under the lock when a host was ejected or came back.</param>
    public OutlierDetector(OutlierSettings settings, TimeProvider time, Lock gate, Action changed)
    {
        (_settings, _time, _gate, _changed) = (settings, time, gate, changed);
        _timer = time.CreateTimer(_ => Sweep(), null, settings.Interval, settings.Interval);
    }

    /// <summary>How many hosts are out.</summary>
    public int EjectedCount => Volatile.Read(ref _ejected);

    /// <summary>How many ejections there were.</summary>
    public long EjectionCount => Volatile.Read(ref _ejections);

    /// <summary>How many ejections the limit refused.</summary>
    public long RefusedCount => Volatile.Read(ref _refused);

    /// <summary>Takes the hosts from now on; called under the lock. A host that left takes its ejection with it.</summary>
    public void Follow(ImmutableArray<UpstreamHost> hosts)
    {
        foreach (var host in hosts)
        {
            host.Monitor ??= new OutlierMonitor();
        }

        _hosts = hosts;
        _ejected = hosts.Count(host => host.IsEjected);
    }

    /// <summary>Counts how an attempt at a host ended.</summary>
    public void Report(UpstreamHost host, in UpstreamOutcome outcome)
    {
        if (host.Monitor is not { } monitor)
        {
            return;
        }

        switch (outcome.Kind)
        {
            case OutcomeKind.Response:
                ReportResponse(host, monitor, CodeOf(outcome));
                break;
            case OutcomeKind.PerTryTimeout or OutcomeKind.Timeout:
                // Until there is a connection Envoy does not know which host to blame.
                if (outcome.RequestStarted)
                {
                    ReportLocalOrigin(host, monitor, 504, hadConnection: true);
                }

                break;
            case OutcomeKind.ConnectFailure:
                ReportLocalOrigin(host, monitor, 503, hadConnection: false);
                break;
            case OutcomeKind.Reset or OutcomeKind.Refused:
                ReportLocalOrigin(host, monitor, 503, hadConnection: true);
                break;
        }
    }

    /// <summary>Ends detection: nothing is ejected and nobody comes back any more.</summary>
    public void Dispose() => _timer.Dispose();

    /// <summary>
    /// The code that is counted: of a gRPC answer the one its status stands for; where error codes are configured, those count as errors
    /// and all others as success.
    /// </summary>
    private int CodeOf(in UpstreamOutcome outcome)
    {
        if (!_settings.ErrorCodes.IsEmpty)
        {
            return !_settings.ErrorCodes.Contains(outcome.Status) ? 200 : outcome.Status >= 500 ? outcome.Status : 500;
        }

        return outcome.GrpcStatus is { } grpc ? GrpcCodes.ToHttp(grpc) : outcome.Status;
    }

    private void ReportResponse(UpstreamHost host, OutlierMonitor monitor, int code)
    {
        if (code < 500 && monitor is { Consecutive5xx: 0, ConsecutiveGatewayErrors: 0, ConsecutiveLocalOriginFailures: 0 })
        {
            return;
        }

        lock (_gate)
        {
            monitor.ConsecutiveLocalOriginFailures = 0;
            Count(host, monitor, code);
        }
    }

    private void ReportLocalOrigin(UpstreamHost host, OutlierMonitor monitor, int code, bool hadConnection)
    {
        lock (_gate)
        {
            if (!_settings.SplitLocalOrigin)
            {
                Count(host, monitor, code);
                return;
            }

            // A connection that was made is a success of its own: so only failures to connect add up.
            monitor.ConsecutiveLocalOriginFailures = hadConnection ? 1 : monitor.ConsecutiveLocalOriginFailures + 1;
            if (monitor.ConsecutiveLocalOriginFailures == _settings.ConsecutiveLocalOriginFailures && !monitor.IsEjected)
            {
                Eject(host, monitor);
                monitor.ConsecutiveLocalOriginFailures = 0;
            }
        }
    }

    private void Count(UpstreamHost host, OutlierMonitor monitor, int code)
    {
        if (code is < 500 or > 599)
        {
            monitor.Consecutive5xx = 0;
            monitor.ConsecutiveGatewayErrors = 0;
            return;
        }

        // A counter stops at its threshold while the host is out; it is cleared when the host comes back. A refused ejection clears it.
        monitor.ConsecutiveGatewayErrors = code is 502 or 503 or 504 ? monitor.ConsecutiveGatewayErrors + 1 : 0;
        if (monitor.ConsecutiveGatewayErrors == _settings.ConsecutiveGatewayErrors && !monitor.IsEjected && code is 502 or 503 or 504)
        {
            Eject(host, monitor);
            monitor.ConsecutiveGatewayErrors = 0;
        }

        monitor.Consecutive5xx++;
        if (monitor.Consecutive5xx == _settings.Consecutive5xx && !monitor.IsEjected)
        {
            Eject(host, monitor);
            monitor.Consecutive5xx = 0;
        }
    }

    /// <summary>Ejects a host if the limit allows it: of 3 hosts at the default of 10 percent it never does.</summary>
    private void Eject(UpstreamHost host, OutlierMonitor monitor)
    {
        if (!_hosts.Contains(host))
        {
            return;
        }

        if (100.0 * (_ejected + 1) / _hosts.Length > Math.Min(100, _settings.MaxEjectionPercent))
        {
            _refused++;
            return;
        }

        _ejected++;
        _ejections++;
        monitor.IsEjected = true;
        monitor.Ejections++;
        monitor.EjectedAt = _time.GetTimestamp();
        if (monitor.Backoff * _settings.BaseEjectionTime < _settings.MaxEjectionTime + _settings.BaseEjectionTime)
        {
            monitor.Backoff++;
        }

        _changed();
    }

    private void Sweep()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var hasReturned = false;
            foreach (var host in _hosts)
            {
                if (host.Monitor is { IsEjected: true } monitor && IsOver(monitor, now))
                {
                    Return(monitor, now);
                    hasReturned = true;
                }
            }

            foreach (var host in _hosts)
            {
                // The multiplier goes down with every sweep that finds the host in for an interval or longer.
                if (host.Monitor is { IsEjected: false, Backoff: > 0, ReturnedAt: { } returned } monitor
                    && _time.GetElapsedTime(returned, now) >= _settings.Interval)
                {
                    monitor.Backoff--;
                }
            }

            if (hasReturned)
            {
                _changed();
            }
        }
    }

    private bool IsOver(OutlierMonitor monitor, long now) =>
        _time.GetElapsedTime(monitor.EjectedAt!.Value, now) >= _settings.EjectionTime(monitor.Backoff);

    private void Return(OutlierMonitor monitor, long now)
    {
        _ejected--;
        monitor.IsEjected = false;
        monitor.Consecutive5xx = 0;
        monitor.ConsecutiveGatewayErrors = 0;
        monitor.ConsecutiveLocalOriginFailures = 0;
        monitor.ReturnedAt = now;
    }
}
