using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Admission;

/// <summary>
/// TLS settings of a server, of a Gateway or a Sidecar.
/// Source: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
/// </summary>
internal static class ServerTlsRules
{
    // The names that Envoy's BoringSSL knows
    // (https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto).
    private static readonly string[] CipherSuites =
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
            "DES-CBC3-SHA",
    ];

    public static void Check(Place at, ServerTLSSettings tls)
    {
        CheckProtocol(at, tls);
        CheckSources(at, tls);
        switch (tls.Mode)
        {
            case ServerTlsMode.IstioMutual:
                CheckIstioMutual(at, tls);
                return;
            case null or ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough:
                if (!string.IsNullOrEmpty(tls.CaCrl) || CertificateFields(tls).Any(field => field.Present))
                {
                    at.Warn($"{tls.Mode ?? ServerTlsMode.Passthrough} does not end TLS and ignores certificates; use SIMPLE or MUTUAL, or "
                        + "remove them.");
                }

                if (!string.IsNullOrEmpty(tls.CaCrl) && !string.IsNullOrEmpty(tls.CredentialName))
                {
                    at["caCrl"].Reject("caCrl and credentialName exclude each other; put the revocation list into the Secret.");
                }

                break;
            default:
                CheckCertificates(at, tls);
                break;
        }
    }

    private static void CheckProtocol(Place at, ServerTLSSettings tls)
    {
        if (tls.MinProtocolVersion is TlsProtocol.Tlsv10 or TlsProtocol.Tlsv11 && tls.CipherSuites.IsEmpty)
        {
            at["minProtocolVersion"].Warn(
                $"{tls.MinProtocolVersion} works only with cipher suites that are off by default; add cipherSuites.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < tls.CipherSuites.Count; i++)
        {
            var suite = tls.CipherSuites[i];
            var isExpression = suite.Length == 0 || suite == "ALL" || !char.IsLetterOrDigit(suite[0]);
            if (!isExpression && !CipherSuites.Contains(suite))
            {
                at["cipherSuites"][i].Warn($"\"{suite}\" is not a cipher suite that Envoy knows and is ignored; correct or remove it.");
            }
            else if (!seen.Add(suite))
            {
                at["cipherSuites"][i].Warn($"\"{suite}\" is named twice; remove one.");
            }
        }
    }

    private static void CheckIstioMutual(Place at, ServerTLSSettings tls)
    {
        foreach (var (name, _) in CertificateFields(tls).Where(field => field.Present))
        {
            at[name].Reject($"ISTIO_MUTUAL uses Istio's own certificates; remove {name}.");
        }
    }

    private static IEnumerable<(string Name, bool Present)> CertificateFields(ServerTLSSettings tls) =>
    [
        ("serverCertificate", !string.IsNullOrEmpty(tls.ServerCertificate)),
        ("privateKey", !string.IsNullOrEmpty(tls.PrivateKey)),
        ("caCertificates", !string.IsNullOrEmpty(tls.CaCertificates)),
        ("tlsCertificates", !tls.TlsCertificates.IsEmpty),
        ("credentialName", !string.IsNullOrEmpty(tls.CredentialName)),
        ("credentialNames", !tls.CredentialNames.IsEmpty),
    ];

    private static void CheckSources(Place at, ServerTLSSettings tls)
    {
        var sources = new List<string>();
        if (!string.IsNullOrEmpty(tls.ServerCertificate) && !string.IsNullOrEmpty(tls.PrivateKey))
        {
            sources.Add("serverCertificate");
        }

        sources.AddRange(CertificateFields(tls).Skip(3).Where(field => field.Present).Select(field => field.Name));
        if (sources.Count > 1)
        {
            at.Reject($"{string.Join(" and ", sources)} exclude each other; name the certificate in one way.");
        }

        foreach (var (name, isAbsent, count) in new[]
            { ("credentialNames", tls.CredentialNames.IsAbsent, tls.CredentialNames.Count),
                ("tlsCertificates", tls.TlsCertificates.IsAbsent, tls.TlsCertificates.Count) })
        {
            if (!isAbsent && count is 0 or > 2)
            {
                at[name].Reject($"{name} has {count} entries; it takes one or two (an RSA and an ECDSA certificate).");
            }
        }
    }

    private static void CheckCertificates(Place at, ServerTLSSettings tls)
    {
        var hasCredential = !string.IsNullOrEmpty(tls.CredentialName) || !tls.CredentialNames.IsEmpty;
        if (hasCredential)
        {
            return;
        }

        if (!string.IsNullOrEmpty(tls.CaCrl) && tls.Mode == ServerTlsMode.Simple)
        {
            at["caCrl"].Reject("caCrl checks client certificates, and SIMPLE asks for none; use MUTUAL, or remove it.");
        }

        if (tls.Mode is ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual)
        {
            SharedRules.Required(at, "caCertificates", !string.IsNullOrEmpty(tls.CaCertificates),
                $"{tls.Mode} verifies clients; add it, or credentialName.");
        }

        if (tls.TlsCertificates.IsEmpty)
        {
            CheckPair(at, tls.Mode!, tls.ServerCertificate, tls.PrivateKey);
        }

        for (var i = 0; i < tls.TlsCertificates.Count; i++)
        {
            CheckPair(at["tlsCertificates"][i], tls.Mode!, tls.TlsCertificates[i].ServerCertificate, tls.TlsCertificates[i].PrivateKey);
        }
    }

    private static void CheckPair(Place at, string mode, string? certificate, string? key)
    {
        SharedRules.Required(at, "serverCertificate", !string.IsNullOrEmpty(certificate),
            $"{mode} needs a certificate; add it, or credentialName.");
        SharedRules.Required(at, "privateKey", !string.IsNullOrEmpty(key),
            $"{mode} needs the certificate's key; add it, or credentialName.");
    }
}
