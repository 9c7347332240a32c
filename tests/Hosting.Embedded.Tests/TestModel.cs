using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Hosting.Embedded.Tests;

/// <summary>Declares models for tests and evaluates what they give to a resource.</summary>
internal static class TestModel
{
    public static IDistributedApplicationTestingBuilder Run(params string[] args) => DistributedApplicationTestingBuilder.Create(args);

    public static IDistributedApplicationTestingBuilder Publish() => DistributedApplicationTestingBuilder.Create("--operation", "publish");

    public static IResourceBuilder<ProjectResource> AddTestProject(
        this IDistributedApplicationBuilder builder,
        string name,
        TestProject project) =>
        builder.AddProject(name, project.ProjectPath);

    public static async Task<Dictionary<string, string>> EnvironmentAsync<T>(this IResourceBuilder<T> builder, int? replica = null)
        where T : IResource
    {
        var result = await EvaluateAsync(builder, replica);
        return result.EnvironmentVariables.ToDictionary();
    }

    public static async Task<IExecutionConfigurationResult> EvaluateAsync<T>(this IResourceBuilder<T> builder, int? replica = null)
        where T : IResource
    {
        var evaluation = replica is { } index
            ? ExecutionConfigurationBuilder.Create(builder.Resource, index)
            : ExecutionConfigurationBuilder.Create(builder.Resource);
        return await evaluation.WithEnvironmentVariablesConfig().WithArgumentsConfig()
            .BuildAsync(builder.ApplicationBuilder.ExecutionContext, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Gives an endpoint an address, as the orchestrator does.</summary>
    public static void Allocate<T>(
        this IResourceBuilder<T> builder,
        string endpoint,
        int port,
        params int[] replicaPorts)
        where T : IResourceWithEndpoints
    {
        var annotation = builder.GetEndpoint(endpoint).EndpointAnnotation;
        builder.WithAnnotation(new ReplicaAddressesAnnotation(new Dictionary<string, IReadOnlyList<AllocatedEndpoint>>
        {
            [endpoint] = [.. (replicaPorts.Length == 0 ? [port] : replicaPorts)
                .Select(p => new AllocatedEndpoint(annotation, "localhost", p))]
        }));
        annotation.AllocatedEndpoint = new AllocatedEndpoint(annotation, "localhost", port);
    }
}

/// <summary>A resource of a kind the engine does not know.</summary>
internal sealed class CustomResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    public CustomResource(string name) : base(name)
    {
    }
}
