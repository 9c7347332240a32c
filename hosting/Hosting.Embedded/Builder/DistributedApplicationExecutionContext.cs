namespace Aspire.Hosting;

/// <summary>What the application was started for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>Run the resources on this machine.</summary>
    Run,

    /// <summary>Write out artifacts, start nothing.</summary>
    Publish
}

/// <summary>Whether the application runs or is published, and the services of the built application.</summary>
public class DistributedApplicationExecutionContext
{
    private readonly DistributedApplicationExecutionContextOptions? _options;

    /// <summary>Creates a context for an operation, with the publisher "manifest".</summary>
    /// <param name="operation">The operation.</param>
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation) : this(operation, "manifest")
    {
    }

    /// <summary>Creates a context for an operation and a publisher.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="publisherName">The publisher's name; it has no meaning in a run.</param>
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
    {
        Operation = operation;
        PublisherName = publisherName;
    }

    /// <summary>Creates a context that gives access to services once they exist.</summary>
    /// <param name="options">The operation, publisher and services.</param>
    public DistributedApplicationExecutionContext(DistributedApplicationExecutionContextOptions options)
        : this(Required(options).Operation, options.PublisherName ?? "manifest")
    {
        _options = options;
    }

    /// <summary>What the application was started for.</summary>
    public DistributedApplicationOperation Operation { get; }

    /// <summary>The name of the publisher.</summary>
    public string PublisherName { get; set; }

    /// <summary>Whether the application is published.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <summary>Whether the application runs on this machine.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>The services of the built application.</summary>
    /// <exception cref="InvalidOperationException">The application has not been built yet.</exception>
    public IServiceProvider Services => _options?.Services
        ?? throw new InvalidOperationException("The services are not available before the application is built; use them in a callback " +
            "or an event handler.");

    /// <summary>The services of the built application.</summary>
    /// <exception cref="InvalidOperationException">The application has not been built yet.</exception>
    [Obsolete("Use Services instead.")]
    public IServiceProvider ServiceProvider => Services;

    private static DistributedApplicationExecutionContextOptions Required(DistributedApplicationExecutionContextOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}

/// <summary>What a <see cref="DistributedApplicationExecutionContext" /> is made from.</summary>
public class DistributedApplicationExecutionContextOptions
{
    /// <summary>Creates options for an operation.</summary>
    /// <param name="operation">The operation.</param>
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation)
    {
        Operation = operation;
    }

    /// <summary>Creates options for an operation and a publisher.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="publisherName">The publisher's name.</param>
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation, string publisherName) : this(operation)
    {
        PublisherName = publisherName;
    }

    /// <summary>What the application was started for.</summary>
    public DistributedApplicationOperation Operation { get; }

    /// <summary>The publisher's name, when one was given.</summary>
    public string? PublisherName { get; }

    /// <summary>The services of the application; <see langword="null" /> until it is built.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>The services of the application; <see langword="null" /> until it is built.</summary>
    [Obsolete("Use Services instead.")]
    public IServiceProvider? ServiceProvider
    {
        get => Services;
        set => Services = value;
    }
}
