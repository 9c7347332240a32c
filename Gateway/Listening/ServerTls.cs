using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;

namespace Gateway.Listening;

/// <summary>One certificate of a server.</summary>
/// <param name="Options">What handshakes with it are like.</param>
/// <param name="Names">The DNS names that it is for.</param>
/// <param name="Curve">The object identifier of its key's curve; null when that is no ECDSA key.</param>
internal sealed record TlsCertificate(SslServerAuthenticationOptions Options, ImmutableArray<string> Names, string? Curve)
{
    /// <summary>How it fits a server name: 2 by an exact name, 1 by a wildcard for its first label, 0 not.</summary>
    public int Fit(string serverName)
    {
        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        var wildcard = dot < 0 ? "*" : $"*{serverName[dot..]}";
        return Names.Contains(serverName, StringComparer.OrdinalIgnoreCase) ? 2
            : Names.Contains(wildcard, StringComparer.OrdinalIgnoreCase) ? 1 : 0;
    }
}

/// <summary>The TLS of a server: of several certificates the client's first message chooses one.</summary>
/// <param name="Certificates">Its certificates, in their order.</param>
internal sealed record ServerTls(ImmutableArray<TlsCertificate> Certificates)
{
    /// <summary>Whether the choice depends on the client.</summary>
    public bool HasChoice => Certificates.Length > 1;

    /// <summary>
    /// The certificate for a client: of those that are for its server name, the first ECDSA one if the client takes it, else the first
    /// other one. A name that none is for gets the first of all, as Envoy does without full_scan_certs_on_sni_mismatch.
    /// </summary>
    /// <param name="serverName">The server name; empty for none.</param>
    /// <param name="hello">The client's first message; null when it could not be read.</param>
    /// <remarks>envoyproxy/envoy source/common/tls/server_context_impl.cc, findTlsContext.</remarks>
    public SslServerAuthenticationOptions Choose(string serverName, ClientHello? hello)
    {
        if (!HasChoice)
        {
            return Certificates[0].Options;
        }

        var best = serverName.Length == 0 ? 0 : Certificates.Max(certificate => certificate.Fit(serverName));
        if (best == 0 && serverName.Length > 0)
        {
            return Certificates[0].Options;
        }

        var fitting = serverName.Length == 0 ? Certificates : Certificates.RemoveAll(certificate => certificate.Fit(serverName) < best);
        var chosen = fitting.FirstOrDefault(certificate => certificate.Curve is not null && IsTaken(certificate, hello))
            ?? fitting.FirstOrDefault(certificate => certificate.Curve is null) ?? fitting[0];
        return chosen.Options;
    }

    private static bool IsTaken(TlsCertificate certificate, ClientHello? hello) =>
        hello is null || hello.Takes(certificate.Curve, certificate.Options.EnabledSslProtocols.HasFlag(SslProtocols.Tls13));
}
