namespace Aspire.Hosting.ApplicationModel;

/// <content>Evaluation of environment variables and arguments.</content>
public static partial class ResourceExtensions
{
    /// <summary>Evaluates the environment variables of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="applicationOperation">In a run values are resolved; when publishing their manifest expressions stand for them.</param>
    /// <returns>The variables.</returns>
    [Obsolete("Use ExecutionConfigurationBuilder instead.")]
    public static async ValueTask<Dictionary<string, string>> GetEnvironmentVariableValuesAsync(
        this IResourceWithEnvironment resource,
        DistributedApplicationOperation applicationOperation = DistributedApplicationOperation.Run)
    {
        var result = await ExecutionConfigurationBuilder.Create(resource)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(new DistributedApplicationExecutionContext(applicationOperation));
        ThrowIfFailed(result);
        return result.EnvironmentVariables.ToDictionary();
    }

    /// <summary>Evaluates the arguments of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="applicationOperation">In a run values are resolved; when publishing their manifest expressions stand for them.</param>
    /// <returns>The arguments.</returns>
    [Obsolete("Use ExecutionConfigurationBuilder instead.")]
    public static async ValueTask<string[]> GetArgumentValuesAsync(
        this IResourceWithArgs resource,
        DistributedApplicationOperation applicationOperation = DistributedApplicationOperation.Run)
    {
        var result = await ExecutionConfigurationBuilder.Create(resource)
            .WithArgumentsConfig()
            .BuildAsync(new DistributedApplicationExecutionContext(applicationOperation));
        ThrowIfFailed(result);
        return [.. result.Arguments.Select(static a => a.Value)];
    }

    private static void ThrowIfFailed(IExecutionConfigurationResult result)
    {
        if (result.Exception is { } exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
        }
    }
}
