using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Listening;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Tests.IstioDoor;

/// <summary>TLS from clients, by the servers of Gateways, and to upstreams, by DestinationRules.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    private static string Server(string name, string host, string tls) =>
        $"{{ port: {{ number: 443, name: {name}, protocol: HTTPS }}, hosts: ['{host}'], tls: {{ {tls} }} }}";

    private static string Gateway(params string[] servers) => $$"""
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: { name: gateway }
        spec: { selector: { istio: ingressgateway }, servers: [{{string.Join(", ", servers)}}] }

        """;

    private static Task<TestGateway> StartAsync(string yaml) => TestGateway.StartAsync(yaml, doors: new DoorOptions
    {
        IstioDoors = [new(null, "https://127.0.0.1:0"), new(80, "http://127.0.0.1:0")],
    });

    private static string Mesh(string gateway, int port, params string[] others) => Documents.Join(
        [gateway, IstioDocuments.VirtualService(""), Documents.Service("ping"), Documents.Workload("ping", port), .. others]);

    private HttpClient Client(TestGateway gateway, X509Certificate2? certificate = null, Version? version = null, SslProtocols protocols = SslProtocols.None)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, gateway.IstioPort, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.EnabledSslProtocols = protocols;
        handler.SslOptions.ClientCertificates = certificate is null ? null : [certificate];
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(_certificates.Authority);
        return new HttpClient(handler) { DefaultRequestVersion = version ?? HttpVersion.Version11, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    private X509Certificate2 ClientCertificate(string name)
    {
        var (certificate, key) = _certificates.Create(name);
        using var pem = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    [Fact]
    public async Task The_server_name_chooses_server_and_certificate()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(Mesh(
            Gateway(
                Server("one", "one.example", "mode: SIMPLE, credentialName: one"),
                Server("wild", "*.wild.example", "mode: SIMPLE, credentialName: wild")),
            upstream.Port, _certificates.Secret("one", null, "one.example"), _certificates.Secret("wild", null, "*.wild.example")));
        using var client = Client(gateway);
        Assert.Equal("a /x", await client.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        Assert.Equal("a /x", await client.GetStringAsync(new Uri("https://two.wild.example/x"), Cancellation));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("https://other.example/x"), Cancellation));
        Assert.Equal(("https", "one.example"),
            (upstream.Requests.First().Header("x-forwarded-proto"), upstream.Requests.First().Header("host")));
    }

    [Fact]
    public async Task HTTP_2_is_negotiated()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(Mesh(
            Gateway(Server("one", "*", "mode: SIMPLE, credentialName: one")), upstream.Port, _certificates.Secret("one", null, "one.example")));
        using var client = Client(gateway, version: HttpVersion.Version20);
        using var response = await client.GetAsync(new Uri("https://one.example/x"), Cancellation);
        Assert.Equal((HttpVersion.Version20, "a /x"), (response.Version, await response.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Mutual_TLS_wants_a_certificate_of_the_authority()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(Mesh(
            Gateway(Server("one", "*", "mode: MUTUAL, credentialName: one")), upstream.Port,
            _certificates.Secret("one", _certificates.AuthorityPem, "one.example")));
        using var anonymous = Client(gateway);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => anonymous.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        using var foreign = new TestCertificates();
        using var stranger = Client(gateway, TestStranger(foreign));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => stranger.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        using var certificate = ClientCertificate("client.example");
        using var known = Client(gateway, certificate);
        Assert.Equal("a /x", await known.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        var forwarded = Assert.Single(upstream.Requests).Header("x-forwarded-client-cert");
        Assert.StartsWith("Hash=", forwarded);
        Assert.Contains("Subject=\"CN=client.example\";URI=;DNS=client.example", forwarded);
    }

    private static X509Certificate2 TestStranger(TestCertificates foreign)
    {
        var (certificate, key) = foreign.Create("client.example");
        using var pem = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    [Fact]
    public async Task The_lowest_version_is_kept()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(Mesh(
            Gateway(Server("one", "*", "mode: SIMPLE, credentialName: one, minProtocolVersion: TLSV1_3")), upstream.Port,
            _certificates.Secret("one", null, "one.example")));
        using var modern = Client(gateway, protocols: SslProtocols.Tls13);
        Assert.Equal("a /x", await modern.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        using var older = Client(gateway, protocols: SslProtocols.Tls12);
        await Assert.ThrowsAsync<HttpRequestException>(() => older.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
    }

    [Fact]
    public async Task Certificates_from_files_work_and_plain_requests_are_redirected()
    {
        await using var upstream = RawUpstream.Echo("a");
        using var folder = new TempFolder();
        var (certificate, key) = _certificates.Create("one.example");
        folder.Write("tls.crt", certificate);
        folder.Write("tls.key", key);
        await using var gateway = await StartAsync(Mesh(
            Gateway(
                Server("one", "*", $"mode: SIMPLE, serverCertificate: {folder.Path}/tls.crt, privateKey: {folder.Path}/tls.key"),
                "{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'], tls: { httpsRedirect: true } }"),
            upstream.Port));
        using var client = Client(gateway);
        Assert.Equal("a /x", await client.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        using var plain = new RawClient(gateway.PortOf("istio-1"), Cancellation);
        var response = await plain.GetAsync("/x?y", "one.example");
        Assert.Equal((301, "https://one.example/x?y"), (response.Status, response.Header("location")));
    }

    [Fact]
    public async Task A_certificate_is_renewed_and_a_server_added_without_a_restart()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(Mesh(
            Gateway(Server("one", "one.example", "mode: SIMPLE, credentialName: one")), upstream.Port, _certificates.Secret("one", null, "one.example")));
        using var client = Client(gateway);
        Assert.Equal("a /x", await client.GetStringAsync(new Uri("https://one.example/x"), Cancellation));
        gateway.Folder.Replace("mesh.yaml", Mesh(
            Gateway(
                Server("one", "one.example", "mode: SIMPLE, credentialName: one"),
                Server("two", "two.example", "mode: SIMPLE, credentialName: two")),
            upstream.Port, _certificates.Secret("one", null, "one.example"), _certificates.Secret("two", null, "two.example")));
        await TestGateway.UntilAsync(() => gateway.Snapshot.Proxies.FindTls(443, "two.example") is not null);
        Assert.Equal("a /x", await client.GetStringAsync(new Uri("https://two.example/x"), Cancellation));
    }

    [Fact]
    public async Task A_server_whose_Secret_is_missing_is_left_out()
    {
        await using var upstream = RawUpstream.Echo("a");
        using var folder = new TempFolder();
        folder.Write("mesh.yaml", Mesh(Gateway(Server("one", "*", "mode: SIMPLE, credentialName: missing")), upstream.Port));
        using var loader = new global::Gateway.Mesh.MeshLoader(folder.Path);
        var (snapshot, findings) = loader.Load();
        Assert.False(snapshot!.Proxies.HasTlsServers);
        var finding = Assert.Single(findings, finding => finding.Code == "GWY011");
        Assert.Contains("there is no Secret istio-system/missing", finding.Message);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "http")]
    [InlineData(HttpProtocols.Http2, "http2")]
    public async Task Upstreams_are_reached_by_TLS_where_a_DestinationRule_says_so(HttpProtocols protocols, string port)
    {
        using var folder = new TempFolder();
        folder.Write("ca.crt", _certificates.AuthorityPem);
        var (certificate, key) = _certificates.Create("client.example");
        folder.Write("client.crt", certificate);
        folder.Write("client.key", key);
        var (serverCertificate, serverKey) = _certificates.Create("ping.internal");
        using var pem = X509Certificate2.CreateFromPem(serverCertificate, serverKey);
        using var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        string? name = null;
        await using var upstream = await Http2Server.StartAsync(
            async context => await context.Response.WriteAsync(
                $"{(await context.Connection.GetClientCertificateAsync(Cancellation))?.Subject} {name}", Cancellation),
            protocols,
            https =>
            {
                https.ServerCertificateSelector = (_, asked) =>
                {
                    name = asked;
                    return own;
                };
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (_, _, _) => true;
            });
        string Policy(string tls) => IstioDocuments.Speaking(
            port, IstioDocuments.Mesh("retries: { attempts: 0 }", $"tls: {{ {tls} }}", upstream.Port));
        var files = $"caCertificates: {folder.Path}/ca.crt, sni: ping.internal";
        async Task<(int, string)> GetAsync(string tls)
        {
            await using var gateway = await TestGateway.StartIstioAsync(Policy(tls));
            var response = await gateway.GetIstioAsync("/x");
            return (response.Status, response.Body);
        }

        Assert.Equal((200, " ping.internal"), await GetAsync($"mode: SIMPLE, {files}"));
        Assert.Equal((200, "CN=client.example ping.internal"), await GetAsync(
            $"mode: MUTUAL, clientCertificate: {folder.Path}/client.crt, privateKey: {folder.Path}/client.key, {files}"));
        Assert.Equal(200, (await GetAsync($"mode: SIMPLE, subjectAltNames: [ping.internal], {files}")).Item1);
        var (status, body) = await GetAsync($"mode: SIMPLE, subjectAltNames: [other.internal], {files}");
        Assert.Equal(503, status);
        Assert.StartsWith("upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, "
            + "transport failure reason: TLS_error:|", body);
        Assert.Equal(503, (await GetAsync("mode: SIMPLE")).Item1);
        Assert.Equal(200, (await GetAsync("mode: SIMPLE, insecureSkipVerify: true")).Item1);
    }
}
