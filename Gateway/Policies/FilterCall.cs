namespace Gateway.Policies;

/// <summary>A request of a filter's own, beside the one that it looks at.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Authority">The Host header.</param>
/// <param name="Headers">All other headers, but for those that frame the body.</param>
/// <param name="Body">The body.</param>
/// <param name="Timeout">How long the response may take.</param>
internal sealed record FilterCall(
    string Method, string Path, string Authority, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body, TimeSpan Timeout);

/// <summary>The response to a request of a filter's own.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The headers, but for those that frame the body.</param>
/// <param name="Body">The body.</param>
/// <param name="GrpcStatus">The status of a gRPC call; null without one.</param>
internal sealed record FilterCallResponse(int Status, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body, int? GrpcStatus);

/// <summary>As much of a request's body as has been waited for.</summary>
/// <param name="Bytes">Its beginning.</param>
/// <param name="IsComplete">Whether that is all of it.</param>
internal readonly record struct BufferedBody(ReadOnlyMemory<byte> Bytes, bool IsComplete);
