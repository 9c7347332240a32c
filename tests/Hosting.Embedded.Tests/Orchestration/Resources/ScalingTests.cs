using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

/// <summary>Replicas come and go while the application runs.</summary>
public sealed class ScalingTests
{
    [Fact]
    public async Task A_replica_more_serves_like_the_others_and_the_youngest_goes_first()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("service", replicas: 2));
        await run.HealthyAsync("service");
        var first = run.Ids("service");

        Assert.True((await run.CommandAsync("service", "scale-up")).Success);
        await run.HealthyAsync("service");

        var more = run.Ids("service");
        Assert.Equal([.. first, more[2]], more);
        Assert.Equal(3, run.ReplicaUrls("service").Distinct().Count());
        Assert.NotEqual(run.ProcessId(first[0]), run.ProcessId(more[2]));
        var answers = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await TestRun.GetAsync($"{run.Url("service")}/name"));
        }

        Assert.Equal(more.Order(), answers.Order());

        Assert.True((await run.CommandAsync(first[0], "scale-down")).Success);
        Assert.Equal(first, run.Ids("service"));
        Assert.False(run.States.TryGetCurrentState(more[2], out _));
    }

    [Fact]
    public async Task One_replica_stays()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("service"));
        await run.HealthyAsync("service");
        var id = run.Ids("service")[0];

        var refused = await run.CommandAsync(id, "scale-down");
        Assert.False(refused.Success);
        Assert.Contains("'service'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ResourceCommandState.Disabled, run.Snapshot(id).Commands.Single(command => command.Name == "scale-down").State);

        Assert.True((await run.CommandAsync(id, "scale-up")).Success);
        await run.HealthyAsync("service");
        Assert.Equal(2, run.Ids("service").Length);
        Assert.Equal(ResourceCommandState.Enabled, run.Snapshot(id).Commands.Single(command => command.Name == "scale-down").State);
        Assert.Equal(HealthStatus.Healthy, run.Snapshot(run.Ids("service")[1]).HealthStatus);
    }

    [Fact]
    public async Task The_end_of_a_replica_is_seen_by_those_that_watch()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("service", replicas: 2));
        await run.HealthyAsync("service");
        var youngest = run.Ids("service")[1];
        var ended = run.StateAsync("service", @event => @event.ResourceId == youngest && @event.Snapshot.State?.Text == KnownResourceStates.Exited);
        await run.CommandAsync("service", "scale-down");
        await ended;
    }
}
