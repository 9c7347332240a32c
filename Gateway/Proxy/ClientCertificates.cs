using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Gateway.Clusters;

namespace Gateway.Proxy;

/// <summary>
/// TLS towards the hosts of a cluster, with the files that its DestinationRule names. They are read for each handshake, as certificates
/// are renewed in place.
/// </summary>
/// <param name="tls">What the rule says.</param>
internal sealed class ClientCertificates(ClusterTls tls)
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary>The options of a handshake.</summary>
    /// <param name="host">The cluster's host, whose name is sent where the rule names none.</param>
    /// <param name="protocol">What is spoken afterwards.</param>
    public SslClientAuthenticationOptions Options(string host, SslApplicationProtocol protocol)
    {
        var trusted = tls.Source.CaCertificates is { Length: > 0 } file ? Load(file) : null;
        return new SslClientAuthenticationOptions
        {
            TargetHost = tls.Sni ?? host,
            ApplicationProtocols = [protocol],
            ClientCertificates = tls.Source is { ClientCertificate: { Length: > 0 } certificate, PrivateKey: { Length: > 0 } key }
                ? [X509Certificate2.CreateFromPemFile(certificate, key)]
                : null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, presented, _, errors) => IsTrusted(presented as X509Certificate2, trusted, errors),
        };
    }

    private static X509Certificate2Collection Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates;
    }

    /// <summary>
    /// Envoy does not compare the certificate with the name that was sent; only <c>subjectAltNames</c> are compared, and without any every
    /// certificate of a trusted authority will do.
    /// </summary>
    private bool IsTrusted(X509Certificate2? certificate, X509Certificate2Collection? trusted, SslPolicyErrors errors)
    {
        if (tls.SkipVerify)
        {
            return true;
        }

        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return false;
        }

        var isChained = trusted is null ? !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) : Builds(certificate, trusted);
        return isChained && (tls.SubjectAltNames.IsDefaultOrEmpty || Names(certificate).Any(Matches));
    }

    private static bool Builds(X509Certificate2 certificate, X509Certificate2Collection trusted)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private bool Matches(string name) => tls.SubjectAltNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The DNS names, URIs and addresses of a certificate.</summary>
    internal static ImmutableArray<string> Names(X509Certificate2 certificate)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var extension in certificate.Extensions.Where(extension => extension.Oid?.Value == SubjectAlternativeName))
        {
            var alternatives = new X509SubjectAlternativeNameExtension(extension.RawData);
            names.AddRange(alternatives.EnumerateDnsNames());
            names.AddRange(alternatives.EnumerateIPAddresses().Select(address => address.ToString()));
            names.AddRange(Uris(extension.RawData));
        }

        return names.ToImmutable();
    }

    /// <summary>The URIs among alternative names (RFC 5280, section 4.2.1.6), which the framework does not list.</summary>
    internal static IEnumerable<string> Uris(ReadOnlyMemory<byte> extension)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 6);
        var sequence = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            if (sequence.PeekTag().HasSameClassAndValue(tag))
            {
                yield return sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag);
            }
            else
            {
                sequence.ReadEncodedValue();
            }
        }
    }
}
