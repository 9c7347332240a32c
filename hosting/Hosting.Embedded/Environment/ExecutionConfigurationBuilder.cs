using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <inheritdoc cref="IExecutionConfigurationBuilder" />
public sealed class ExecutionConfigurationBuilder : IExecutionConfigurationBuilder
{
    private readonly IResource _resource;
    private readonly List<IExecutionConfigurationGatherer> _gatherers = [];
    private int? _replicaIndex;

    private ExecutionConfigurationBuilder(IResource resource)
    {
        _resource = resource;
    }

    /// <summary>Starts the evaluation of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>A builder without any source.</returns>
    public static IExecutionConfigurationBuilder Create(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ExecutionConfigurationBuilder(resource);
    }

    /// <summary>
    /// Starts the evaluation of one replica of a resource, counted from 0: its own target ports are those of the replica.
    /// </summary>
    internal static IExecutionConfigurationBuilder Create(IResource resource, int replicaIndex) =>
        new ExecutionConfigurationBuilder(resource) { _replicaIndex = replicaIndex };

    /// <inheritdoc />
    public IExecutionConfigurationBuilder AddExecutionConfigurationGatherer(IExecutionConfigurationGatherer gatherer)
    {
        ArgumentNullException.ThrowIfNull(gatherer);
        _gatherers.Add(gatherer);
        return this;
    }

    /// <inheritdoc />
    public async Task<IExecutionConfigurationResult> BuildAsync(
        DistributedApplicationExecutionContext executionContext,
        ILogger? resourceLogger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(executionContext);
        var gathered = new Gathered();
        foreach (var gatherer in _gatherers)
        {
            await gatherer.GatherAsync(gathered, _resource, resourceLogger ?? NullLogger.Instance, executionContext, cancellationToken);
        }

        var context = new ValueProviderContext { ExecutionContext = executionContext, Caller = _resource, ReplicaIndex = _replicaIndex };
        var result = new Result(gathered.Data);
        foreach (var (name, value) in gathered.EnvironmentVariables)
        {
            if (await ResolveAsync(value, $"environment variable '{name}'", result) is { } resolved)
            {
                result.Variables.Add(new(name, (value, resolved.Value)));
            }
        }

        foreach (var value in gathered.Arguments)
        {
            if (await ResolveAsync(value, "argument", result) is { } resolved)
            {
                result.Args.Add((value, resolved.Value, resolved.IsSensitive));
            }
        }

        return result;

        async Task<ResolvedValue?> ResolveAsync(object value, string what, Result into)
        {
            try
            {
                into.AddReferences(value);
                return await ValueResolver.ResolveAsync(value, context, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                into.Errors.Add(exception is DistributedApplicationException
                    ? exception
                    : new DistributedApplicationException($"The {what} of resource '{_resource.Name}' has no value: " +
                        $"{exception.Message}", exception));
                return null;
            }
        }
    }

    private sealed class Gathered : IExecutionConfigurationGathererContext
    {
        public List<object> Arguments { get; } = [];

        public Dictionary<string, object> EnvironmentVariables { get; } = [];

        public List<IExecutionConfigurationData> Data { get; } = [];

        public void AddAdditionalData(IExecutionConfigurationData metadata) => Data.Add(metadata);
    }

    private sealed class Result : IExecutionConfigurationResult
    {
        private readonly HashSet<object> _references = [];

        public Result(IReadOnlyList<IExecutionConfigurationData> data)
        {
            AdditionalConfigurationData = data;
        }

        public List<KeyValuePair<string, (object Unprocessed, string Processed)>> Variables { get; } = [];

        public List<(object Unprocessed, string Processed, bool IsSensitive)> Args { get; } = [];

        public List<Exception> Errors { get; } = [];

        public IEnumerable<object> References => _references;

        public IEnumerable<KeyValuePair<string, (object Unprocessed, string Processed)>> EnvironmentVariablesWithUnprocessed => Variables;

        public IEnumerable<KeyValuePair<string, string>> EnvironmentVariables =>
            Variables.Select(static v => KeyValuePair.Create(v.Key, v.Value.Processed));

        public IEnumerable<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentsWithUnprocessed => Args;

        public IEnumerable<(string Value, bool IsSensitive)> Arguments => Args.Select(static a => (a.Processed, a.IsSensitive));

        public IEnumerable<IExecutionConfigurationData> AdditionalConfigurationData { get; }

        public Exception? Exception => Errors.Count switch
        {
            0 => null,
            1 => Errors[0],
            _ => new AggregateException(Errors)
        };

        public void AddReferences(object value)
        {
            value = value is IResourceBuilder<IResource> builder ? builder.Resource : value;
            if (value is IResource or IValueProvider && _references.Add(value) && value is IValueWithReferences withReferences)
            {
                foreach (var reference in withReferences.References)
                {
                    AddReferences(reference);
                }
            }
        }
    }
}
