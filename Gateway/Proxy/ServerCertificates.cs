using System.Collections.Immutable;
using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Routing;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Proxy;

/// <summary>
/// Makes the TLS settings of Gateways' servers: certificates from Secrets among the documents or from files, what clients must show,
/// versions.
/// </summary>
/// <remarks>istio/istio pilot/pkg/networking/core/gateway.go, buildGatewayListenerTLSContext, and pkg/credentials/kube/secrets.go.</remarks>
internal sealed class ServerCertificates
{
    private readonly Dictionary<SecretName, ResourceDocument> _secrets;
    private readonly List<Finding> _findings;

    /// <summary>Takes the Secrets of documents.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="findings">Receives what is wrong.</param>
    public ServerCertificates(ResourceSet resources, List<Finding> findings)
    {
        _findings = findings;
        _secrets = resources.Documents.Where(document => document is { Kind: "Secret", ApiVersion: "v1" })
            .GroupBy(document => new SecretName(document.Namespace, document.Name))
            .ToDictionary(group => group.Key, group => group.First());
    }

    /// <summary>The settings of a server; null, with a finding, when it has no certificate that can be used.</summary>
    public ServerTls? Options(GatewayServer server)
    {
        var tls = server.Tls!;
        if (Certificates(server, tls) is not { } certificates)
        {
            return null;
        }

        RemoteCertificateValidationCallback? check = null;
        if (tls.Mode is ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual)
        {
            if (Authorities(server, tls) is not { } authorities)
            {
                return null;
            }

            var client = new ClientCheck(tls, authorities);
            check = (_, shown, chain, _) => client.IsAccepted(shown as X509Certificate2, chain);
        }

        var suites = Suites(server, tls);
        return new ServerTls([.. certificates.Select(certificate => new TlsCertificate(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                EnabledSslProtocols = Versions(tls),
                CipherSuitesPolicy = suites,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                ClientCertificateRequired = check is not null,
                RemoteCertificateValidationCallback = check,
            },
            NamesOf(certificate.TargetCertificate), CurveOf(certificate.TargetCertificate)))]);
    }

    /// <summary>Without alternative names the common name is one.</summary>
    private static ImmutableArray<string> NamesOf(X509Certificate2 certificate) =>
        ClientCertificates.Names(certificate) is { IsEmpty: false } names
            ? names : [certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)];

    private static string? CurveOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPublicKey();
        return key?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value;
    }

    /// <summary>The cipher suites; null for the system's.</summary>
    private CipherSuitesPolicy? Suites(GatewayServer server, ServerTLSSettings tls)
    {
        var notUnderstood = new List<string>();
        var suites = CipherSuites.Of(tls.CipherSuites, notUnderstood);
        foreach (var expression in notUnderstood)
        {
            Report(server, $"the expression {expression} of its cipherSuites is not executed here; name the suites");
        }

        if (suites.Count == 0)
        {
            return null;
        }

        if (OperatingSystem.IsWindows() || OperatingSystem.IsAndroid())
        {
            Report(server, "its cipherSuites are not executed on this operating system, which chooses them itself");
            return null;
        }

        return new CipherSuitesPolicy(suites);
    }

    private static SslProtocols Versions(ServerTLSSettings tls)
    {
        (string Name, SslProtocols Version)[] versions =
        [
#pragma warning disable SYSLIB0039, CA5397 // Old versions are offered only where a document asks for them.
            (TlsProtocol.Tlsv10, SslProtocols.Tls), (TlsProtocol.Tlsv11, SslProtocols.Tls11),
#pragma warning restore SYSLIB0039, CA5397
            (TlsProtocol.Tlsv12, SslProtocols.Tls12), (TlsProtocol.Tlsv13, SslProtocols.Tls13),
        ];
        var from = Array.FindIndex(versions, version => version.Name == tls.MinProtocolVersion);
        var to = Array.FindIndex(versions, version => version.Name == tls.MaxProtocolVersion);
        return versions[(from < 0 ? 2 : from)..((to < 0 ? 3 : to) + 1)].Aggregate(SslProtocols.None, (all, version) => all | version.Version);
    }

    /// <summary>All certificates; null when there is none, or one is missing, for which Envoy would wait.</summary>
    private List<SslStreamCertificateContext>? Certificates(GatewayServer server, ServerTLSSettings tls)
    {
        var certificates = server.Secrets.IsEmpty
            ? Files(tls).Select(file => FromFile(server, file.Certificate, file.Key)).ToList()
            : server.Secrets.Select(name => FromSecret(server, name)).ToList();
        if (certificates.Count == 0)
        {
            Report(server, "it names no certificate; the server is left out");
        }

        var usable = certificates.OfType<SslStreamCertificateContext>().ToList();
        return usable.Count == 0 || usable.Count < certificates.Count ? null : usable;
    }

    private static IEnumerable<(string? Certificate, string? Key)> Files(ServerTLSSettings tls) =>
        !tls.TlsCertificates.IsEmpty ? tls.TlsCertificates.Select(one => (one.ServerCertificate, one.PrivateKey))
            : string.IsNullOrEmpty(tls.ServerCertificate) ? []
            : [(tls.ServerCertificate, tls.PrivateKey)];

    private SslStreamCertificateContext? FromSecret(GatewayServer server, SecretName name)
    {
        if (!_secrets.TryGetValue(name, out var secret))
        {
            Report(server, $"there is no Secret {name.Namespace}/{name.Name}; the server is left out");
            return null;
        }

        if (Data(secret, "tls.crt", "cert") is { } certificate && Data(secret, "tls.key", "key") is { } key)
        {
            return Read(server, $"Secret {name.Namespace}/{name.Name}", () => (certificate, key));
        }

        Report(server, $"Secret {name.Namespace}/{name.Name} has no tls.crt and tls.key; the server is left out");
        return null;
    }

    private SslStreamCertificateContext? FromFile(GatewayServer server, string? certificate, string? key)
    {
        if (string.IsNullOrEmpty(certificate) || string.IsNullOrEmpty(key))
        {
            Report(server, "it names a certificate without a key, or a key without a certificate; the server is left out");
            return null;
        }

        return Read(server, certificate, () => (File.ReadAllText(certificate), File.ReadAllText(key)));
    }

    private SslStreamCertificateContext? Read(GatewayServer server, string source, Func<(string Certificate, string Key)> read)
    {
        try
        {
            var (certificate, key) = read();
            var intermediates = new X509Certificate2Collection();
            intermediates.ImportFromPem(certificate);
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), intermediates, offline: true);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            Report(server, $"the certificate of {source} cannot be used ({exception.Message}); the server is left out");
            return null;
        }
    }

    /// <summary>The authorities of client certificates: of the Secret, of the one beside it that ends with <c>-cacert</c>, or of a file.</summary>
    private X509Certificate2Collection? Authorities(GatewayServer server, ServerTLSSettings tls)
    {
        var pem = tls.CaCertCredentialName is { Length: > 0 } own ? AuthoritiesOf(new SecretName(server.Namespace, own))
            : server.Secrets is [var name, ..] ? AuthoritiesOf(name with { Name = name.Name + "-cacert" }) ?? AuthoritiesOf(name)
            : null;
        try
        {
            pem ??= tls.CaCertificates is { Length: > 0 } file ? File.ReadAllText(file) : null;
            if (pem is not null)
            {
                var authorities = new X509Certificate2Collection();
                authorities.ImportFromPem(pem);
                return authorities;
            }

            Report(server, "it demands client certificates but names no authorities for them; the server is left out");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            Report(server, $"the authorities of client certificates cannot be used ({exception.Message}); the server is left out");
        }

        return null;
    }

    private string? AuthoritiesOf(SecretName name) => _secrets.TryGetValue(name, out var secret) ? Data(secret, "ca.crt", "cacert") : null;

    /// <summary>A member of a Secret, under the first of its names that is there.</summary>
    private static string? Data(ResourceDocument secret, params ReadOnlySpan<string> names)
    {
        var content = ((UntypedResource)secret.Resource).Content;
        foreach (var name in names)
        {
            if (Member(content, "stringData", name) is { } text)
            {
                return text;
            }

            if (Member(content, "data", name) is { } encoded)
            {
                var bytes = new byte[encoded.Length];
                return Convert.TryFromBase64String(encoded, bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
            }
        }

        return null;
    }

    private static string? Member(JsonElement content, string part, string name) =>
        content.ValueKind == JsonValueKind.Object && content.TryGetProperty(part, out var members) && members.ValueKind == JsonValueKind.Object
        && members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private void Report(GatewayServer server, string message)
    {
        // file:line
        var (text, code) = (server.Source.Location, GatewayCodes.Certificate);
        var colon = text.LastIndexOf(':');
        var line = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        _findings.Add(new Finding(
            new SourceLocation(text[..Math.Max(colon, 0)], line, 1), code.Severity, code.Code, "Gateway", server.Gateway, server.Source.Field,
            message));
    }

    /// <summary>What a client's certificate must be.</summary>
    private sealed class ClientCheck(ServerTLSSettings tls, X509Certificate2Collection authorities)
    {
        public bool IsAccepted(X509Certificate2? certificate, X509Chain? shown)
        {
            if (certificate is null)
            {
                return tls.Mode == ServerTlsMode.OptionalMutual;
            }

            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            if (shown is not null)
            {
                chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
            }

            return chain.Build(certificate) && HasName(certificate) && HasHash(certificate);
        }

        private bool HasName(X509Certificate2 certificate) =>
            tls.SubjectAltNames.IsEmpty || ClientCertificates.Names(certificate).Any(name => tls.SubjectAltNames.Contains(name));

        private bool HasHash(X509Certificate2 certificate)
        {
            if (tls.VerifyCertificateHash.IsEmpty && tls.VerifyCertificateSpki.IsEmpty)
            {
                return true;
            }

            var hash = Convert.ToHexString(SHA256.HashData(certificate.RawData));
            var spki = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
            return tls.VerifyCertificateSpki.Contains(spki)
                || tls.VerifyCertificateHash.Any(wanted => string.Equals(wanted.Replace(":", ""), hash, StringComparison.OrdinalIgnoreCase));
        }
    }
}
