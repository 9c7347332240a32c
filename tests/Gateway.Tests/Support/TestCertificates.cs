using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Tests.Support;

/// <summary>Certificates that an authority of the test's own has signed.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestCertificates()
    {
        var request = new CertificateRequest("CN=test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityPem => Authority.ExportCertificatePem();

    /// <summary>Makes a certificate for some names.</summary>
    public (string Certificate, string Key) Create(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.Create(
            Authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A Secret of type kubernetes.io/tls.</summary>
    public string Secret(string name, string? authority = null, params string[] names)
    {
        var (certificate, key) = Create(names);
        static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        return $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: {{name}}, namespace: istio-system }
            type: kubernetes.io/tls
            data: { tls.crt: {{Encode(certificate)}}, tls.key: {{Encode(key)}}{{(authority is null ? "" : $", ca.crt: {Encode(authority)}")}} }

            """;
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
    }
}
