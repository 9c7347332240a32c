using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting.Embedded.Tests.Waiting;

public sealed class WaitTests : IDisposable
{
    private readonly IResourceBuilder<CustomResource> _db;
    private readonly IResourceBuilder<CustomResource> _app;
    private readonly DistributedApplication _application;

    public WaitTests()
    {
        var builder = TestModel.Run();
        _db = builder.AddResource(new CustomResource("db"));
        _app = builder.AddResource(new CustomResource("app"));
        _application = builder.Build();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ResourceNotificationService Notifications => _application.ResourceNotifications;

    public void Dispose() => _application.Dispose();

    [Theory]
    [InlineData("healthy", "Running", null, true, null)]
    [InlineData("healthy", "Exited", 1, false, "Resource 'app' stopped waiting for dependency resource 'db' because it entered the 'Exited' state prematurely.")]
    [InlineData("healthy", "FailedToStart", null, false, "Resource 'app' stopped waiting for dependency resource 'db' because it failed to start.")]
    [InlineData("started", "Running", null, false, null)]
    [InlineData("started", "Finished", 0, false, "Resource 'app' stopped waiting for dependency resource 'db' because it entered the 'Finished' state prematurely.")]
    [InlineData("completed", "Finished", 0, false, null)]
    [InlineData("completed", "Exited", 2, false, "Resource 'app' stopped waiting for dependency resource 'db' because it entered the 'Exited' state with exit code '2', expected '0'.")]
    [InlineData("completed", "FailedToStart", null, false, "Resource 'app' stopped waiting for dependency resource 'db' because it failed to start.")]
    public async Task A_wait_ends_when_it_is_reached_or_cannot_be(string until, string state, int? exitCode, bool isReady, string? error)
    {
        _ = until switch
        {
            "healthy" => _app.WaitFor(_db),
            "started" => _app.WaitForStart(_db),
            _ => _app.WaitForCompletion(_db)
        };
        var wait = Notifications.WaitForDependenciesAsync(_app.Resource, Cancellation);
        await Notifications.WaitForResourceAsync("app", KnownResourceStates.Waiting, Cancellation);
        await Notifications.PublishUpdateAsync(_db.Resource, s => s with { State = "Starting" });
        Assert.False(wait.IsCompleted);
        await Notifications.PublishUpdateAsync(_db.Resource, s => s with
        {
            State = state,
            ExitCode = exitCode,
            ResourceReadyEvent = isReady ? new EventSnapshot(Task.CompletedTask) : null
        });
        if (error is null)
        {
            await wait;
        }
        else
        {
            Assert.Equal(error, (await Assert.ThrowsAsync<DistributedApplicationException>(() => wait)).Message);
        }
    }

    [Fact]
    public async Task A_patient_wait_outlasts_a_failure()
    {
        _app.WaitFor(_db, WaitBehavior.WaitOnResourceUnavailable);
        var wait = Notifications.WaitForDependenciesAsync(_app.Resource, Cancellation);
        await Notifications.PublishUpdateAsync(_db.Resource, s => s with { State = "FailedToStart" });
        await Notifications.PublishUpdateAsync(_db.Resource, s => s with { State = "Running", ResourceReadyEvent = new EventSnapshot(Task.CompletedTask) });
        await wait;
    }

    [Fact]
    public async Task All_replicas_are_waited_for()
    {
        _db.WithAnnotation(new ReplicaNamesAnnotation(["db-a", "db-b"]));
        _app.WaitForStart(_db);
        var wait = Notifications.WaitForDependenciesAsync(_app.Resource, Cancellation);
        await Notifications.PublishUpdateAsync(_db.Resource, "db-b", s => s with { State = "Running" });
        Assert.False(wait.IsCompleted);
        await Notifications.PublishUpdateAsync(_db.Resource, "db-a", s => s with { State = "Running" });
        await wait;
    }

    [Fact]
    public async Task Nothing_to_wait_for_is_no_wait()
    {
        await Notifications.WaitForDependenciesAsync(_app.Resource, Cancellation);
        Assert.False(Notifications.TryGetCurrentState("app", out _));
    }

    [Fact]
    public void What_a_resource_belongs_to_is_waited_for_too()
    {
        var child = _app.ApplicationBuilder.CreateResourceBuilder(new Child(_db.Resource));
        _app.WaitFor(child);
        Assert.Equal(["db", "child"], _app.Resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name));
        Assert.Equal(
            "The 'child' resource cannot wait for its parent 'db'.",
            Assert.Throws<DistributedApplicationException>(() => child.WaitFor(_db)).Message);
    }

    [Theory]
    [InlineData(true, WaitBehavior.StopOnResourceUnavailable)]
    [InlineData(false, WaitBehavior.WaitOnResourceUnavailable)]
    public void Without_a_dashboard_a_failure_ends_waits(bool disableDashboard, WaitBehavior expected)
    {
        using var app = Aspire.Hosting.Testing.DistributedApplicationTestingBuilder.Create([], (o, _) => o.DisableDashboard = disableDashboard).Build();
        Assert.Equal(expected, app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ResourceNotificationServiceOptions>>().Value.DefaultWaitBehavior);
    }

    private sealed class Child(IResource parent) : Resource("child"), IResourceWithParent, IResourceWithWaitSupport
    {
        public IResource Parent => parent;
    }
}
