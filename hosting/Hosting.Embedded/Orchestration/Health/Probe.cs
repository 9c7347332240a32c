namespace Aspire.Hosting.Orchestration.Health;

/// <summary>Runs a check so that whatever it throws is an outcome.</summary>
internal static class Probe
{
    /// <summary>The outcome of a check; one that is cancelled has timed out.</summary>
    public static async Task<ProbeOutcome> RunAsync(
        Func<CancellationToken, Task<ProbeOutcome>> check, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await check(cancellationToken).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return new ProbeOutcome(false, $"No answer within {timeout.TotalSeconds:0.###} s.");
        }
#pragma warning disable CA1031 // A check is the user's code or the network: any failure of it is its outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new ProbeOutcome(false, exception.Message);
        }
    }
}
