using Gateway.Clusters;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>One attempt of a request at one host: first up to the head of the response, then the rest, or its end without it.</summary>
internal abstract class UpstreamExchange
{
    /// <summary>Sends the request and waits for the head of the response, which it then writes into the client's.</summary>
    /// <param name="head">The request as it goes to the host.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="host">The host.</param>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public abstract ValueTask<AttemptResult> StartAsync(RequestHead head, Cluster cluster, UpstreamHost host);

    /// <summary>Passes the rest of the response on, and ends the exchange.</summary>
    /// <returns>The length of its body.</returns>
    /// <exception cref="IOException">The upstream broke off.</exception>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public abstract ValueTask<long> CopyBodyAsync();

    /// <summary>Ends the exchange without the rest of the response.</summary>
    public abstract ValueTask DiscardAsync();

    /// <summary>What it means that the wait for the upstream was broken off.</summary>
    protected static AttemptResult Interrupted(Interruption interruption) => interruption.Reason switch
    {
        InterruptionReason.AttemptTimeout => AttemptResult.TimedOut,
        InterruptionReason.RequestTimeout => new AttemptResult(UpstreamOutcome.Timeout, ResetReason.LocalReset),
        _ => throw new OperationCanceledException("The client has gone."),
    };
}
