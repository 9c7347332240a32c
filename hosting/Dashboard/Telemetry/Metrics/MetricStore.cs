namespace Dashboard.Telemetry.Metrics;

/// <summary>The metrics of all resources. Safe for use by several threads.</summary>
internal sealed class MetricStore(TelemetryLimits limits, TelemetryChanges changes, TimeProvider time, Reclaimer reclaimer)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TelemetryResource, ResourceMetricSet> _byResource = [];
    private readonly long _since = UnixTime.From(time.GetUtcNow());
    private long _bytes;
    private int _series;

    /// <summary>Adds measurements of a resource, under one lock.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="add">Adds them; gets a function that finds the series, null when there are too many.</param>
    public void Add(TelemetryResource resource, Action<Func<Instrument, AttributeList, MetricSeries?>> add)
    {
        lock (_gate)
        {
            if (!_byResource.TryGetValue(resource, out var metrics))
            {
                metrics = new ResourceMetricSet(limits, _since);
                _byResource.Add(resource, metrics);
            }

            var before = metrics.Bytes;
            add((instrument, attributes) => metrics.Find(instrument, attributes, mayAdd: _series < limits.TotalSeries, ref _series));
            metrics.EndBatch();
            _bytes += metrics.Bytes - before;
            while (_bytes > limits.TotalBytes)
            {
                var largest = _byResource.Values.MaxBy(static each => each.Bytes)!;
                var dropped = largest.DropOldest();
                _bytes -= dropped;
                reclaimer.Note(dropped);
            }
        }

        changes.Publish(Signals.Metrics);
    }

    /// <summary>What is kept of a resource's data points.</summary>
    public TelemetryCount CountOf(TelemetryResource resource)
    {
        lock (_gate)
        {
            return _byResource.TryGetValue(resource, out var metrics)
                ? new(metrics.Series.Sum(static each => each.Count), metrics.Bytes, metrics.Dropped)
                : default;
        }
    }

    /// <summary>The instruments of the resources that a filter means, by scope and name.</summary>
    public IReadOnlyList<Instrument> Instruments(string? resource)
    {
        lock (_gate)
        {
            return [.. _byResource
                .Where(pair => pair.Key.Matches(resource))
                .SelectMany(pair => pair.Value.Series.Select(static series => series.Instrument))
                .Distinct()
                .OrderBy(instrument => instrument.Scope, StringComparer.Ordinal)
                .ThenBy(instrument => instrument.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Draws a chart of one instrument.</summary>
    public MetricChart Chart(MetricQuery query)
    {
        var end = UnixTime.From(time.GetUtcNow());
        lock (_gate)
        {
            var series = _byResource
                .Where(pair => pair.Key.Matches(query.Resource))
                .SelectMany(pair => pair.Value.Series)
                .Where(each => each.Instrument.Name == query.Instrument
                    && (string.IsNullOrEmpty(query.Scope) || each.Instrument.Scope == query.Scope)
                    && query.Attributes.All(wanted => each.Attributes[wanted.Key] == wanted.Value));
            return MetricChart.Draw([.. series], query, end);
        }
    }

    /// <summary>Looks at the series of an instrument, under the lock.</summary>
    public T Read<T>(string instrument, Func<IEnumerable<MetricSeries>, T> read)
    {
        lock (_gate)
        {
            return read(_byResource.Values.SelectMany(metrics => metrics.Series).Where(series => series.Instrument.Name == instrument));
        }
    }

    private sealed class ResourceMetricSet(TelemetryLimits limits, long since)
    {
        private readonly Dictionary<(Instrument Instrument, string Attributes), MetricSeries> _series = [];
        private long _since = since;

        public IEnumerable<MetricSeries> Series => _series.Values;

        public long Bytes => _series.Values.Sum(static series => series.Bytes);

        public long Dropped => _series.Values.Sum(static series => series.Dropped);

        /// <summary>The series; null when it is new and there are too many here, or in all resources together.</summary>
        public MetricSeries? Find(Instrument instrument, AttributeList attributes, bool mayAdd, ref int all)
        {
            var key = (instrument, attributes.ToKey());
            if (!_series.TryGetValue(key, out var series) && mayAdd && _series.Count < limits.Series)
            {
                series = new MetricSeries(instrument, attributes, limits, _since);
                _series.Add(key, series);
                all++;
            }

            return series;
        }

        public void EndBatch()
        {
            // What is new in a resource that has reported before began in between, whatever start its process gives it.
            _since = long.MinValue;
            while (Bytes > limits.MetricBytes)
            {
                DropOldest();
            }
        }

        /// <summary>Pushes out a quarter of all points and tells how many bytes that were.</summary>
        public long DropOldest()
        {
            var before = Bytes;
            foreach (var series in _series.Values)
            {
                series.DropOldest();
            }

            return before - Bytes;
        }
    }
}
