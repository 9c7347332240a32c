using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Evaluates the environment variables and arguments of a resource.</summary>
public interface IExecutionConfigurationBuilder
{
    /// <summary>Adds a source of variables and arguments.</summary>
    /// <param name="gatherer">The source.</param>
    /// <returns>This builder.</returns>
    IExecutionConfigurationBuilder AddExecutionConfigurationGatherer(IExecutionConfigurationGatherer gatherer);

    /// <summary>Asks the sources, in the order they were added, and evaluates what they gave.</summary>
    /// <param name="executionContext">In a run values are resolved; when publishing their manifest expressions stand for them.</param>
    /// <param name="resourceLogger">The log that callbacks write to.</param>
    /// <param name="cancellationToken">Ends the wait for values.</param>
    /// <returns>What was found; values that could not be resolved are in <see cref="IExecutionConfigurationResult.Exception" />.</returns>
    Task<IExecutionConfigurationResult> BuildAsync(
        DistributedApplicationExecutionContext executionContext,
        ILogger? resourceLogger = null,
        CancellationToken cancellationToken = default);
}

/// <summary>A source of environment variables and arguments.</summary>
public interface IExecutionConfigurationGatherer
{
    /// <summary>Adds variables and arguments.</summary>
    /// <param name="context">What there is so far.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceLogger">The log of the resource.</param>
    /// <param name="executionContext">Run or publish.</param>
    /// <param name="cancellationToken">Ends the wait for values.</param>
    /// <returns>A task that ends when all is added.</returns>
    ValueTask GatherAsync(
        IExecutionConfigurationGathererContext context,
        IResource resource,
        ILogger resourceLogger,
        DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken = default);
}

/// <summary>What the sources have given so far.</summary>
public interface IExecutionConfigurationGathererContext
{
    /// <summary>The arguments.</summary>
    List<object> Arguments { get; }

    /// <summary>The environment variables.</summary>
    Dictionary<string, object> EnvironmentVariables { get; }

    /// <summary>Adds something that is neither.</summary>
    /// <param name="metadata">What to add.</param>
    void AddAdditionalData(IExecutionConfigurationData metadata);
}

/// <summary>Something a source gives beside variables and arguments.</summary>
public interface IExecutionConfigurationData
{
}

/// <summary>The evaluated environment variables and arguments of a resource.</summary>
public interface IExecutionConfigurationResult
{
    /// <summary>The resources and values that were referred to.</summary>
    IEnumerable<object> References { get; }

    /// <summary>The environment variables, before and after evaluation.</summary>
    IEnumerable<KeyValuePair<string, (object Unprocessed, string Processed)>> EnvironmentVariablesWithUnprocessed { get; }

    /// <summary>The environment variables.</summary>
    IEnumerable<KeyValuePair<string, string>> EnvironmentVariables { get; }

    /// <summary>The arguments, before and after evaluation.</summary>
    IEnumerable<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentsWithUnprocessed { get; }

    /// <summary>The arguments and whether each holds a secret.</summary>
    IEnumerable<(string Value, bool IsSensitive)> Arguments { get; }

    /// <summary>What the sources gave beside variables and arguments.</summary>
    IEnumerable<IExecutionConfigurationData> AdditionalConfigurationData { get; }

    /// <summary>Why values could not be resolved; <see langword="null" /> when all could.</summary>
    Exception? Exception { get; }
}

/// <summary>Queries over an <see cref="IExecutionConfigurationResult" />.</summary>
public static class ExecutionConfigurationResultExtensions
{
    /// <summary>Finds additional data of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="configuration">The result.</param>
    /// <param name="additionalData">The first of that type, when there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetAdditionalData<T>(
        this IExecutionConfigurationResult configuration,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? additionalData)
        where T : IExecutionConfigurationData
    {
        ArgumentNullException.ThrowIfNull(configuration);
        additionalData = configuration.AdditionalConfigurationData.OfType<T>().FirstOrDefault();
        return additionalData is not null;
    }
}

/// <summary>The sources a builder usually has.</summary>
public static class ExecutionConfigurationBuilderExtensions
{
    /// <summary>Adds the environment callbacks of the resource.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static IExecutionConfigurationBuilder WithEnvironmentVariablesConfig(this IExecutionConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddExecutionConfigurationGatherer(new EnvironmentGatherer());
    }

    /// <summary>Adds the argument callbacks of the resource.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static IExecutionConfigurationBuilder WithArgumentsConfig(this IExecutionConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddExecutionConfigurationGatherer(new ArgumentsGatherer());
    }

    private sealed class EnvironmentGatherer : IExecutionConfigurationGatherer
    {
        public async ValueTask GatherAsync(
            IExecutionConfigurationGathererContext context,
            IResource resource,
            ILogger resourceLogger,
            DistributedApplicationExecutionContext executionContext,
            CancellationToken cancellationToken)
        {
            var callbackContext =
                new EnvironmentCallbackContext(executionContext, resource, context.EnvironmentVariables, cancellationToken)
                {
                    Logger = resourceLogger
                };
            foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
            {
                await annotation.Callback(callbackContext);
            }
        }
    }

    private sealed class ArgumentsGatherer : IExecutionConfigurationGatherer
    {
        public async ValueTask GatherAsync(
            IExecutionConfigurationGathererContext context,
            IResource resource,
            ILogger resourceLogger,
            DistributedApplicationExecutionContext executionContext,
            CancellationToken cancellationToken)
        {
            var callbackContext = new CommandLineArgsCallbackContext(context.Arguments, resource, cancellationToken)
            {
                ExecutionContext = executionContext,
                Logger = resourceLogger
            };
            foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
            {
                await annotation.Callback(callbackContext);
            }
        }
    }
}
