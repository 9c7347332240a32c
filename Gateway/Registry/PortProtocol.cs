namespace Gateway.Registry;

/// <summary>
/// The application protocol of a service port, as Istio selects it. Source:
/// https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ and istio/istio pkg/config/protocol/instance.go.
/// </summary>
internal enum PortProtocol
{
    /// <summary>Not declared: Istio looks at the first bytes of each connection.</summary>
    Unsupported,

    /// <summary>HTTP/1.1.</summary>
    Http,

    /// <summary>HTTP/2 with prior knowledge.</summary>
    Http2,

    /// <summary>gRPC, over HTTP/2.</summary>
    Grpc,

    /// <summary>gRPC-Web, forwarded over HTTP/2.</summary>
    GrpcWeb,

    /// <summary>TLS that carries HTTP; opaque to the proxy.</summary>
    Https,

    /// <summary>TLS; opaque to the proxy.</summary>
    Tls,

    /// <summary>Bytes.</summary>
    Tcp,

    /// <summary>MongoDB, to the proxy bytes.</summary>
    Mongo,

    /// <summary>Redis, to the proxy bytes.</summary>
    Redis,

    /// <summary>MySQL, to the proxy bytes.</summary>
    MySql,

    /// <summary>An HTTP proxy's port.</summary>
    HttpProxy,

    /// <summary>Datagrams; not proxied.</summary>
    Udp,
}
