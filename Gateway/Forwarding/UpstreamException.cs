namespace Gateway.Forwarding;

/// <summary>An endpoint failed before it gave a response.</summary>
internal sealed class UpstreamException : Exception
{
    /// <summary>Says what failed.</summary>
    public UpstreamException(UpstreamFailure failure, Exception? inner = null)
        : base(failure.Reason, inner) => Failure = failure;

    /// <summary>What failed.</summary>
    public UpstreamFailure Failure { get; }
}
