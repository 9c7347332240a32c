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
        return (Sign(new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256), names), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Makes a certificate with an RSA key.</summary>
    public (string Certificate, string Key) CreateRsa(params string[] names)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return (Sign(request, names), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A Secret of type kubernetes.io/tls.</summary>
    public string Secret(string name, string? authority = null, params string[] names) => Secret(name, Create(names), authority);

    /// <summary>A Secret with a certificate.</summary>
    public static string Secret(string name, (string Certificate, string Key) pair, string? authority = null)
    {
        static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        return $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: {{name}}, namespace: istio-system }
            type: kubernetes.io/tls
            data: { tls.crt: {{Encode(pair.Certificate)}}, tls.key: {{Encode(pair.Key)}}{{(authority is null ? "" : $", ca.crt: {Encode(authority)}")}} }

            """;
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
    }

    private string Sign(CertificateRequest request, string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        // The authority's key is an ECDSA one, whatever the certificate's is.
        var generator = X509SignatureGenerator.CreateForECDsa(_key);
        using var certificate = request.Create(
            Authority.SubjectName, generator, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1),
            RandomNumberGenerator.GetBytes(8));
        return certificate.ExportCertificatePem();
    }
}
