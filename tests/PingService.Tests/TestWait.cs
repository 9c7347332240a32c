namespace PingService.Tests;

/// <summary>Waits for a condition that another process brings about.</summary>
internal static class TestWait
{
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(PingProcess.Bound);
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(bound.Token);
        }
    }

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));
}
