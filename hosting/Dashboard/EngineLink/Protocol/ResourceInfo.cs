namespace Dashboard.EngineLink;

/// <summary>What is known of a resource, or of one of its replicas, at one moment. Values that are secret are not in it.</summary>
internal sealed record ResourceInfo
{
    /// <summary>The name of the replica, or of the resource when it has only one.</summary>
    public required string Id { get; init; }

    /// <summary>The resource's name.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of resource it is, such as <c>Project</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The place in the model.</summary>
    public int Order { get; init; }

    /// <summary>Whether lists leave it out.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The state in one word.</summary>
    public string? State { get; init; }

    /// <summary>How good that is: success, info, warning or error.</summary>
    public string? StateStyle { get; init; }

    /// <summary>Healthy, Degraded or Unhealthy while it runs.</summary>
    public string? Health { get; init; }

    /// <summary>When it was created.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>When it was started last.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it stopped last.</summary>
    public DateTime? StoppedAt { get; init; }

    /// <summary>The exit code, when it has stopped.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Its process, while there is one.</summary>
    public int? ProcessId { get; init; }

    /// <summary>How often it was started again without being asked to.</summary>
    public int Restarts { get; init; }

    /// <summary>What went wrong, if anything did.</summary>
    public string? Reason { get; init; }

    /// <summary>The project file or program.</summary>
    public string? Source { get; init; }

    /// <summary>The folder of Kubernetes and Istio documents, when it is a mesh.</summary>
    public string? MeshFolder { get; init; }

    /// <summary>The last result of each health check.</summary>
    public IReadOnlyList<HealthInfo> HealthChecks { get; init; } = [];

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<UrlInfo> Urls { get; init; } = [];

    /// <summary>Where this very replica listens, by endpoint.</summary>
    public IReadOnlyList<UrlInfo> Addresses { get; init; } = [];

    /// <summary>The variables its process was started with.</summary>
    public IReadOnlyList<ValueInfo> Environment { get; init; } = [];

    /// <summary>Further facts.</summary>
    public IReadOnlyList<ValueInfo> Properties { get; init; } = [];

    /// <summary>The commands that can be given to it.</summary>
    public IReadOnlyList<CommandInfo> Commands { get; init; } = [];

    /// <summary>How it relates to other resources.</summary>
    public IReadOnlyList<RelationInfo> Relations { get; init; } = [];
}

/// <summary>The last result of a health check.</summary>
internal sealed record HealthInfo(string Name, string? Status, string? Description, DateTime? LastRunAt);

/// <summary>An address.</summary>
internal sealed record UrlInfo(string? Name, string Url, string? Text, bool IsInternal = false);

/// <summary>A variable or fact. The value is null when it is a secret.</summary>
internal sealed record ValueInfo(string Name, string? Value, bool IsSecret = false);

/// <summary>A command.</summary>
internal sealed record CommandInfo(
    string Name, string DisplayName, string? Description, string? Confirmation, bool IsEnabled, bool IsHighlighted);

/// <summary>A relation, such as <c>Reference</c> or <c>WaitFor</c>, to another resource.</summary>
internal sealed record RelationInfo(string Resource, string Type);

/// <summary>A line that a process has written.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Text">The text, with its control sequences.</param>
/// <param name="IsError">Whether it was written to the error stream.</param>
internal readonly record struct ConsoleLine(int Number, DateTime Time, string Text, bool IsError);
