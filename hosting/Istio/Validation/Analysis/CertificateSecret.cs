using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Istio.Documents;

namespace Istio.Validation.Analysis;

/// <summary>
/// A Secret with the certificate of a gateway: <c>tls.crt</c> and <c>tls.key</c>, or <c>cert</c> and <c>key</c>.
/// Source: https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/
/// </summary>
internal static class CertificateSecret
{
    private static readonly (string Certificate, string Key)[] Names = [("tls.crt", "tls.key"), ("cert", "key")];

    /// <summary>What is wrong with the Secret, to follow its name; null when nothing is.</summary>
    public static string? Check(UntypedResource secret, TimeProvider clock)
    {
        var (encoded, plain) = (Json.Texts(secret.Content, "data"), Json.Texts(secret.Content, "stringData"));
        foreach (var (certificate, key) in Names)
        {
            if (Has(certificate) && Has(key))
            {
                var text = plain.GetValueOrDefault(certificate) ?? Decode(encoded[certificate]);
                return IsPlaceholder(text) ? null : CheckCertificate(text, certificate, clock);
            }
        }

        bool Has(string name) => (plain.GetValueOrDefault(name) ?? encoded.GetValueOrDefault(name)) is { Length: > 0 };

        return "has no certificate and key (tls.crt and tls.key); use a Secret of type kubernetes.io/tls.";
    }

    private static string? CheckCertificate(string pem, string name, TimeProvider clock)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return certificate.NotAfter.ToUniversalTime() >= clock.GetUtcNow().UtcDateTime
                ? null
                : $"has a certificate that expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}; renew it.";
        }
        catch (CryptographicException)
        {
            return $"has a {name} that is not a certificate; write it in PEM.";
        }
    }

    /// <summary>What a template or a secret store fills in later is no certificate yet, and no mistake either.</summary>
    private static bool IsPlaceholder(string text) =>
        !text.Contains("-----BEGIN", StringComparison.Ordinal) && text.AsSpan().IndexOfAny("$<{.") >= 0;

    /// <summary>The text of base64; what is none, such as <c>LS0tLS1...</c>, as it is.</summary>
    private static string Decode(string base64)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var length) ? Encoding.UTF8.GetString(buffer, 0, length) : base64;
    }
}
