using Gateway.Requests;

namespace Gateway.Policies.Faults;

/// <summary>Envoy's fault filter: delays a request, then aborts it, by the faults of its route.</summary>
internal sealed class FaultFilter(TimeProvider time, Random random) : PolicyFilter
{
    private readonly TimeProvider _time = time;
    private readonly Random _random = random;

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        if (context.Route.Fault is not { } fault)
        {
            return default;
        }

        var delay = fault.DrawDelay(_random);
        return delay > TimeSpan.Zero ? DelayAsync(fault, delay, context, cancellationToken) : new(fault.DrawAbort(_random));
    }

    private async ValueTask<LocalReply?> DelayAsync(
        FaultPolicy fault, TimeSpan delay, PolicyContext context, CancellationToken cancellationToken)
    {
        context.Flag(ResponseFlags.DI);
        await Task.Delay(delay, _time, cancellationToken);
        return fault.DrawAbort(_random);
    }
}
