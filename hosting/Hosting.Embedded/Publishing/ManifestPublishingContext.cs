using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>
/// Writes resources to Aspire's manifest. The format is Aspire's own, https://json.schemastore.org/aspire-8.0.json, as its source writes
/// it (src/Aspire.Hosting/Publishing/ManifestPublishingContext.cs).
/// </summary>
public sealed partial class ManifestPublishingContext
{
    private readonly Dictionary<string, IResource> _referenced = [];
    private readonly HashSet<object> _visiting = [];
    private readonly PublishedPorts _ports = new();

    /// <summary>Creates the context.</summary>
    /// <param name="executionContext">Run or publish.</param>
    /// <param name="manifestPath">The path of the manifest; paths in it are relative to its directory.</param>
    /// <param name="writer">Receives the manifest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ManifestPublishingContext(
        DistributedApplicationExecutionContext executionContext,
        string manifestPath,
        Utf8JsonWriter writer,
        CancellationToken cancellationToken = default)
    {
        ExecutionContext = executionContext;
        ManifestPath = manifestPath;
        Writer = writer;
        CancellationToken = cancellationToken;
    }

    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The path of the manifest.</summary>
    public string ManifestPath { get; }

    /// <summary>Receives the manifest.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>Gives up.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Makes a path relative to the manifest's directory, with forward slashes.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The relative path; <see langword="null" /> for <see langword="null" />.</returns>
    [return: NotNullIfNotNull(nameof(path))]
    public string? GetManifestRelativePath(string? path)
    {
        if (path is null)
        {
            return null;
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(ManifestPath))
            ?? throw new DistributedApplicationException("Could not get directory name of output path");
        var native = path.Replace('\\', Path.DirectorySeparatorChar).Replace('/', Path.DirectorySeparatorChar);
        return Path.GetRelativePath(directory, native).Replace('\\', '/');
    }

    /// <summary>Writes the connection string of a resource that has one.</summary>
    /// <param name="resource">The resource.</param>
    public void WriteConnectionString(IResource resource)
    {
        if (resource is IResourceWithConnectionString { ConnectionStringExpression: { } connectionString })
        {
            TryAddDependentResources(connectionString);
            Writer.WriteString("connectionString", Expression(connectionString));
        }
    }

    /// <summary>Writes the endpoints of a resource.</summary>
    /// <param name="resource">The resource.</param>
    public void WriteBindings(IResource resource)
    {
        var resolved = resource.ResolveEndpoints(_ports);
        if (resolved.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("bindings");
        foreach (var (endpoint, targetPort, exposedPort) in resolved.Select(static r => (r.Endpoint, r.TargetPort, r.ExposedPort)))
        {
            Writer.WriteStartObject(endpoint.Name);
            Writer.WriteString("scheme", endpoint.UriScheme);
            Writer.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
            Writer.WriteString("transport", endpoint.Transport);
            if (exposedPort is { Value: { } port, IsImplicit: false } && targetPort.Value != port)
            {
                Writer.WriteNumber("port", port);
            }

            if (targetPort.Value is { } target)
            {
                Writer.WriteNumber("targetPort", target);
            }

            if (endpoint.IsExternal)
            {
                Writer.WriteBoolean("external", true);
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    /// <summary>Writes the environment variables of a resource; expressions stand for what is known at deployment only.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>A task.</returns>
    public async Task WriteEnvironmentVariablesAsync(IResource resource)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(resource).WithEnvironmentVariablesConfig()
            .BuildAsync(ExecutionContext, cancellationToken: CancellationToken);
        ThrowIfFailed(configuration);
        var variables = configuration.EnvironmentVariablesWithUnprocessed.ToArray();
        if (variables.Length == 0)
        {
            return;
        }

        Writer.WriteStartObject("env");
        foreach (var (name, (unprocessed, processed)) in variables)
        {
            Writer.WriteString(name, Expression(unprocessed, processed));
            TryAddDependentResources(unprocessed);
        }

        Writer.WriteEndObject();
    }

    /// <summary>Writes the arguments of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>A task.</returns>
    public async Task WriteCommandLineArgumentsAsync(IResource resource)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(resource).WithArgumentsConfig()
            .BuildAsync(ExecutionContext, cancellationToken: CancellationToken);
        ThrowIfFailed(configuration);
        var arguments = configuration.ArgumentsWithUnprocessed.ToArray();
        if (arguments.Length == 0)
        {
            return;
        }

        Writer.WriteStartArray("args");
        foreach (var (unprocessed, processed, _) in arguments)
        {
            Writer.WriteStringValue(Expression(unprocessed, processed));
            TryAddDependentResources(unprocessed);
        }

        Writer.WriteEndArray();
    }

    /// <summary>Sees to it that the resources a value is made of are in the manifest.</summary>
    /// <param name="value">The value.</param>
    public void TryAddDependentResources(object? value)
    {
        if (value is ReferenceExpression expression)
        {
            RegisterFormatted(expression);
        }

        if (value is IResource resource)
        {
            if (_referenced.TryAdd(resource.Name, resource))
            {
                _names.Add(resource.Name);
            }
        }
        else if (value is IValueWithReferences withReferences)
        {
            _visiting.Add(value);
            foreach (var reference in withReferences.References.Where(r => !_visiting.Contains(r)))
            {
                TryAddDependentResources(reference);
            }

            _visiting.Remove(value);
        }
    }

    private static void ThrowIfFailed(IExecutionConfigurationResult configuration)
    {
        if (configuration.Exception is { } exception)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }
}
