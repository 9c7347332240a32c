using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Priority;
using Aspire.Hosting.Orchestration.Processes;
using Hosting.Embedded.Tests.Orchestration.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

/// <summary>Real replicas behind the real proxy: they start, answer in turn, die, freeze and come back.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReplicaTests
{
    private const int SigStop = 19;
    private const int SigCont = 18;

    [Fact]
    public async Task Replicas_have_names_ports_and_turns_of_their_own()
    {
        await using var run = await TestRun.StartAsync(builder =>
        {
            var ping = builder.AddService("ping", replicas: 3);
            builder.AddService("caller").WithReference(ping).WaitFor(ping);
        });
        await run.HealthyAsync("caller");

        var ids = run.Ids("ping");
        Assert.Equal(3, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^ping-[bcdfghjklmnpqrstvwxz2456789]{5}$", id));
        Assert.Equal(ids, await Task.WhenAll(run.ReplicaUrls("ping").Select(url => TestRun.GetAsync($"{url}/name"))));

        // A connection per request: the proxy deals them out.
        var answers = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            answers.Add(await TestRun.GetAsync($"{run.Url("ping")}/name"));
        }

        Assert.Equal(ids.Order().Select(id => (id, 10)), answers.CountBy(answer => answer).Select(pair => (pair.Key, pair.Value)).Order());
        foreach (var (i, url) in run.ReplicaUrls("ping").Index())
        {
            Assert.Equal(url, await TestRun.GetAsync($"{run.Url("caller")}/services__ping__http__{i}"));
        }

        Assert.Equal(run.Url("caller"), Assert.Single(run.ReplicaUrls("caller")));
        Assert.Equal("00:00:00", await TestRun.GetAsync($"{run.Url("caller")}/ServiceDefaults__Drain"));
    }

    [Fact]
    public async Task Connections_that_are_held_wait_for_the_first_replica()
    {
        var mayStart = new TaskCompletionSource();
        await using var run = await TestRun.StartAsync(builder =>
        {
            var late = builder.AddService("late").WithAnnotation(new HeldConnectionsAnnotation("http"));
            builder.Eventing.Subscribe<BeforeResourceStartedEvent>(late.Resource, (_, token) => mayStart.Task.WaitAsync(token));
        });

        var answer = TestRun.GetAsync($"{run.Url("late")}/name");
        mayStart.SetResult();

        Assert.Equal(Assert.Single(run.Ids("late")), await answer);
        Assert.NotEqual(run.Url("late"), Assert.Single(run.ReplicaUrls("late")));
    }

    [Fact]
    public async Task A_killed_replica_comes_back_with_its_name_and_port()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2));
        await run.HealthyAsync("ping");
        var (id, url) = (run.Ids("ping")[1], run.ReplicaUrls("ping")[1]);
        var pid = run.ProcessId(id);

        Signals.Send(pid, Signals.Kill);

        await run.HealthyInAnotherProcessAsync("ping", id, pid);
        Assert.Equal(id, await TestRun.GetAsync($"{url}/name"));

        Assert.Equal(1, run.Snapshot(id).Properties.Single(property => property.Name == "replica.restarts").Value);
    }

    [Fact]
    public async Task The_others_give_way_to_a_replica_that_is_started_again()
    {
        var shares = new Shares();
        await using var run = await TestRun.StartAsync(builder =>
        {
            builder.Services.AddSingleton<IProcessorShares>(shares);
            builder.AddService("ping", replicas: 2);
            builder.AddService("other");
        });
        await run.HealthyAsync("ping");
        await run.HealthyAsync("other");
        Assert.Empty(shares.Changes);
        var ids = run.Ids("ping");
        var (killed, neighbour, other) = (run.ProcessId(ids[0]), run.ProcessId(ids[1]), run.ProcessId(Assert.Single(run.Ids("other"))));

        Signals.Send(killed, Signals.Kill);

        await run.HealthyInAnotherProcessAsync("ping", ids[0], killed);
        await Eventually.IsTrueAsync(() => shares.Changes.Count == 4, "two processes that gave way and got their shares back");
        Assert.Equal(
            new[] { (neighbour, true), (other, true), (neighbour, false), (other, false) }.Order(), shares.Changes.Order());
    }

    [Fact]
    public async Task A_frozen_replica_leaves_the_rotation_and_returns()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2));
        await run.HealthyAsync("ping");
        var ids = run.Ids("ping");
        var pid = run.ProcessId(ids[0]);

        Signals.Send(pid, SigStop);
        var frozen = await run.HealthAsync("ping", ids[0], HealthStatus.Unhealthy);
        Assert.Equal("No answer within 1 s.", Assert.Single(frozen.Snapshot.HealthReports).Description);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(ids[1], await TestRun.GetAsync($"{run.Url("ping")}/name"));
        }

        Signals.Send(pid, SigCont);
        await run.HealthAsync("ping", ids[0], HealthStatus.Healthy);
        Assert.Equal(pid, run.ProcessId(ids[0]));
        Assert.Equal(
            ids.Order(),
            new[] { await TestRun.GetAsync($"{run.Url("ping")}/name"), await TestRun.GetAsync($"{run.Url("ping")}/name") }.Order());
    }

    [Fact]
    public async Task A_replica_that_says_it_is_unhealthy_keeps_running_without_requests()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2));
        await run.HealthyAsync("ping");
        var (id, url) = (run.Ids("ping")[0], run.ReplicaUrls("ping")[0]);
        var pid = run.ProcessId(id);

        await TestRun.GetAsync($"{url}/fail");
        var unhealthy = await run.HealthAsync("ping", id, HealthStatus.Unhealthy);
        Assert.Equal(KnownResourceStates.Running, unhealthy.Snapshot.State?.Text);
        Assert.Equal($"GET {url}/health answered 503, not 200.", Assert.Single(unhealthy.Snapshot.HealthReports).Description);
        Assert.Equal(run.Ids("ping")[1], await TestRun.GetAsync($"{run.Url("ping")}/name"));

        await TestRun.GetAsync($"{url}/pass");
        await run.HealthAsync("ping", id, HealthStatus.Healthy);
        Assert.Equal(pid, run.ProcessId(id));
    }

    [Fact]
    public async Task A_liveness_probe_restarts_a_replica()
    {
#pragma warning disable ASPIREPROBES001 // Experimental in Aspire.
        await using var run = await TestRun.StartAsync(builder => builder.AddService("ping")
            .WithHttpProbe(ProbeType.Startup, "/started", initialDelaySeconds: 0, periodSeconds: 1, failureThreshold: 100)
            .WithHttpProbe(ProbeType.Liveness, "/alive", initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 60,
                failureThreshold: 1));
#pragma warning restore ASPIREPROBES001
        await run.HealthyAsync("ping");
        var id = Assert.Single(run.Ids("ping"));
        var pid = run.ProcessId(id);

        await TestRun.GetAsync($"{run.Url("ping")}/fail");

        await run.HealthyInAnotherProcessAsync("ping", id, pid);
    }

    [Fact]
    public async Task Nothing_is_left_after_a_stop_or_a_disposal()
    {
        var run = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2));
        await run.HealthyAsync("ping");
        int[] first = [.. run.Ids("ping").Select(run.ProcessId)];
        await run.Application.StopAsync(TestContext.Current.CancellationToken);
        await run.Application.StopAsync(TestContext.Current.CancellationToken);
        Assert.All(run.Ids("ping"), id => Assert.Equal(KnownResourceStates.Exited, run.Snapshot(id).State?.Text));
        await run.DisposeAsync();

        var again = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2));
        await again.HealthyAsync("ping");
        int[] second = [.. again.Ids("ping").Select(again.ProcessId)];
        await again.DisposeAsync();

        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        await Eventually.IsTrueAsync(() => first.Concat(second).Sum(pid => Shell.Session(pid).Length) == 0, "all sessions are empty");
    }

    [Fact]
    public async Task Applications_run_side_by_side()
    {
        var runs =
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2))));
        try
        {
            await Task.WhenAll(runs.Select(run => run.HealthyAsync("ping")));
            Assert.Equal(9, runs.SelectMany(run => run.ReplicaUrls("ping").Append(run.Url("ping"))).Distinct().Count());
            foreach (var run in runs)
            {
                Assert.Contains(await TestRun.GetAsync($"{run.Url("ping")}/name"), run.Ids("ping"));
            }
        }
        finally
        {
            await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask()));
        }
    }

    private sealed class Shares : IProcessorShares
    {
        public ConcurrentQueue<(int ProcessId, bool IsReduced)> Changes { get; } = [];

        public ShareChange Change(int processId, bool reduced)
        {
            Changes.Enqueue((processId, reduced));
            return ShareChange.Done;
        }
    }
}
