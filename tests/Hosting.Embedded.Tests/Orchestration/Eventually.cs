namespace Hosting.Embedded.Tests.Orchestration;

/// <summary>Waits for conditions of the operating system that nothing announces; the bound is for a machine that is very busy.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public static async Task IsTrueAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {Bound.TotalSeconds} s: {what}");
            }
        }
    }
}
