namespace Gateway.Requests;

/// <summary>An answer of the gateway itself, as Envoy's local replies are: plain text, or nothing.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body; empty for none. Sent as <c>text/plain</c>.</param>
/// <param name="Flags">The response flags it sets.</param>
/// <param name="Details">Envoy's response code details, such as <c>route_not_found</c>.</param>
internal sealed record LocalReply(int Status, string Body, ResponseFlags Flags, string Details)
{
    /// <summary>The body as it is, where it need not be text; null for <see cref="Body"/> in UTF-8.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Further response headers; none in most replies.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// Whether it is a filter's response, as the one to a preflight request is: the route's changes of response headers do not meet it.
    /// </summary>
    public bool IsOfFilter { get; init; }

    /// <summary>The gRPC status that a gRPC request gets; null for the one that <see cref="GrpcStatus.FromHttp"/> gives.</summary>
    public int? Grpc { get; init; }
}
