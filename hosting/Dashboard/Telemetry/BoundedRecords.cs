namespace Dashboard.Telemetry;

/// <summary>The latest records of one resource: so many, and so many bytes. Not safe for use by several threads.</summary>
internal sealed class BoundedRecords<T>(int capacity, long maxBytes)
{
    private readonly Queue<(T Record, int Size)> _records = new();

    /// <summary>How many there are.</summary>
    public int Count => _records.Count;

    /// <summary>What they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many were pushed out.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds a record and pushes out the oldest ones that have no room any more.</summary>
    public void Add(T record, int size)
    {
        _records.Enqueue((record, size));
        Bytes += size;
        while (_records.Count > capacity || (Bytes > maxBytes && _records.Count > 1))
        {
            DropOldest();
        }
    }

    /// <summary>Pushes out the oldest record.</summary>
    public void DropOldest()
    {
        Bytes -= _records.Dequeue().Size;
        Dropped++;
    }

    /// <summary>Copies all records, the oldest first.</summary>
    public void CopyTo(List<T> records)
    {
        foreach (var (record, _) in _records)
        {
            records.Add(record);
        }
    }
}
