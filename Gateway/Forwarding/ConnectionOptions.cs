using System.Net.Security;
using Istio.Networking;

namespace Gateway.Forwarding;

/// <summary>How connections to an endpoint are made and how long they may take. The two doors differ in nothing else here.</summary>
internal sealed record ConnectionOptions
{
    /// <summary>Time to connect, a TLS handshake included.</summary>
    public required TimeSpan Connect { get; init; }

    /// <summary>Time between two reads or writes while the endpoint is waited for; null for none.</summary>
    public TimeSpan? Activity { get; init; }

    /// <summary>How long a connection without a request stays open; null for ever.</summary>
    public TimeSpan? Idle { get; init; }

    /// <summary>Longest life of a connection, looked at between requests; null for no limit.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Requests after which a connection is closed; 0 for no limit.</summary>
    public int MaxRequests { get; init; }

    /// <summary>Longest head of a response, in bytes.</summary>
    public required int MaxHeadSize { get; init; }

    /// <summary>What the client gets to see of the head of a response.</summary>
    public required ResponseRules Rules { get; init; }

    /// <summary>TLS; null for none. Called for each handshake, because files with certificates change.</summary>
    public Func<SslClientAuthenticationOptions>? Tls { get; init; }

    /// <summary>Version of the PROXY protocol header that goes first, V1 or V2; null sends none.</summary>
    public string? ProxyProtocol { get; init; }

    /// <summary>Keep-alive probes of the socket; null leaves them off.</summary>
    public TcpKeepalive? Keepalive { get; init; }
}
