using Gateway.Clusters;

namespace Gateway.Policies;

/// <summary>What the proxy that runs a filter does for it, as Envoy's filter callbacks.</summary>
/// <remarks>envoyproxy/envoy envoy/http/filter.h, StreamDecoderFilterCallbacks</remarks>
internal interface IFilterCallbacks
{
    /// <summary>The protocol of the request, such as <c>HTTP/1.1</c>.</summary>
    string Protocol { get; }

    /// <summary>Whether the request has a body; what follows an upgrade is none.</summary>
    bool HasBody { get; }

    /// <summary>
    /// Waits for the request's body until there is as much of it as is enough, or all. The upstream gets what has come all the same.
    /// </summary>
    ValueTask<BufferedBody> BufferBodyAsync(int enough, CancellationToken cancellationToken);

    /// <summary>Sends a request to a host of a cluster, without retries, and waits for the whole response.</summary>
    /// <returns>The response; null when there is none: no host, no connection, a reset, or the time has run out.</returns>
    /// <exception cref="OperationCanceledException">The client, or the request's time, has gone.</exception>
    ValueTask<FilterCallResponse?> CallAsync(Cluster cluster, FilterCall call, CancellationToken cancellationToken);
}
