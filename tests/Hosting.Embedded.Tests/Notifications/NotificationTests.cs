using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hosting.Embedded.Tests.Notifications;

public sealed class NotificationTests : IDisposable
{
    private readonly IResourceBuilder<CustomResource> _ping;
    private readonly DistributedApplication _app;
    private readonly ResourceNotificationService _notifications;

    public NotificationTests()
    {
        var builder = TestModel.Run();
        _ping = builder.AddResource(new CustomResource("ping"));
        builder.AddResource(new CustomResource("pong"));
        _app = builder.Build();
        _notifications = _app.ResourceNotifications;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task A_watcher_sees_the_last_snapshots_and_each_new_one()
    {
        await PublishAsync("Starting");
        await using var watcher = _notifications.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal("Starting", watcher.Current.Snapshot.State?.Text);
        await PublishAsync("Running");
        await PublishAsync("Running");
        await PublishAsync("Finished");
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal("Running", watcher.Current.Snapshot.State?.Text);
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal("Finished", watcher.Current.Snapshot.State?.Text);
    }

    [Fact]
    public async Task The_first_snapshot_is_the_declared_one()
    {
        _ping.WithInitialState(new CustomResourceSnapshot { ResourceType = "Mine", Properties = [new("a", 1)], State = "Odd" }).WithIconName("Globe")
            .WithCommand("reset", "Reset", _ => Task.FromResult(CommandResults.Success()), new CommandOptions
            {
                UpdateState = c => c.ResourceSnapshot.State?.Text == "Odd" ? ResourceCommandState.Enabled : ResourceCommandState.Disabled
            });
        await _notifications.PublishUpdateAsync(_ping.Resource, s => s);
        Assert.True(_notifications.TryGetCurrentState("ping", out var e));
        Assert.Equal(("Mine", "Odd", "Globe"), (e.Snapshot.ResourceType, e.Snapshot.State?.Text, e.Snapshot.IconName));
        Assert.Equal(ResourceCommandState.Enabled, Assert.Single(e.Snapshot.Commands).State);
        await PublishAsync("Even");
        Assert.True(_notifications.TryGetCurrentState("ping", out e));
        Assert.Equal(ResourceCommandState.Disabled, Assert.Single(e.Snapshot.Commands).State);
    }

    [Fact]
    public async Task Waiting_ends_in_the_state_whatever_its_case()
    {
        var running = _notifications.WaitForResourceAsync("PING", "running", Cancellation);
        var terminal = _notifications.WaitForResourceAsync("ping", KnownResourceStates.TerminalStates, Cancellation);
        var custom = _notifications.WaitForResourceAsync("ping", e => e.Snapshot.ExitCode == 3, Cancellation);
        await PublishAsync("Running");
        await running;
        Assert.False(terminal.IsCompleted);
        await _notifications.PublishUpdateAsync(_ping.Resource, s => s with { State = "Exited", ExitCode = 3 });
        Assert.Equal("Exited", await terminal);
        Assert.Equal(3, (await custom).Snapshot.ExitCode);
    }

    [Fact]
    public async Task A_resource_is_healthy_when_all_its_replicas_are_and_their_handlers_are_done()
    {
        _ping.WithAnnotation(new ReplicaNamesAnnotation(["ping-a", "ping-b"]));
        var handlers = new TaskCompletionSource();
        var healthy = _notifications.WaitForResourceHealthyAsync("ping", Cancellation);
        await PublishReadyAsync("ping-a", handlers.Task);
        await _notifications.PublishUpdateAsync(_ping.Resource, "ping-b", s => (s with { State = "Running", ResourceReadyEvent = new EventSnapshot(handlers.Task) })
            .WithHealthReports([new HealthReportSnapshot("check", HealthStatus.Unhealthy, "503", null)]));
        Assert.False(healthy.IsCompleted);
        await _notifications.PublishUpdateAsync(_ping.Resource, "ping-b", s => s.WithHealthReports([new HealthReportSnapshot("check", HealthStatus.Healthy, null, null)]));
        handlers.SetResult();
        Assert.Equal(HealthStatus.Healthy, (await healthy).Snapshot.HealthStatus);
        Assert.False(_notifications.TryGetCurrentState("ping", out _));
        Assert.True(_notifications.TryGetCurrentState("ping-b", out var second));
        Assert.Same(_ping.Resource, second.Resource);
    }

    [Fact]
    public async Task Handlers_that_fail_fail_the_wait()
    {
        await PublishReadyAsync("ping", Task.FromException(new FormatException("seed failed")));
        Assert.Equal("seed failed", (await Assert.ThrowsAsync<FormatException>(() => _notifications.WaitForResourceHealthyAsync("ping", Cancellation))).Message);
    }

    [Theory]
    [InlineData("Exited", 137, "Stopped waiting for resource 'ping' to become healthy because it failed to start (state 'Exited', exit code 137).")]
    [InlineData("FailedToStart", null, "Stopped waiting for resource 'ping' to become healthy because it failed to start (state 'FailedToStart').")]
    public async Task A_resource_that_ended_does_not_become_healthy(string state, int? exitCode, string message)
    {
        var healthy = _notifications.WaitForResourceHealthyAsync("ping", WaitBehavior.StopOnResourceUnavailable, Cancellation);
        var patient = _notifications.WaitForResourceHealthyAsync("ping", WaitBehavior.WaitOnResourceUnavailable, Cancellation);
        await _notifications.PublishUpdateAsync(_ping.Resource, s => s with { State = state, ExitCode = exitCode });
        Assert.Equal(message, (await Assert.ThrowsAsync<DistributedApplicationException>(() => healthy)).Message);
        await PublishReadyAsync("ping", Task.CompletedTask);
        await patient;
    }

    [Fact]
    public async Task An_unknown_resource_does_not_become_healthy() => Assert.Equal(
        "Stopped waiting for resource 'nobody' to become healthy because it does not exist in the application model.",
        (await Assert.ThrowsAsync<DistributedApplicationException>(() => _notifications.WaitForResourceHealthyAsync("nobody", Cancellation))).Message);

    [Fact]
    public async Task A_cancelled_wait_tells_the_last_known_state()
    {
        using var cancellation = new CancellationTokenSource();
        await _notifications.PublishUpdateAsync(_ping.Resource, s => (s with { State = "Running" }).WithHealthReports(
            [new HealthReportSnapshot("ready", HealthStatus.Unhealthy, "answered 503", null), new HealthReportSnapshot("live", null, null, null)]));
        var known = _notifications.WaitForResourceHealthyAsync("ping", cancellation.Token);
        var unknown = _notifications.WaitForResourceAsync("pong", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        var exception = await Assert.ThrowsAsync<OperationCanceledException>(() => known);
        Assert.Equal(
            "Resource 'ping' failed to become healthy before the operation was cancelled.\n- ping: Running, Unhealthy\n  - ready: " +
                "Unhealthy (answered 503)\n  - live: not checked yet",
            exception.Message.ReplaceLineEndings("\n"));
        Assert.Equal(
            "Resource 'pong' failed to reach one of the target states [Running] before the operation was cancelled. Nothing is known of " +
                "its state.",
            (await Assert.ThrowsAsync<OperationCanceledException>(() => unknown)).Message);
    }

    [Fact]
    public async Task Disposal_ends_all_waits()
    {
        var wait = _notifications.WaitForResourceAsync("ping", cancellationToken: Cancellation);
        _notifications.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task An_id_belongs_to_one_resource()
    {
        await PublishAsync("Running");
        var other = new CustomResource("other");
        Assert.Equal(
            "The id 'ping' cannot be used by resource 'other' because resource 'ping' publishes under it.",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => _notifications.PublishUpdateAsync(other, "ping", s => s))).Message);
    }

    [Theory]
    [InlineData("Running", HealthStatus.Healthy)]
    [InlineData("Starting", null)]
    [InlineData("Running", HealthStatus.Unhealthy, HealthStatus.Healthy, HealthStatus.Unhealthy)]
    [InlineData("Running", HealthStatus.Degraded, HealthStatus.Healthy, HealthStatus.Degraded)]
    public void Health_is_the_worst_report_of_a_running_resource(string state, HealthStatus? expected, params HealthStatus[] reports) =>
        Assert.Equal(expected, new CustomResourceSnapshot { ResourceType = "x", Properties = [], State = state }
            .WithHealthReports([.. reports.Select((r, i) => new HealthReportSnapshot($"{i}", r, null, null))]).HealthStatus);

    private Task PublishAsync(string state) => _notifications.PublishUpdateAsync(_ping.Resource, s => s with { State = state });

    private Task PublishReadyAsync(string id, Task handlers) => _notifications.PublishUpdateAsync(
        _ping.Resource, id, s => s with { State = "Running", ResourceReadyEvent = new EventSnapshot(handlers) });
}
