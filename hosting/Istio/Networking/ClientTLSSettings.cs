using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>TLS of connections to a service.</summary>
public sealed record ClientTLSSettings : SchemaObject
{
    /// <summary>Which kind of TLS.</summary>
    [AllowedValues(ClientTlsMode.Disable, ClientTlsMode.Simple, ClientTlsMode.Mutual, ClientTlsMode.IstioMutual)]
    public string? Mode { get; init; }

    /// <summary>File with the client certificate; required for MUTUAL unless credentialName is given.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>File with the client's private key; required for MUTUAL unless credentialName is given.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>File with the authorities that the server's certificate is checked against. Absent: the system's.</summary>
    public string? CaCertificates { get; init; }

    /// <summary>Secret with keys and certificates; for gateways only.</summary>
    public string? CredentialName { get; init; }

    /// <summary>Names of which the server's certificate must have one.</summary>
    public EquatableArray<string> SubjectAltNames { get; init; }

    /// <summary>Server name sent in the handshake.</summary>
    public string? Sni { get; init; }

    /// <summary>Whether the server's certificate is not checked; default false.</summary>
    public bool? InsecureSkipVerify { get; init; }

    /// <summary>File with the certificate revocation list that the server's certificate is checked against.</summary>
    public string? CaCrl { get; init; }
}

/// <summary>Kinds of TLS towards a service.</summary>
public static class ClientTlsMode
{
    /// <summary>None.</summary>
    public const string Disable = "DISABLE";

    /// <summary>TLS without a client certificate.</summary>
    public const string Simple = "SIMPLE";

    /// <summary>TLS with a client certificate that is given here.</summary>
    public const string Mutual = "MUTUAL";

    /// <summary>TLS with the mesh's own certificates.</summary>
    public const string IstioMutual = "ISTIO_MUTUAL";
}
