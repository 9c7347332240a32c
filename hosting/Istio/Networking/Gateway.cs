using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// A load balancer at the edge of the mesh: its ports, hosts and TLS. VirtualServices bind to it by name. Source:
/// https://istio.io/latest/docs/reference/config/networking/gateway/
/// </summary>
public sealed record Gateway : Resource<GatewaySpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public Gateway()
        : base("networking.istio.io/v1", nameof(Gateway))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The servers, and the pods that run them.</summary>
public sealed record GatewaySpec : SchemaObject
{
    /// <summary>Ports that are opened.</summary>
    public EquatableArray<Server> Servers { get; init; }

    /// <summary>Labels of the gateway's pods, in any namespace. Absent matches every gateway.</summary>
    public EquatableDictionary<string> Selector { get; init; }
}

/// <summary>A port of a gateway.</summary>
public sealed record Server : SchemaObject
{
    /// <summary>Number, protocol and name.</summary>
    public Port? Port { get; init; }

    /// <summary>Address or Unix socket to listen on; absent means all addresses.</summary>
    public string? Bind { get; init; }

    /// <summary>Hosts that are exposed: DNS names with an optional "namespace/" before them, a leading wildcard allowed.</summary>
    public EquatableArray<string> Hosts { get; init; }

    /// <summary>TLS of the port; required when the protocol is HTTPS or TLS.</summary>
    public ServerTLSSettings? Tls { get; init; }

    /// <summary>Reserved: loopback endpoint that traffic goes to by default.</summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>A name for metrics and logs, unique in the gateway.</summary>
    public string? Name { get; init; }
}

/// <summary>A port and its protocol.</summary>
public sealed record Port : SchemaObject
{
    /// <summary>Port number, 1 to 65535.</summary>
    public uint? Number { get; init; }

    /// <summary>HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP or TLS.</summary>
    public string? Protocol { get; init; }

    /// <summary>A label for the port.</summary>
    public string? Name { get; init; }

    /// <summary>Deprecated: port of the endpoints.</summary>
    public uint? TargetPort { get; init; }
}

/// <summary>TLS of a port.</summary>
public sealed record ServerTLSSettings : SchemaObject
{
    /// <summary>Whether every plain HTTP request is redirected to HTTPS; default false.</summary>
    public bool? HttpsRedirect { get; init; }

    /// <summary>How TLS is ended.</summary>
    [AllowedValues(
        ServerTlsMode.Passthrough, ServerTlsMode.Simple, ServerTlsMode.Mutual, ServerTlsMode.AutoPassthrough,
        ServerTlsMode.IstioMutual, ServerTlsMode.OptionalMutual)]
    public string? Mode { get; init; }

    /// <summary>File with the server's certificate; required for SIMPLE and MUTUAL unless credentialName is given.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>File with the server's private key; required for SIMPLE and MUTUAL unless credentialName is given.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>File with the authorities that client certificates are checked against; required for MUTUAL.</summary>
    public string? CaCertificates { get; init; }

    /// <summary>File with the certificate revocation list that client certificates are checked against.</summary>
    public string? CaCrl { get; init; }

    /// <summary>Secret with keys and certificates, in the namespace of the gateway's pods.</summary>
    public string? CredentialName { get; init; }

    /// <summary>As credentialName, for several certificates such as RSA and ECDSA.</summary>
    public EquatableArray<string> CredentialNames { get; init; }

    /// <summary>Secret or ConfigMap with the authorities for client certificates; goes before credentialName's.</summary>
    public string? CaCertCredentialName { get; init; }

    /// <summary>Certificate files, for several certificates; at most two.</summary>
    public EquatableArray<TLSCertificate> TlsCertificates { get; init; }

    /// <summary>Names of which a client's certificate must have one.</summary>
    public EquatableArray<string> SubjectAltNames { get; init; }

    /// <summary>SHA-256 hashes, in base64, of accepted public keys of clients.</summary>
    public EquatableArray<string> VerifyCertificateSpki { get; init; }

    /// <summary>SHA-256 hashes, in hex, of accepted certificates of clients.</summary>
    public EquatableArray<string> VerifyCertificateHash { get; init; }

    /// <summary>Lowest TLS version; default TLSV1_2.</summary>
    [AllowedValues(TlsProtocol.TlsAuto, TlsProtocol.Tlsv10, TlsProtocol.Tlsv11, TlsProtocol.Tlsv12, TlsProtocol.Tlsv13)]
    public string? MinProtocolVersion { get; init; }

    /// <summary>Highest TLS version.</summary>
    [AllowedValues(TlsProtocol.TlsAuto, TlsProtocol.Tlsv10, TlsProtocol.Tlsv11, TlsProtocol.Tlsv12, TlsProtocol.Tlsv13)]
    public string? MaxProtocolVersion { get; init; }

    /// <summary>Cipher suites; absent means Envoy's defaults.</summary>
    public EquatableArray<string> CipherSuites { get; init; }

    /// <summary>Elliptic curves for the key exchange; absent: the proxy's own list.</summary>
    public EquatableArray<string> EcdhCurves { get; init; }

    /// <summary>Lets clients in whose certificate does not verify; the outcome is still known to policies.</summary>
    public bool? InsecureSkipVerify { get; init; }
}

/// <summary>A certificate and its key.</summary>
public sealed record TLSCertificate : SchemaObject
{
    /// <summary>File with the server's certificate.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>File with the server's private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>File with the authorities that client certificates are checked against.</summary>
    public string? CaCertificates { get; init; }
}

/// <summary>How a server ends TLS.</summary>
public static class ServerTlsMode
{
    /// <summary>Not at all: the connection is routed by its server name.</summary>
    public const string Passthrough = "PASSTHROUGH";

    /// <summary>With the server's certificate.</summary>
    public const string Simple = "SIMPLE";

    /// <summary>With a client certificate required.</summary>
    public const string Mutual = "MUTUAL";

    /// <summary>Not at all: the server name says the destination, no VirtualService is needed.</summary>
    public const string AutoPassthrough = "AUTO_PASSTHROUGH";

    /// <summary>With the mesh's own certificates on both sides.</summary>
    public const string IstioMutual = "ISTIO_MUTUAL";

    /// <summary>With a client certificate checked when there is one.</summary>
    public const string OptionalMutual = "OPTIONAL_MUTUAL";
}

/// <summary>TLS versions.</summary>
public static class TlsProtocol
{
    /// <summary>Chosen by Envoy.</summary>
    public const string TlsAuto = "TLS_AUTO";

    /// <summary>TLS 1.0.</summary>
    public const string Tlsv10 = "TLSV1_0";

    /// <summary>TLS 1.1.</summary>
    public const string Tlsv11 = "TLSV1_1";

    /// <summary>TLS 1.2.</summary>
    public const string Tlsv12 = "TLSV1_2";

    /// <summary>TLS 1.3.</summary>
    public const string Tlsv13 = "TLSV1_3";
}
