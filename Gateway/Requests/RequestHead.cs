using System.Net;

namespace Gateway.Requests;

/// <summary>
/// What a mesh's rules see of a request, and change: Envoy's header map with its pseudo-headers apart. Knows no web server, so that
/// rules are tested and explained without one. Used by one request at a time; may be used again after <see cref="Reset"/>.
/// </summary>
internal sealed class RequestHead
{
    /// <summary><c>:method</c>.</summary>
    public string Method { get; set; } = "GET";

    /// <summary><c>:scheme</c>: http or https.</summary>
    public string Scheme { get; set; } = "http";

    /// <summary><c>:authority</c>, the Host header: as the client sent it, with its port if it has one.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The part of <c>:path</c> before the query, as it is on the wire (after the mesh's path normalisation).</summary>
    public string Path { get; set; } = "/";

    /// <summary>The rest of <c>:path</c>: empty, or the query with its question mark, byte for byte.</summary>
    public string Query { get; set; } = "";

    /// <summary>All other headers.</summary>
    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    /// <summary>The address of the peer of the connection (Istio's <c>ipBlocks</c>, <c>source.ip</c>).</summary>
    public IPAddress? SourceAddress { get; set; }

    /// <summary>That peer's port; 0 where it is not known.</summary>
    public int SourcePort { get; set; }

    /// <summary>The client's address, from X-Forwarded-For where that is trusted (Istio's <c>remoteIpBlocks</c>, <c>remote.ip</c>).</summary>
    public IPAddress? RemoteAddress { get; set; }

    /// <summary>The address that the connection arrived at (Istio's <c>destination.ip</c>).</summary>
    public IPAddress? DestinationAddress { get; set; }

    /// <summary>
    /// The port the rules know: of the Gateway's server at the Istio door, of the service in the mesh role, of the workload inbound.
    /// Not the local port that stands in for it.
    /// </summary>
    public int DestinationPort { get; set; }

    /// <summary>The server name of the TLS handshake (SNI); null without TLS.</summary>
    public string? ServerName { get; set; }

    /// <summary>The claims of the token that RequestAuthentication has verified; null without one.</summary>
    public System.Text.Json.Nodes.JsonObject? Claims { get; set; }

    /// <summary>Makes this the head of another request.</summary>
    public void Reset(string method, string scheme, string authority, string path, string query, IHeaderDictionary headers)
    {
        (Method, Scheme, Authority, Path, Query, Headers) = (method, scheme, authority, path, query, headers);
        (SourceAddress, RemoteAddress, DestinationAddress) = (null, null, null);
        (SourcePort, DestinationPort, ServerName, Claims) = (0, 0, null, null);
    }
}
