using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Ports;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hosting.Embedded.Tests.Orchestration.Resources;

/// <summary>The order of things: dependencies, events, commands, failures and the stop, with shell scripts as processes.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OrchestratorTests
{
    private const string Forever = "trap 'exit 0' TERM; while :; do sleep 0.05; done";

    [Fact]
    public async Task A_dependant_starts_when_what_it_waits_for_is_there()
    {
        using var directory = new TemporaryDirectory();
        var (log, gate) = (Path.Combine(directory.Path, "log"), Path.Combine(directory.Path, "gate"));
        await using var run = await TestRun.StartAsync(builder =>
        {
            var job = builder.AddScript("job", $"until [ -e '{gate}' ]; do sleep 0.05; done; echo job >> '{log}'");
            var service = builder.AddService("service").WaitForCompletion(job);
            var started = builder.AddScript("started", $"echo started >> '{log}'; {Forever}").WaitFor(service);
            builder.AddScript("last", $"echo last >> '{log}'; {Forever}").WaitForStart(started);
        });

        await run.StateAsync("service", KnownResourceStates.Waiting);
        directory.Write("gate", "");
        await run.StateAsync("last", KnownResourceStates.Running);
        await Eventually.IsTrueAsync(() => File.ReadAllLines(log).Length == 3, "all have written");

        // A process that others only wait to be started may write after them.
        Assert.Equal("job", File.ReadAllLines(log)[0]);
        var finished = run.Snapshot(run.Ids("job")[0]);
        Assert.Equal((KnownResourceStates.Finished, 0), (finished.State?.Text, finished.ExitCode));
    }

    [Fact]
    public async Task A_dependant_of_a_job_that_failed_does_not_start()
    {
        await using var run = await TestRun.StartAsync(builder =>
        {
            var job = builder.AddScript("job", "echo no luck >&2; exit 4");
            builder.AddScript("after", Forever).WaitForCompletion(job);
            var other = builder.AddScript("other", "exit 4");
            builder.AddScript("expects", Forever).WaitForCompletion(other, exitCode: 4);
        });

        var failed = await run.StateAsync("after", KnownResourceStates.FailedToStart);
        Assert.Equal(
            "Resource 'after' stopped waiting for dependency resource 'job' because it entered the 'Exited' state with exit code '4', expected '0'.",
            Reason(failed));
        var job = run.Snapshot(run.Ids("job")[0]);
        Assert.Equal((KnownResourceStates.Exited, 4), (job.State?.Text, job.ExitCode));
        await run.StateAsync("expects", KnownResourceStates.Running);
    }

    [Fact]
    public async Task A_crash_loop_is_shown_as_such_and_fails_those_that_wait()
    {
        await using var run = await TestRun.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
            var broken = builder.AddScript("broken", "echo configuration missing >&2; exit 3").WithHealthCheck("never");
            builder.AddScript("after", Forever).WaitFor(broken);
        });

        var loop = await run.StateAsync("broken", "CrashLoopBackOff");
        Assert.Equal("The process ended with exit code 3.", Reason(loop));
        Assert.Equal(
            ["configuration missing"],
            (ImmutableArray<string>)loop.Snapshot.Properties.Single(p => p.Name == "replica.lastLines").Value!);
        Assert.Equal(3, loop.Snapshot.ExitCode);
        await run.StateAsync("after", KnownResourceStates.FailedToStart);
    }

    [Fact]
    public async Task What_cannot_be_started_is_one_sentence()
    {
        await using var run = await TestRun.StartAsync(builder =>
        {
            builder.AddExecutable("missing", "no-such-program-x", ".");
            builder.AddScript("valueless", Forever).WithEnvironment(_ => throw new DistributedApplicationException("There is no value."));
            builder.AddProject<UnbuiltProject>("unbuilt", options => options.ExcludeLaunchProfile = true);
        });

        Assert.Equal(
            "The program 'no-such-program-x' is in no directory of PATH: install it, or give the path of its file.",
            Reason(await run.StateAsync("missing", KnownResourceStates.FailedToStart)));
        Assert.Equal("There is no value.", Reason(await run.StateAsync("valueless", KnownResourceStates.FailedToStart)));
        Assert.Equal(
            $"Project '{new UnbuiltProject().ProjectPath}' is not built, '/no/such/output.dll' does not exist: run dotnet build on the AppHost or on the project.",
            Reason(await run.StateAsync("unbuilt", KnownResourceStates.FailedToStart)));
    }

    [Fact]
    public async Task A_container_is_refused_before_anything_is_started()
    {
        using var directory = new TemporaryDirectory();
        var trace = Path.Combine(directory.Path, "trace");
        await using var run = TestRun.Create(builder =>
        {
            builder.AddScript("script", $"touch '{trace}'; {Forever}");
            builder.AddContainer("cache", "redis");
        });

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => run.Application.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(
            "'cache' is a container; the embedded engine runs projects and executables only. Use -p:HostingEngine=Aspire to run containers, "
            + "or leave them out of the model in run mode.",
            exception.Message);
        Assert.False(File.Exists(trace));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_port_in_use_is_refused_before_anything_is_started(int replicas)
    {
        using var ports = new PortAllocator(Random.Shared);
        var (free, taken) = (ports.Allocate(), ports.Allocate());
        var holder = Loopback.Listen("localhost", taken);
        await using var run = TestRun.Create(
            builder =>
            {
                builder.AddProject<TestService>("fine", o => o.ExcludeLaunchProfile = true).WithHttpEndpoint(port: free).WithReplicas(2);
                builder.AddProject<TestService>("ping", o => o.ExcludeLaunchProfile = true).WithHttpEndpoint(port: taken).WithReplicas(
                    replicas);
            },
            randomizePorts: false);
        try
        {
            var exception = await Assert.ThrowsAsync<DistributedApplicationException>(
                () => run.Application.StartAsync(TestContext.Current.CancellationToken));
            Assert.StartsWith(
                $"Port {taken}, which endpoint 'http' of resource 'ping' asks for, is in use by ",
                exception.Message,
                StringComparison.Ordinal);
            await Eventually.IsTrueAsync(() => Loopback.IsFree(free), "what had been taken is given back");
        }
        finally
        {
            Array.ForEach(holder, socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_fixed_port_is_honoured_and_leads_to_a_target_port()
    {
        using var ports = new PortAllocator(Random.Shared);
        var (publicPort, target) = (ports.Allocate(), ports.Allocate());
        await using var run = TestRun.Create(
            builder => builder.AddProject<TestService>("ping", o => o.ExcludeLaunchProfile = true)
                .WithEnvironment(TestService.Role, "1")
                .WithHttpEndpoint(port: publicPort, targetPort: target)
                .WithHttpHealthCheck("/health"),
            randomizePorts: false);
        await run.Application.StartAsync(TestContext.Current.CancellationToken);
        await run.HealthyAsync("ping");

        Assert.Equal($"http://localhost:{publicPort}", run.Url("ping"));
        Assert.Equal($"http://localhost:{target}", await TestRun.GetAsync($"{run.Url("ping")}/ASPNETCORE_URLS"));
    }

    [Theory]
    [InlineData(true, "is declared without a proxy")]
    [InlineData(false, "has a target port")]
    public async Task Replicas_cannot_share_a_port(bool proxyless, string reason)
    {
        await using var run = TestRun.Create(builder => builder.AddProject<TestService>("ping", o => o.ExcludeLaunchProfile = true)
            .WithHttpEndpoint(targetPort: 8080, isProxied: !proxyless)
            .WithReplicas(3));

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => run.Application.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(
            $"Resource 'ping' has 3 replicas, which need a port each, but its endpoint 'http' {reason}: remove that, or the replicas.",
            exception.Message);
    }

    [Fact]
    public async Task Commands_start_stop_and_restart()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2).WithExplicitStart());
        var ids = run.Ids("ping");
        Assert.All(ids, id => Assert.Equal(KnownResourceStates.NotStarted, run.Snapshot(id).State?.Text));
        Assert.Equal(ResourceCommandState.Enabled, CommandState(ids[0], "start"));

        Assert.True((await run.CommandAsync(ids[0], KnownResourceCommands.StartCommand)).Success);
        await run.HealthAsync("ping", ids[0], HealthStatus.Healthy);
        Assert.Equal(KnownResourceStates.NotStarted, run.Snapshot(ids[1]).State?.Text);
        Assert.Equal(
            (ResourceCommandState.Hidden, ResourceCommandState.Enabled),
            (CommandState(ids[0], "start"), CommandState(ids[0], "stop")));
        Assert.Equal(ids[0], await TestRun.GetAsync($"{run.Url("ping")}/name"));

        Assert.True((await run.CommandAsync("ping", KnownResourceCommands.StartCommand)).Success);
        await run.HealthyAsync("ping");
        var before = run.ProcessId(ids[0]);
        Assert.True((await run.CommandAsync(ids[0], KnownResourceCommands.RestartCommand)).Success);
        await run.HealthAsync("ping", ids[0], HealthStatus.Healthy);
        Assert.NotEqual(before, run.ProcessId(ids[0]));

        Assert.True((await run.CommandAsync("ping", KnownResourceCommands.StopCommand)).Success);
        Assert.All(ids, id => Assert.Equal(KnownResourceStates.Exited, run.Snapshot(id).State?.Text));
        Assert.True((await run.CommandAsync("ping", KnownResourceCommands.StartCommand)).Success);
        await run.HealthyAsync("ping");

        ResourceCommandState CommandState(string id, string command) =>
            run.Snapshot(id).Commands.Single(each => each.Name == command).State;
    }

    [Fact]
    public async Task A_resource_that_is_started_again_is_announced_again()
    {
        var announced = 0;
        await using var run = await TestRun.StartAsync(builder => builder.AddService("ping", replicas: 2).OnResourceReady((_, _, _) =>
        {
            Interlocked.Increment(ref announced);
            return Task.CompletedTask;
        }));
        await run.HealthyAsync("ping");
        Assert.Equal(1, announced);

        await run.CommandAsync(run.Ids("ping")[0], KnownResourceCommands.RestartCommand);
        await run.HealthyAsync("ping");
        Assert.Equal(1, announced);

        await run.CommandAsync("ping", KnownResourceCommands.StopCommand);
        await run.CommandAsync("ping", KnownResourceCommands.StartCommand);
        await Eventually.IsTrueAsync(() => Volatile.Read(ref announced) == 2, "it is announced again");
    }

    [Fact]
    public async Task A_start_command_ends_the_wait_for_dependencies()
    {
        await using var run = await TestRun.StartAsync(builder =>
        {
            var never = builder.AddScript("never", Forever).WithExplicitStart();
            builder.AddScript("waits", Forever).WaitFor(never);
        });
        await run.StateAsync("waits", KnownResourceStates.Waiting);

        Assert.True((await run.CommandAsync("waits", KnownResourceCommands.StartCommand)).Success);

        await run.StateAsync("waits", KnownResourceStates.Running);
    }

    [Fact]
    public async Task Dependants_are_stopped_first()
    {
        using var directory = new TemporaryDirectory();
        var log = Path.Combine(directory.Path, "log");
        await using var run = await TestRun.StartAsync(builder =>
        {
            var database = builder.AddScript("database", Script("database"));
            var service = builder.AddScript("service", Script("service")).WaitForStart(database);
            builder.AddScript("gateway", Script("gateway")).WaitForStart(service);
        });
        await run.StateAsync("gateway", KnownResourceStates.Running);
        await Eventually.IsTrueAsync(() => File.Exists(log) && File.ReadAllLines(log).Length == 3, "all traps are set");

        await run.Application.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["gateway", "service", "database"], File.ReadAllLines(log).Skip(3));

        string Script(string name) => $"trap 'echo {name} >> \"{log}\"; exit 0' TERM; echo up >> '{log}'; while :; do sleep 0.05; done";
    }

    [Fact]
    public async Task Events_come_in_order()
    {
        var events = new ConcurrentQueue<string>();
        await using (var run = await TestRun.StartAsync(builder =>
        {
            var service = builder.AddService("service");
            builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => Seen("BeforeStart"));
            service.OnResourceEndpointsAllocated(
                (resource, _, _) => Seen($"EndpointsAllocated {resource.GetEndpoint("http").IsAllocated}"));
            service.OnBeforeResourceStarted((_, _, _) => Seen("BeforeResourceStarted"));
            service.OnResourceReady((_, _, _) => Seen("Ready"));
            service.OnResourceStopped((_, e, _) => Seen($"Stopped {e.ResourceEvent.Snapshot.State?.Text}"));
            builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((_, _) => Seen("AfterResourcesCreated"));
        }))
        {
            await run.HealthyAsync("service");
            await Eventually.IsTrueAsync(() => events.Contains("AfterResourcesCreated"), "the resources are created");
        }

        Assert.Equal(
            ["BeforeStart", "EndpointsAllocated True", "BeforeResourceStarted", "Stopped Exited"],
            events.Where(e => e is not ("Ready" or "AfterResourcesCreated")));
        Assert.Single(events, "Ready");

        Task Seen(string name)
        {
            events.Enqueue(name);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Checks_that_the_author_registered_count_too()
    {
        var result = HealthCheckResult.Unhealthy("not yet");
        await using var run = await TestRun.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("mine", () => result);
            builder.AddScript("script", Forever).WithHealthCheck("mine");
            builder.AddScript("after", Forever).WaitFor(
                builder.CreateResourceBuilder(builder.Resources.OfType<ExecutableResource>().First()));
        });
        var id = run.Ids("script")[0];
        await run.StateAsync("script", e => e.Snapshot.HealthReports.Any(report => report.Description == "not yet"));
        Assert.Equal(KnownResourceStates.Waiting, run.Snapshot(run.Ids("after")[0]).State?.Text);

        result = HealthCheckResult.Healthy();

        await run.StateAsync("after", KnownResourceStates.Running);
        Assert.Equal(HealthStatus.Healthy, run.Snapshot(id).HealthStatus);
    }

    [Fact]
    public async Task Other_resources_become_ready_by_their_own_word()
    {
        await using var run = await TestRun.StartAsync(builder =>
        {
            var custom = builder.AddResource(new CustomResource("custom"))
                .WithInitialState(
                    new CustomResourceSnapshot { ResourceType = "Custom", Properties = [], State = KnownResourceStates.Starting })
                .OnInitializeResource(
                    (resource, e, _) => e.Notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Running }));
            builder.AddScript("after", Forever).WaitFor(custom);
        });

        await run.StateAsync("after", KnownResourceStates.Running);
    }

    [Fact]
    public async Task The_output_of_a_process_is_the_log_of_its_replica()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddScript("script", $"echo out; echo err >&2; {Forever}"));
        await run.StateAsync("script", KnownResourceStates.Running);

        var seen = new List<LogLine>();
        await foreach (var lines in run.Application.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(run.Ids("script")[0])
            .WithCancellation(TestContext.Current.CancellationToken))
        {
            seen.AddRange(lines);
            if (seen.Count >= 2)
            {
                break;
            }
        }

        Assert.Contains(seen, line => line.Content.EndsWith(" out", StringComparison.Ordinal) && !line.IsErrorMessage);
        Assert.Contains(seen, line => line.Content.EndsWith(" err", StringComparison.Ordinal) && line.IsErrorMessage);
    }

    [Fact]
    public async Task Secrets_are_not_shown()
    {
        await using var run = await TestRun.StartAsync(builder => builder.AddScript("script", Forever)
            .WithEnvironment("PASSWORD", builder.AddParameter("password", "hunter2", secret: true))
            .WithEnvironment("PLAIN", "text"));
        var snapshot = (await run.StateAsync("script", KnownResourceStates.Running)).Snapshot;

        Assert.Null(snapshot.EnvironmentVariables.Single(variable => variable.Name == "PASSWORD").Value);
        Assert.Equal("text", snapshot.EnvironmentVariables.Single(variable => variable.Name == "PLAIN").Value);
    }

    private static object? Reason(ResourceEvent @event) =>
        @event.Snapshot.Properties.Single(property => property.Name == "replica.reason").Value;

    private sealed class UnbuiltProject : IProjectMetadata, IBuiltProject
    {
        public string ProjectPath => new TestService().ProjectPath;

        public string TargetPath => "/no/such/output.dll";
    }

    private sealed class CustomResource(string name) : Resource(name);
}
