namespace AppHost.Tests.Embedded;

public class ReplicaFailureTests(PingSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_killed_under_load_loses_no_request_and_comes_back()
    {
        var victim = await system.WaitForReplicaAsync(r => r is { Running: true, Healthy: true }, Cancellation);
        var load = Load.Start(token => system.InstanceAsync(system.Door, "api/v1/ping", token));
        await Eventually.TrueAsync(() => load.Count > 300, "the load is on", Cancellation);

        Processes.Signal(victim.ProcessId, "KILL");
        var back = await system.WaitForReplicaAsync(
            r => r.Id == victim.Id && r.ProcessId != victim.ProcessId && r is { Running: true, Healthy: true }, Cancellation);
        var before = load.Count;
        await Eventually.TrueAsync(() => load.After(before).Contains(victim.Id), "the replica answers again under its old name", Cancellation);

        Assert.Empty(await load.StopAsync());
        Assert.NotEqual(victim.ProcessId, back.ProcessId);
    }

    [Fact]
    public async Task A_frozen_replica_gets_no_new_request_until_it_thaws()
    {
        var victim = await system.WaitForReplicaAsync(r => r is { Running: true, Healthy: true }, Cancellation);
        Processes.Signal(victim.ProcessId, "STOP");
        try
        {
            await system.WaitForReplicaAsync(r => r.Id == victim.Id && !r.Healthy, Cancellation);
            await Eventually.TrueAsync(async () => (await ThirtyAsync()).Count == 30, "thirty requests in a row do without it", Cancellation);

            Assert.DoesNotContain(victim.Id, await ThirtyAsync());
        }
        finally
        {
            Processes.Signal(victim.ProcessId, "CONT");
        }

        await system.WaitForReplicaAsync(r => r.Id == victim.Id && r.Healthy, Cancellation);
        await Eventually.TrueAsync(async () => (await ThirtyAsync()).Contains(victim.Id), "the thawed replica answers again", Cancellation);
    }

    /// <summary>Thirty answers, fewer when one of the requests got stuck.</summary>
    private async Task<List<string>> ThirtyAsync()
    {
        var answers = new List<string>();
        try
        {
            for (var i = 0; i < 30; i++)
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                patience.CancelAfter(TimeSpan.FromSeconds(5));
                answers.Add(await system.InstanceAsync(system.Door, "api/v1/ping", patience.Token));
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
        }

        return answers;
    }
}
