using System.Collections.Immutable;
using Gateway.Requests;

namespace Gateway.Policies;

/// <summary>
/// The filters of one place (the Istio door, the mesh role, the inbound side of one workload) in the order in which they run before the
/// router. Immutable; what the filters count lives on when a reload builds another chain from unchanged documents.
/// </summary>
internal sealed class PolicyChain
{
    private readonly ImmutableArray<PolicyFilter> _filters;

    /// <summary>Makes a chain.</summary>
    public PolicyChain(ImmutableArray<PolicyFilter> filters) => _filters = filters;

    /// <summary>A chain that lets everything through.</summary>
    public static PolicyChain Empty { get; } = new([]);

    /// <summary>The filters, in order.</summary>
    public ImmutableArray<PolicyFilter> Filters => _filters;

    /// <summary>Runs the filters until one answers.</summary>
    /// <returns>The answer, or null when the request goes on to the router. Completed already unless a filter had to wait.</returns>
    /// <exception cref="OperationCanceledException">The client went away while a filter waited.</exception>
    public ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        // What another proxy has verified counts for nothing here.
        context.Request.Claims = null;
        for (var i = 0; i < _filters.Length; i++)
        {
            var answer = _filters[i].EvaluateAsync(context, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                return ContinueAsync(answer, i + 1, context, cancellationToken);
            }

            if (answer.Result is { } reply)
            {
                return new(reply);
            }
        }

        return default;
    }

    private async ValueTask<LocalReply?> ContinueAsync(
        ValueTask<LocalReply?> pending, int next, PolicyContext context, CancellationToken cancellationToken)
    {
        var reply = await pending;
        for (; reply is null && next < _filters.Length; next++)
        {
            reply = await _filters[next].EvaluateAsync(context, cancellationToken);
        }

        return reply;
    }
}
