namespace Istio.Validation.Syntax;

/// <summary>
/// The protocols a port may declare, in any case, and the convention by which a Service's port name declares one.
/// Source: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
/// </summary>
internal static class Protocols
{
    private static readonly string[] Http = ["http", "http2", "http_proxy", "grpc", "grpc-web"];
    private static readonly string[] Tls = ["https", "tls"];
    private static readonly string[] Tcp = ["tcp", "mongo", "redis", "mysql"];

    // Ports on which Istio takes an undeclared protocol for TCP without looking: SMTP, DNS, MySQL, MongoDB.
    private static readonly int[] ServerFirstPorts = [25, 53, 3306, 27017];

    /// <summary>The names, for messages.</summary>
    public const string Names = "HTTP, HTTP2, GRPC, GRPC-WEB, HTTPS, TLS, TCP, MONGO, REDIS, MYSQL, UDP";

    /// <summary>True for a known protocol.</summary>
    public static bool IsKnown(string? protocol) => IsHttp(protocol) || IsTcp(protocol) || Is(protocol, "udp");

    /// <summary>True for HTTP, HTTP2, GRPC, GRPC-WEB and HTTP_PROXY.</summary>
    public static bool IsHttp(string? protocol) => Http.Any(name => Is(protocol, name));

    /// <summary>True for HTTPS and TLS.</summary>
    public static bool IsTls(string? protocol) => Tls.Any(name => Is(protocol, name));

    /// <summary>True for everything that is a TCP stream to Istio, TLS included.</summary>
    public static bool IsTcp(string? protocol) => IsTls(protocol) || Tcp.Any(name => Is(protocol, name));

    /// <summary>True when both name the same protocol, whatever their case.</summary>
    public static bool Is(string? protocol, string name) => string.Equals(protocol, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>True when a Service port tells its protocol: by appProtocol, by its name's first part, or by being a well-known
    /// port.</summary>
    public static bool IsDeclared(int port, string? name, string? transport, string? appProtocol)
    {
        if (Is(transport, "udp") || appProtocol is "kubernetes.io/h2c" or "kubernetes.io/ws" or "kubernetes.io/wss")
        {
            return true;
        }

        var word = appProtocol ?? name ?? "";
        return word.StartsWith("grpc-web", StringComparison.OrdinalIgnoreCase) || IsKnown(word.Split('-')[0])
            || ServerFirstPorts.Contains(port);
    }
}
