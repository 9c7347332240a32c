using System.Collections.Immutable;
using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
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
    public SslServerAuthenticationOptions? Options(GatewayServer server)
    {
        var tls = server.Tls!;
        if (Certificate(server, tls) is not { } certificate)
        {
            return null;
        }

        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            EnabledSslProtocols = Versions(tls),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (tls.Mode is ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual)
        {
            if (Authorities(server, tls) is not { } authorities)
            {
                return null;
            }

            var check = new ClientCheck(tls, authorities);
            options.ClientCertificateRequired = true;
            options.RemoteCertificateValidationCallback = (_, shown, chain, _) => check.IsAccepted(shown as X509Certificate2, chain);
        }

        if (!tls.CipherSuites.IsEmpty)
        {
            Report(server, "its cipherSuites are not executed here; the system's are used");
        }

        return options;
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

    /// <summary>The first certificate that can be read: of several, clients of today take any.</summary>
    private SslStreamCertificateContext? Certificate(GatewayServer server, ServerTLSSettings tls)
    {
        foreach (var name in server.Secrets)
        {
            if (!_secrets.TryGetValue(name, out var secret))
            {
                Report(server, $"there is no Secret {name.Namespace}/{name.Name}; the server is left out");
                continue;
            }

            if (Data(secret, "tls.crt", "cert") is { } certificate && Data(secret, "tls.key", "key") is { } key)
            {
                return Read(server, $"Secret {name.Namespace}/{name.Name}", () => (certificate, key));
            }

            Report(server, $"Secret {name.Namespace}/{name.Name} has no tls.crt and tls.key; the server is left out");
        }

        if (!server.Secrets.IsEmpty)
        {
            return null;
        }

        var (file, keyFile) = tls.TlsCertificates is [{ } first, ..]
            ? (first.ServerCertificate, first.PrivateKey) : (tls.ServerCertificate, tls.PrivateKey);
        if (string.IsNullOrEmpty(file) || string.IsNullOrEmpty(keyFile))
        {
            Report(server, "it names no certificate; the server is left out");
            return null;
        }

        return Read(server, file, () => (File.ReadAllText(file), File.ReadAllText(keyFile)));
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
