namespace Dashboard.Telemetry;

/// <summary>Who sent telemetry: a service and, when it says so, one instance of it.</summary>
internal sealed class TelemetryResource
{
    private AttributeList _attributes;

    public TelemetryResource(string name, string instance, AttributeList attributes)
    {
        Name = name;
        Instance = instance;
        Id = instance.Length == 0 || instance == name ? name
            : instance.StartsWith($"{name}-", StringComparison.OrdinalIgnoreCase) ? instance
            : $"{name}-{instance}";
        _attributes = attributes;
    }

    /// <summary>Name and instance; the engine names its replicas so, too.</summary>
    public string Id { get; }

    /// <summary><c>service.name</c>.</summary>
    public string Name { get; }

    /// <summary><c>service.instance.id</c>, or nothing.</summary>
    public string Instance { get; }

    /// <summary>What it said of itself last.</summary>
    public AttributeList Attributes
    {
        get => Volatile.Read(ref _attributes);
        set => Volatile.Write(ref _attributes, value);
    }

    /// <summary>Whether a filter of a page means this one: nothing, a service's name or an instance's id.</summary>
    public bool Matches(string? filter) =>
        string.IsNullOrEmpty(filter)
        || Id.Equals(filter, StringComparison.OrdinalIgnoreCase)
        || Name.Equals(filter, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>What is kept of a resource's telemetry, and what had to go.</summary>
/// <param name="Kept">Records there are.</param>
/// <param name="Bytes">What they take, estimated.</param>
/// <param name="Dropped">Records that were pushed out by newer ones.</param>
internal readonly record struct TelemetryCount(int Kept, long Bytes, long Dropped);
