using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

/// <summary>An application that runs real processes on random ports for the length of a test.</summary>
internal sealed class TestRun : IAsyncDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    private TestRun(DistributedApplication application)
    {
        Application = application;
    }

    public DistributedApplication Application { get; }

    public ResourceNotificationService States => Application.ResourceNotifications;

    public static TestRun Create(Action<IDistributedApplicationBuilder> declare, bool randomizePorts = true)
    {
        var builder = DistributedApplicationTestingBuilder.Create($"--DcpPublisher:RandomizePorts={randomizePorts}");
        builder.Services.AddLogging(logging => logging.ClearProviders());
        declare(builder);
        return new TestRun(builder.Build());
    }

    public static async Task<TestRun> StartAsync(Action<IDistributedApplicationBuilder> declare)
    {
        var run = Create(declare);
        try
        {
            await run.Application.StartAsync(TestContext.Current.CancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public static async Task<string> GetAsync(string url) => await Http.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken);

    public async Task HealthyAsync(string resource)
    {
        using var bound = Bound();
        await States.WaitForResourceHealthyAsync(resource, bound.Token);
    }

    public Task<ResourceEvent> StateAsync(string resource, string state) =>
        StateAsync(resource, @event => @event.Snapshot.State?.Text == state);

    public async Task<ResourceEvent> StateAsync(string resource, Func<ResourceEvent, bool> predicate)
    {
        using var bound = Bound();
        return await States.WaitForResourceAsync(resource, predicate, bound.Token);
    }

    public Task<ResourceEvent> HealthAsync(string resource, string replica, HealthStatus health) =>
        StateAsync(resource, @event => @event.ResourceId == replica && @event.Snapshot.HealthStatus == health);

    public IResource Resource(string name) =>
        Application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(each => each.Name == name);

    public string Url(string resource) => ((IResourceWithEndpoints)Resource(resource)).GetEndpoint("http").Url;

    public string[] Ids(string resource) => [.. Resource(resource).GetResourceIds()];

    public string[] ReplicaUrls(string resource) =>
        [.. Resource(resource).GetReplicaAddresses("http")!.Select(address => address.UriString)];

    public CustomResourceSnapshot Snapshot(string id) =>
        States.TryGetCurrentState(id, out var @event) ? @event.Snapshot : throw new InvalidOperationException(id);

    public int ProcessId(string id) => ProcessId(Snapshot(id));

    public static int ProcessId(CustomResourceSnapshot snapshot) =>
        (int)snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;

    /// <summary>Waits until a replica is healthy in another process than before. Both are of one snapshot, for the latest may be newer.</summary>
    public Task<ResourceEvent> HealthyInAnotherProcessAsync(string resource, string replica, int before) =>
        StateAsync(resource, @event => @event.ResourceId == replica
            && @event.Snapshot.HealthStatus == HealthStatus.Healthy && ProcessId(@event.Snapshot) != before);

    public Task<ExecuteCommandResult> CommandAsync(string id, string command) =>
        Application.ResourceCommands.ExecuteCommandAsync(id, command, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Application.DisposeAsync();

    // A wait that is cancelled tells the last known states.
    private static CancellationTokenSource Bound()
    {
        var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Eventually.Bound);
        return bound;
    }
}

internal static class TestModel
{
    /// <summary>Adds the test service as a project with an http endpoint and a health check.</summary>
    public static IResourceBuilder<ProjectResource> AddService(this IDistributedApplicationBuilder builder, string name,
        int replicas = 1) =>
        builder.AddProject<TestService>(name, options => options.ExcludeLaunchProfile = true)
            .WithEnvironment(TestService.Role, "1")
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithReplicas(replicas);

    /// <summary>Adds a shell script.</summary>
    public static IResourceBuilder<ExecutableResource> AddScript(this IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", Path.GetTempPath(), "-c", script);
}
