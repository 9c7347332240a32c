namespace Gateway.Registry;

/// <summary>Selects a port's protocol as Istio does.</summary>
/// <remarks>istio/istio pkg/config/kube/conversion.go, ConvertProtocol; pkg/config/protocol/instance.go, Parse.</remarks>
internal static class ProtocolSelection
{
    // Services on these ports speak first, so an undeclared protocol is taken for TCP: SMTP, DNS, MySQL, MongoDB.
    private static readonly int[] ServerFirstPorts = [25, 53, 3306, 27017];

    /// <summary>The protocol of a Kubernetes Service's port.</summary>
    /// <param name="number">The port.</param>
    /// <param name="name">Its name; its first part up to a hyphen declares the protocol.</param>
    /// <param name="transport">TCP, UDP or SCTP; null for TCP.</param>
    /// <param name="appProtocol">Declares the protocol before the name does; null without one.</param>
    public static PortProtocol OfService(int number, string? name, string? transport, string? appProtocol)
    {
        if (transport == "UDP")
        {
            return PortProtocol.Udp;
        }

        switch (appProtocol)
        {
            case "kubernetes.io/h2c":
                return PortProtocol.Http2;
            case "kubernetes.io/ws":
                return PortProtocol.Http;
            case "kubernetes.io/wss":
                return PortProtocol.Https;
        }

        var word = (appProtocol ?? name ?? "").AsSpan();
        if (word.StartsWith("grpc-web", StringComparison.OrdinalIgnoreCase))
        {
            return PortProtocol.GrpcWeb;
        }

        var hyphen = word.IndexOf('-');
        var protocol = Parse(hyphen < 0 ? word : word[..hyphen]);
        return protocol == PortProtocol.Unsupported && ServerFirstPorts.Contains(number) ? PortProtocol.Tcp : protocol;
    }

    /// <summary>The protocol that a word declares, whatever its case.</summary>
    public static PortProtocol Parse(ReadOnlySpan<char> word)
    {
        Span<char> lower = stackalloc char[10];
        if (word.Length > lower.Length)
        {
            return PortProtocol.Unsupported;
        }

        lower = lower[..word.ToLowerInvariant(lower)];
        return lower switch
        {
            "tcp" => PortProtocol.Tcp,
            "udp" => PortProtocol.Udp,
            "grpc" => PortProtocol.Grpc,
            "grpc-web" => PortProtocol.GrpcWeb,
            "http" => PortProtocol.Http,
            "http_proxy" => PortProtocol.HttpProxy,
            "http2" => PortProtocol.Http2,
            "https" => PortProtocol.Https,
            "tls" => PortProtocol.Tls,
            "mongo" => PortProtocol.Mongo,
            "redis" => PortProtocol.Redis,
            "mysql" => PortProtocol.MySql,
            _ => PortProtocol.Unsupported,
        };
    }

    /// <summary>True for protocols over HTTP, and for an undeclared one that may turn out to be HTTP.</summary>
    public static bool IsHttpOrSniffed(this PortProtocol protocol) => protocol.IsHttp() || protocol == PortProtocol.Unsupported;

    /// <summary>True for protocols over HTTP that the proxy sees into.</summary>
    public static bool IsHttp(this PortProtocol protocol) =>
        protocol is PortProtocol.Http or PortProtocol.HttpProxy || protocol.IsHttp2();

    /// <summary>True for protocols over HTTP/2.</summary>
    public static bool IsHttp2(this PortProtocol protocol) =>
        protocol is PortProtocol.Http2 or PortProtocol.Grpc or PortProtocol.GrpcWeb;
}
