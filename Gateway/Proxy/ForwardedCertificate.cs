using System.Security.Cryptography.X509Certificates;

namespace Gateway.Proxy;

/// <summary>What an upstream is told of the client's certificate, in <c>x-forwarded-client-cert</c>.</summary>
/// <remarks>
/// istio/istio pilot/pkg/networking/core/gateway.go: subject, certificate, DNS names and URI; envoyproxy/envoy
/// source/common/http/conn_manager_utility.cc, mutateXfccRequestHeader.
/// </remarks>
internal static class ForwardedCertificate
{
    /// <summary>Describes a certificate.</summary>
    public static string Describe(X509Certificate2 certificate)
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.RawDataMemory.Span));
        var parts = new List<string>
        {
            $"Hash={hash}",
            $"Cert=\"{Uri.EscapeDataString(certificate.ExportCertificatePem() + "\n")}\"",
            $"Subject=\"{certificate.Subject}\"",
        };
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var uris = alternatives is null ? [] : ClientCertificates.Uris(alternatives.RawData).ToArray();
        parts.AddRange(uris.Length == 0 ? ["URI="] : uris.Select(uri => $"URI={uri}"));
        parts.AddRange(alternatives?.EnumerateDnsNames().Select(name => $"DNS={name}") ?? []);
        return string.Join(';', parts);
    }
}
