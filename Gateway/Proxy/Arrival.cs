using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>
/// An attempt of a request as the proxy of the workload it arrives at sees it, which counts it in the metrics with
/// <c>reporter="destination"</c>: every attempt for itself, and none that never got there.
/// </summary>
internal sealed class Arrival
{
    /// <summary>When it arrived, as a timestamp; 0 for not at all.</summary>
    public long At { get; private set; }

    /// <summary>The status that the workload's proxy gave; 0 when its caller left before.</summary>
    public int Status { get; private set; }

    /// <summary>That proxy's response flags.</summary>
    public ResponseFlags Flags { get; private set; }

    /// <summary>Begins another attempt.</summary>
    public void Reset() => (At, Status, Flags) = (0, 0, ResponseFlags.DC);

    /// <summary>The attempt has arrived.</summary>
    public void Begin(long at) => At = at;

    /// <summary>
    /// The attempt has ended, or its response has begun. A workload that breaks off is a response of its proxy; whose time runs out is a
    /// caller that leaves.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="result">What this proxy makes of it.</param>
    public void End(ProxyRequest request, in AttemptResult result)
    {
        (Status, Flags) = (result.Outcome.Kind, request.Denial) switch
        {
            (Clusters.OutcomeKind.Response, { } denial) => (request.IsGrpc ? StatusCodes.Status200OK : denial.Status, denial.Flags),
            (Clusters.OutcomeKind.Response, _) => (result.Outcome.Status, ResponseFlags.None),
            (Clusters.OutcomeKind.Reset or Clusters.OutcomeKind.Refused, _) =>
                (result.Reset == ResetReason.ProtocolError ? StatusCodes.Status502BadGateway : StatusCodes.Status503ServiceUnavailable,
                    result.Flag),
            _ => (0, ResponseFlags.DC),
        };
        if (result.Outcome.Kind is Clusters.OutcomeKind.ConnectFailure or Clusters.OutcomeKind.Overflow)
        {
            At = 0;
        }
    }
}
