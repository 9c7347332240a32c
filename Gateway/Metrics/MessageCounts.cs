namespace Gateway.Metrics;

/// <summary>How many gRPC messages went between a caller and a callee.</summary>
/// <param name="labels">The labels of the series.</param>
internal sealed class MessageCounts(string labels)
{
    private long _requests;
    private long _responses;

    /// <summary>The labels of the series.</summary>
    public string Labels { get; } = labels;

    /// <summary>Messages of the callers.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Messages of the callees.</summary>
    public long Responses => Volatile.Read(ref _responses);

    /// <summary>Counts messages.</summary>
    public void Add(long requests, long responses)
    {
        Interlocked.Add(ref _requests, requests);
        Interlocked.Add(ref _responses, responses);
    }
}
