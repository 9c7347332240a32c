using System.Threading.Channels;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Replicas;

namespace Hosting.Embedded.Tests.Orchestration.Replicas;

public sealed class ReplicaRunnerTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeProcesses _processes = new();
    private readonly Channel<ReplicaStatus> _statuses = Channel.CreateUnbounded<ReplicaStatus>();
    private readonly List<ReplicaRunner> _runners = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
        {
            await runner.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_starts_runs_and_stops()
    {
        var runner = Create();
        Assert.Equal(ReplicaState.NotStarted, runner.Status.State);

        Assert.True(runner.Start());
        Assert.False(runner.Start());
        var process = await _processes.NextAsync();
        await ExpectAsync(ReplicaState.Starting);
        Assert.Equal(process.Id, (await ExpectAsync(ReplicaState.Running)).ProcessId);

        var stop = runner.StopAsync(CancellationToken.None);
        await ExpectAsync(ReplicaState.Stopping);
        await process.Terminated;
        process.Exit(0);
        await stop;
        var exited = await ExpectAsync(ReplicaState.Exited);
        Assert.Equal((0, null, null), (exited.ExitCode, exited.ProcessId, exited.Reason));
        Assert.False(process.WasKilled);
        await runner.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task It_can_be_started_again_after_a_stop()
    {
        var runner = Create();
        for (var i = 0; i < 3; i++)
        {
            runner.Start();
            var process = await _processes.NextAsync();
            await ExpectAsync(ReplicaState.Starting);
            await ExpectAsync(ReplicaState.Running);
            var stop = runner.StopAsync(CancellationToken.None);
            await process.Terminated;
            process.Exit(143);
            await stop;
            await ExpectAsync(ReplicaState.Stopping);
            Assert.Equal(0, (await ExpectAsync(ReplicaState.Exited)).Restarts);
        }
    }

    [Fact]
    public async Task A_process_that_ignores_the_request_to_end_is_killed_after_the_grace_period()
    {
        var runner = Create(options => options with { GracePeriod = TimeSpan.FromSeconds(7) });
        runner.Start();
        var process = await _processes.NextAsync();
        await ExpectAsync(ReplicaState.Starting);
        await ExpectAsync(ReplicaState.Running);

        var stop = runner.StopAsync(CancellationToken.None);
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(stop.IsCompleted);
        Assert.False(process.WasKilled);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await stop;

        Assert.True(process.WasKilled);
        Assert.Equal(137, runner.Status.ExitCode);
    }

    [Fact]
    public async Task A_hurried_stop_gives_no_grace()
    {
        var runner = Create();
        runner.Start();
        var process = await _processes.NextAsync();
        using var hurry = new CancellationTokenSource();
        var stop = runner.StopAsync(hurry.Token);
        await process.Terminated;

        await hurry.CancelAsync();
        await stop;

        Assert.True(process.WasKilled);
    }

    [Fact]
    public async Task The_first_crash_is_followed_by_a_start_at_once_and_further_ones_by_growing_delays()
    {
        var runner = Create();
        runner.Start();
        (await _processes.NextAsync()).Exit(3, "a", "b");
        await ExpectAsync(ReplicaState.Starting);
        await ExpectAsync(ReplicaState.Running);
        var again = await ExpectAsync(ReplicaState.Starting);
        Assert.Equal((1, 3), (again.Restarts, again.ExitCode));
        Assert.Equal("The process ended with exit code 3.", again.Reason);
        Assert.Equal(["a", "b"], again.LastLines.Select(line => line.Text));
        await ExpectAsync(ReplicaState.Running);

        foreach (var delay in new[] { 0.5, 1, 2, 4, 8, 16, 30, 30 })
        {
            (await _processes.NextAsync()).Exit(137, "last words");
            var loop = await ExpectAsync(ReplicaState.CrashLoopBackOff);
            Assert.Equal("The process ended with exit code 137 (SIGKILL).", loop.Reason);
            Assert.Equal("last words", Assert.Single(loop.LastLines).Text);
            Assert.Null(loop.ProcessId);
            await _time.WaitForTimerAsync(TimeSpan.FromSeconds(delay));
            _time.Advance(TimeSpan.FromSeconds(delay));
            await ExpectAsync(ReplicaState.Starting);
            await ExpectAsync(ReplicaState.Running);
        }

        Assert.Equal(9, runner.Status.Restarts);
    }

    [Fact]
    public async Task A_process_that_stayed_up_is_started_again_at_once()
    {
        Create().Start();
        for (var i = 0; i < 5; i++)
        {
            var process = await _processes.NextAsync();
            await ExpectAsync(ReplicaState.Starting);
            await ExpectAsync(ReplicaState.Running);
            _time.Advance(RestartBackOff.RecoveredAfter);
            process.Exit(1);
        }

        Assert.Equal(6, (await _processes.NextAsync()).Id);
    }

    [Fact]
    public async Task It_can_be_stopped_while_it_waits_for_its_next_start()
    {
        var runner = Create();
        runner.Start();
        (await _processes.NextAsync()).Exit(1);
        (await _processes.NextAsync()).Exit(2, "reason");
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(0.5));

        await runner.StopAsync(CancellationToken.None);

        Assert.Equal((ReplicaState.Exited, 2), (runner.Status.State, runner.Status.ExitCode));
    }

    [Theory]
    [InlineData("Always", 0, "Starting")]
    [InlineData("Always", 1, "Starting")]
    [InlineData("OnFailure", 0, "Finished")]
    [InlineData("OnFailure", 1, "Starting")]
    [InlineData("Never", 0, "Finished")]
    [InlineData("Never", 1, "Exited")]
    public async Task The_policy_decides_on_a_start_after_the_end(string policy, int exitCode, string state)
    {
        Create(options => options with { RestartPolicy = Enum.Parse<RestartPolicy>(policy) }).Start();
        await ExpectAsync(ReplicaState.Starting);
        await ExpectAsync(ReplicaState.Running);

        (await _processes.NextAsync()).Exit(exitCode, "line");

        var status = await ExpectAsync(Enum.Parse<ReplicaState>(state));
        Assert.Equal(exitCode, status.ExitCode);
        Assert.Equal(state == "Finished" ? null : $"The process ended with exit code {exitCode}.", status.Reason);
    }

    [Fact]
    public async Task A_start_that_fails_is_a_state()
    {
        _processes.Refusal = new ProcessStartException("No such program.");
        var runner = Create();
        runner.Start();
        await runner.AtRest;
        Assert.Equal((ReplicaState.FailedToStart, "No such program."), (runner.Status.State, runner.Status.Reason));

        _processes.Refusal = null;
        Assert.True(runner.Start());
        await _processes.NextAsync();
    }

    [Fact]
    public async Task A_model_that_throws_makes_the_start_fail()
    {
        var runner = Create(options => options with { PrepareAsync = _ => throw new InvalidOperationException("No value.") });
        runner.Start();
        await runner.AtRest;

        Assert.Equal((ReplicaState.FailedToStart, "No value."), (runner.Status.State, runner.Status.Reason));
    }

    [Fact]
    public async Task A_stop_ends_the_preparation()
    {
        var runner = Create(options => options with
        {
            PrepareAsync = async token =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                throw new InvalidOperationException("Not reached.");
            },
        });
        runner.Start();
        await ExpectAsync(ReplicaState.Starting);

        await runner.StopAsync(CancellationToken.None);

        Assert.Equal(ReplicaState.Exited, runner.Status.State);
    }

    [Fact]
    public async Task A_process_that_is_found_unfit_is_ended_and_started_again()
    {
        var unfit = new TaskCompletionSource<string?>();
        var watches = 0;
        Create(options => options with
        {
            RestartPolicy = RestartPolicy.OnFailure,
            WatchAsync = token => ++watches == 1 ? unfit.Task : UntilCancelledAsync(token),
        }).Start();
        var process = await _processes.NextAsync();
        await ExpectAsync(ReplicaState.Starting);
        await ExpectAsync(ReplicaState.Running);

        unfit.SetResult("The liveness probe failed.");
        await process.Terminated;
        process.Exit(0);

        var again = await ExpectAsync(ReplicaState.Starting);
        Assert.Equal(("The liveness probe failed.", 1), (again.Reason, again.Restarts));
        await _processes.NextAsync();

        static async Task<string?> UntilCancelledAsync(CancellationToken token)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        }
    }

    [Fact]
    public void Names_are_of_the_alphabet_of_pods_and_follow_the_seed()
    {
        var suffix = ReplicaName.CreateSuffix(new Random(1));

        Assert.Equal(suffix, ReplicaName.CreateSuffix(new Random(1)));
        Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{5}$", suffix);
        Assert.NotEqual(suffix, ReplicaName.CreateSuffix(new Random(2)));
    }

    private ReplicaRunner Create(Func<ReplicaOptions, ReplicaOptions>? change = null)
    {
        var options = new ReplicaOptions
        {
            PrepareAsync = _ => Task.FromResult(new ProcessSpec("program", [], "/", new Dictionary<string, string?>())),
            StatusChanged = status =>
            {
                _statuses.Writer.TryWrite(status);
                return Task.CompletedTask;
            },
        };
        var runner = new ReplicaRunner(change?.Invoke(options) ?? options, _processes, _time);
        _runners.Add(runner);
        return runner;
    }

    private async Task<ReplicaStatus> ExpectAsync(ReplicaState state)
    {
        var status = await _statuses.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(state, status.State);
        return status;
    }
}
