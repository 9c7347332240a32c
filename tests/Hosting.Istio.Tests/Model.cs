using System.Collections.Immutable;
using Istio.Documents;

namespace Hosting.Istio.Tests;

/// <summary>Models with a mesh, and what a run makes of them.</summary>
internal static class Model
{
    public static IDistributedApplicationBuilder Create(params string[] args) =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

    public static IResourceBuilder<Service> AddService(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new Service(name)).WithHttpEndpoint();

    /// <summary>The folder as a dashboard shows it.</summary>
    public static string Folder(this DistributedApplication app) =>
        app.ResourceNotifications.TryGetCurrentState("mesh", out var mesh)
            ? (string)mesh.Snapshot.Properties.Single(property => property.Name == "mesh.folder").Value!
            : throw new InvalidOperationException("The mesh has no state.");

    public static IReadOnlyList<string> Files(this DistributedApplication app) =>
        [.. Directory.EnumerateFiles(app.Folder(), "*.yaml").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    public static ResourceDocument Document(this DistributedApplication app, string file) =>
        ResourceReader.ReadPaths([Path.Combine(app.Folder(), file)]).Documents.Single();

    /// <summary>What an engine says of a replica that runs, or does not; one without health checks is healthy when it runs.</summary>
    public static Task PublishReplicaAsync(this DistributedApplication app, IResource resource, string id, int port, bool running = true) =>
        app.ResourceNotifications.PublishUpdateAsync(resource, id, snapshot => snapshot with
        {
            State = running ? KnownResourceStates.Running : KnownResourceStates.Exited,
            EnvironmentVariables = ImmutableArray.Create(new EnvironmentVariableSnapshot("ASPNETCORE_URLS", $"http://localhost:{port}", IsFromSpec: true)),
        });

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            Assert.True(await timer.WaitForNextTickAsync(bound.Token), what);
        }
    }
}
