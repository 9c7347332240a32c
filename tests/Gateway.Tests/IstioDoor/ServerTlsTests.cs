using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Listening;
using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>What the tls of a server may say of certificates, its own and those of clients.</summary>
public sealed class ServerTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _client;

    public ServerTlsTests() => _client = Certificate("client.example");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("subjectAltNames: [client.example]", true)]
    [InlineData("subjectAltNames: [other.example]", false)]
    [InlineData("verifyCertificateSpki: ['{spki}']", true)]
    [InlineData("verifyCertificateSpki: [AAAA]", false)]
    [InlineData("verifyCertificateHash: ['{hash}']", true)]
    [InlineData("verifyCertificateHash: ['00:11']", false)]
    public async Task A_clients_certificate_is_one_that_the_server_asks_for(string field, bool isServed)
    {
        var spki = Convert.ToBase64String(SHA256.HashData(_client.PublicKey.ExportSubjectPublicKeyInfo()));
        var hash = _client.GetCertHashString(HashAlgorithmName.SHA256);
        var tls = field.Replace("{spki}", spki, StringComparison.Ordinal).Replace("{hash}", hash, StringComparison.Ordinal);
        await using var gateway = await StartAsync(
            Server($"mode: MUTUAL, credentialName: one, {tls}"), _certificates.Secret("one", _certificates.AuthorityPem, "one.example"));
        Assert.Equal(isServed, await IsServedAsync(gateway, _client));
    }

    [Fact]
    public async Task The_authorities_of_clients_may_be_in_a_Secret_of_their_own()
    {
        var authorities = $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: clients, namespace: istio-system }
            data: { ca.crt: {{Convert.ToBase64String(Encoding.UTF8.GetBytes(_certificates.AuthorityPem))}} }

            """;
        await using var gateway = await StartAsync(
            Server("mode: MUTUAL, credentialName: one, caCertCredentialName: clients"), _certificates.Secret("one", null, "one.example"), authorities);
        Assert.True(await IsServedAsync(gateway, _client));
        Assert.False(await IsServedAsync(gateway, null));
    }

    [Fact]
    public async Task Certificates_may_be_files_of_a_list()
    {
        var (certificate, key) = _certificates.Create("one.example");
        _folder.Write("tls.crt", certificate);
        _folder.Write("tls.key", key);
        _folder.Write("ca.crt", _certificates.AuthorityPem);
        await using var gateway = await StartAsync(Server(
            $"mode: MUTUAL, caCertificates: {_folder.Path}/ca.crt, "
            + $"tlsCertificates: [{{ serverCertificate: {_folder.Path}/tls.crt, privateKey: {_folder.Path}/tls.key }}]"));
        Assert.True(await IsServedAsync(gateway, _client));
        Assert.False(await IsServedAsync(gateway, null));
    }

    [Fact]
    public async Task The_highest_version_is_kept()
    {
        await using var gateway = await StartAsync(
            Server("mode: SIMPLE, credentialName: one, maxProtocolVersion: TLSV1_2"), _certificates.Secret("one", null, "one.example"));
        Assert.True(await IsServedAsync(gateway, null, SslProtocols.Tls12));
        Assert.False(await IsServedAsync(gateway, null, SslProtocols.Tls13));
    }

    [Theory]
    [InlineData("[ECDHE-ECDSA-AES256-GCM-SHA384]", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)]
    [InlineData("[NO-SUCH-SUITE, ECDHE-ECDSA-AES128-GCM-SHA256]", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)]
    [InlineData("['[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-RSA-AES128-GCM-SHA256]']", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)]
    public async Task The_cipher_suites_of_TLS_1_2_are_those_that_are_named(string cipherSuites, TlsCipherSuite expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows chooses cipher suites itself.");
        await using var gateway = await StartAsync(
            Server($"mode: SIMPLE, credentialName: one, cipherSuites: {cipherSuites}"), _certificates.Secret("one", null, "one.example"));
        Assert.Equal(expected, (await HandshakeAsync(gateway, SslProtocols.Tls12)).Suite);
        Assert.Equal(SslProtocols.Tls13, (await HandshakeAsync(gateway, SslProtocols.None)).Protocol);
    }

    [Fact]
    public async Task A_client_without_a_common_cipher_suite_is_not_served()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows chooses cipher suites itself.");
        await using var gateway = await StartAsync(
            Server("mode: SIMPLE, credentialName: one, maxProtocolVersion: TLSV1_2, cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]"),
            _certificates.Secret("one", null, "one.example"));
        Assert.False(await IsServedAsync(gateway, null, SslProtocols.Tls12));
    }

    [Theory]
    [InlineData("credentialNames: [rsa, ecdsa]")]
    [InlineData("credentialNames: [ecdsa, rsa]")]
    [InlineData("tlsCertificates: [{ serverCertificate: {0}/rsa.crt, privateKey: {0}/rsa.key }, { serverCertificate: {0}/ecdsa.crt, privateKey: {0}/ecdsa.key }]")]
    public async Task Of_an_RSA_and_an_ECDSA_certificate_the_client_gets_the_one_that_it_takes(string certificates)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows chooses cipher suites itself.");
        var (rsa, ecdsa) = (_certificates.CreateRsa("one.example"), _certificates.Create("one.example"));
        _folder.Write("rsa.crt", rsa.Certificate);
        _folder.Write("rsa.key", rsa.Key);
        _folder.Write("ecdsa.crt", ecdsa.Certificate);
        _folder.Write("ecdsa.key", ecdsa.Key);
        await using var gateway = await StartAsync(
            Server($"mode: SIMPLE, {certificates.Replace("{0}", _folder.Path, StringComparison.Ordinal)}"),
            TestCertificates.Secret("rsa", rsa), TestCertificates.Secret("ecdsa", ecdsa));
        Assert.Equal("ECC", (await HandshakeAsync(gateway, SslProtocols.None)).Key);
        Assert.Equal("ECC", (await HandshakeAsync(gateway, SslProtocols.Tls12)).Key);
        Assert.Equal("RSA", (await HandshakeAsync(gateway, SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)).Key);
        Assert.Equal("ECC", (await HandshakeAsync(gateway, SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)).Key);
    }

    [Fact]
    public async Task Of_two_certificates_the_one_for_the_name_goes_before_the_one_that_the_client_prefers()
    {
        await using var gateway = await StartAsync(
            Server("mode: SIMPLE, credentialNames: [rsa, ecdsa]"),
            TestCertificates.Secret("rsa", _certificates.CreateRsa("one.example")),
            TestCertificates.Secret("ecdsa", _certificates.Create("*.example")));
        Assert.Equal("RSA", (await HandshakeAsync(gateway, SslProtocols.None)).Key);
        Assert.Equal("ECC", (await HandshakeAsync(gateway, SslProtocols.None, name: "two.example")).Key);
        Assert.Equal("RSA", (await HandshakeAsync(gateway, SslProtocols.None, name: "one.other")).Key);
    }

    [Fact]
    public async Task A_server_one_of_whose_certificates_is_missing_is_left_out()
    {
        await using var gateway = await StartAsync(
            Server("mode: SIMPLE, credentialNames: [one, missing]"), _certificates.Secret("one", null, "one.example"));
        Assert.False(await IsServedAsync(gateway, null));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(", options: { gateway.istio.io/tls-terminate-mode: MUTUAL }", false)]
    public async Task A_listener_of_the_Gateway_API_has_its_certificate_by_certificateRefs(string options, bool isServed)
    {
        await using var gateway = await StartAsync(
            $$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: gateway, namespace: istio-system }
            spec:
              gatewayClassName: istio
              listeners:
              - name: https
                port: 443
                protocol: HTTPS
                tls: { certificateRefs: [{ name: one, namespace: istio-system }]{{options}} }

            """, _certificates.Secret("one", _certificates.AuthorityPem, "one.example"));
        Assert.Equal(isServed, await IsServedAsync(gateway, null));
    }

    private static string Server(string tls) => $$"""
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: { name: gateway }
        spec:
          selector: { istio: ingressgateway }
          servers: [{ port: { number: 443, name: https, protocol: HTTPS }, hosts: ['*'], tls: { {{tls}} } }]

        """;

    private static Task<TestGateway> StartAsync(params string[] documents) => TestGateway.StartAsync(
        Documents.Join(documents), doors: new DoorOptions { IstioDoors = [new(null, "https://127.0.0.1:0")] });

    private X509Certificate2 Certificate(string name)
    {
        var (certificate, key) = _certificates.Create(name);
        using var pem = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>What a handshake comes to.</summary>
    private static async Task<(SslProtocols Protocol, TlsCipherSuite Suite, string Key)> HandshakeAsync(
        TestGateway gateway, SslProtocols protocols, TlsCipherSuite? only = null, string name = "one.example")
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, gateway.IstioPort, Cancellation);
        await using var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = name,
                EnabledSslProtocols = protocols,
                CipherSuitesPolicy = only is { } suite && !OperatingSystem.IsWindows() ? new CipherSuitesPolicy([suite]) : null,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            },
            Cancellation);
        var certificate = (X509Certificate2)stream.RemoteCertificate!;
        return (stream.SslProtocol, stream.NegotiatedCipherSuite, certificate.PublicKey.Oid.FriendlyName!);
    }

    /// <summary>Whether a request gets an answer; a certificate that is refused may show only when something is read.</summary>
    private static async Task<bool> IsServedAsync(TestGateway gateway, X509Certificate2? certificate, SslProtocols protocols = SslProtocols.None)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, gateway.IstioPort, Cancellation);
        await using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "one.example",
                    EnabledSslProtocols = protocols,
                    ClientCertificates = certificate is null ? null : [certificate],
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                },
                Cancellation);
            await stream.WriteAsync("GET / HTTP/1.1\r\nhost: one.example\r\n\r\n"u8.ToArray(), Cancellation);
            return await stream.ReadAsync(new byte[1], Cancellation) == 1;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return false;
        }
    }
}
