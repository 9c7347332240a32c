namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// The measurements of an instrument for one set of attributes, the latest so many. Cumulative sums are turned into what was added, as
/// that is what charts show and what can be added up over replicas. Not safe for use by several threads.
/// </summary>
/// <param name="instrument">What is measured.</param>
/// <param name="attributes">Of what.</param>
/// <param name="limits">How many points are kept.</param>
/// <param name="watchedSince">
/// When the watch of this resource began. The first cumulative sum that is seen of an older process may be the work of hours and says
/// nothing of the time it came in; that of a process, or of a series, that began later counts.
/// </param>
internal sealed class MetricSeries(Instrument instrument, AttributeList attributes, TelemetryLimits limits, long watchedSince)
{
    private const int MaxExemplars = 40;
    private const int NumberSize = 24;

    private readonly Queue<NumberPoint> _numbers = new();
    private readonly Queue<HistogramPoint> _histograms = new();
    private readonly Queue<ExemplarPoint> _exemplars = new();
    private (long Start, double Value)? _lastNumber;
    private (long Start, double[] Bounds, ulong[] Counts, ulong Count, double Sum)? _lastHistogram;
    private double[] _bounds = [];

    /// <summary>What is measured.</summary>
    public Instrument Instrument { get; } = instrument;

    /// <summary>Of what.</summary>
    public AttributeList Attributes { get; } = attributes;

    /// <summary>What its points take in memory, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many points there are.</summary>
    public int Count => _numbers.Count + _histograms.Count;

    /// <summary>How many points were pushed out.</summary>
    public long Dropped { get; private set; }

    /// <summary>The last value of a gauge, the total of a counter.</summary>
    public double Total { get; private set; }

    /// <summary>The points of a counter or gauge.</summary>
    public IEnumerable<NumberPoint> Numbers => _numbers;

    /// <summary>The points of a histogram.</summary>
    public IEnumerable<HistogramPoint> Histograms => _histograms;

    /// <summary>Measurements that belong to traces.</summary>
    public IEnumerable<ExemplarPoint> Exemplars => _exemplars;

    /// <summary>Adds the value of a gauge.</summary>
    public void AddGauge(long time, double value)
    {
        Total = value;
        Add(new NumberPoint(time, value));
    }

    /// <summary>Adds the sum of a counter, since <paramref name="start"/> when it is cumulative.</summary>
    public void AddSum(long start, long time, double value, bool isCumulative)
    {
        var added = value;
        if (isCumulative)
        {
            // A new start or a smaller sum: the process has been started again and counts from nothing.
            added = _lastNumber is { } last
                ? last.Start == start && value >= last.Value ? value - last.Value : value
                : start >= watchedSince ? value : 0;
            _lastNumber = (start, value);
            Total = value;
        }
        else
        {
            Total += value;
        }

        Add(new NumberPoint(time, added));
    }

    /// <summary>Adds the buckets of a histogram, since <paramref name="start"/> when they are cumulative.</summary>
    public void AddHistogram(long start, long time, double[] bounds, ulong[] counts, double sum, bool isCumulative)
    {
        // One copy of the bounds for all points.
        _bounds = _bounds.AsSpan().SequenceEqual(bounds) ? _bounds : bounds;
        var count = counts.Aggregate(0UL, static (total, each) => total + each);
        var added = counts;
        var (addedCount, addedSum) = (count, sum);
        if (isCumulative)
        {
            if (_lastHistogram is not { } last)
            {
                (added, addedCount, addedSum) = start >= watchedSince ? (counts, count, sum) : (new ulong[counts.Length], 0, 0);
            }
            else if (last.Start == start && count >= last.Count && ReferenceEquals(last.Bounds, _bounds))
            {
                added = [.. counts.Select((each, i) => each >= last.Counts[i] ? each - last.Counts[i] : 0)];
                (addedCount, addedSum) = (count - last.Count, sum - last.Sum);
            }

            _lastHistogram = (start, _bounds, counts, count, sum);
            Total = count;
        }
        else
        {
            Total += count;
        }

        Add(new HistogramPoint(
            time, _bounds, [.. added.Select(static each => (int)Math.Min(each, int.MaxValue))], (long)addedCount, addedSum));
    }

    /// <summary>Adds a measurement that belongs to a trace.</summary>
    public void AddExemplar(ExemplarPoint exemplar)
    {
        _exemplars.Enqueue(exemplar);
        if (_exemplars.Count > MaxExemplars)
        {
            _exemplars.Dequeue();
        }
    }

    /// <summary>Pushes out the oldest points, a quarter of all.</summary>
    public void DropOldest()
    {
        for (var left = (Count + 3) / 4; left > 0; left--)
        {
            DropOne();
        }
    }

    private void Add(NumberPoint point)
    {
        _numbers.Enqueue(point);
        Bytes += NumberSize;
        DropBeyondLimit();
    }

    private void Add(HistogramPoint point)
    {
        _histograms.Enqueue(point);
        Bytes += point.Size;
        DropBeyondLimit();
    }

    private void DropBeyondLimit()
    {
        while (Count > limits.Points)
        {
            DropOne();
        }
    }

    private void DropOne()
    {
        if (_numbers.TryDequeue(out _))
        {
            Bytes -= NumberSize;
        }
        else
        {
            Bytes -= _histograms.Dequeue().Size;
        }

        Dropped++;
    }
}
