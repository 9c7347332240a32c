using System.Net;
using System.Net.Sockets;
using Gateway.Http1;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.IstioDoor;

/// <summary>Where the doors open: as the command line, the configuration and the Gateways say.</summary>
public sealed class DoorListenersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Plan(string yaml, DoorOptions options, params (string Key, string Value)[] configuration)
    {
        _folder.Write("mesh.yaml", yaml);
        using var loader = new MeshLoader(_folder.Path);
        var snapshot = loader.Load().Snapshot!;
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.Select(pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value))).Build();
        return [.. new DoorListeners(options, settings, new MeshState(snapshot), TimeProvider.System, new Http1Listeners(NullLogger<Http1Server>.Instance)).Plan(snapshot.Proxies)
            .Select(listener => $"{listener.Name} {listener.Url} {listener.Door}{(listener.GatewayPort is { } port ? $" {port}" : "")}")];
    }

    [Fact]
    public void Without_a_Gateway_there_is_only_the_Ingress_door() =>
        Assert.Equal(["ingress-0 http://localhost:8080 Ingress"], Plan(Documents.Seed(), new DoorOptions()));

    [Fact]
    public void A_Gateway_opens_the_Istio_door() => Assert.Equal(
        ["ingress-0 http://localhost:8080 Ingress", "istio-plain http://localhost:8081 Istio"], Plan(IstioDocuments.Mesh("", ""), new DoorOptions()));

    [Fact]
    public void A_server_with_TLS_opens_another()
    {
        using var certificates = new TestCertificates();
        var yaml = Documents.Join(
            IstioDocuments.Gateway.Replace("{ number: 80, name: http, protocol: HTTP }, hosts: ['*']",
                "{ number: 443, name: https, protocol: HTTPS }, hosts: ['*'], tls: { mode: SIMPLE, credentialName: one }"),
            certificates.Secret("one", null, "one.example"));
        Assert.Equal(["ingress-0 http://localhost:8080 Ingress", "istio-tls https://localhost:8443 Istio"], Plan(yaml, new DoorOptions()));
    }

    [Fact]
    public void What_the_command_line_says_replaces_the_defaults() => Assert.Equal(
        [
            "ingress-0 http://127.0.0.1:1 Ingress", "istio-0 http://127.0.0.1:2 Istio", "istio-1 http://127.0.0.1:3 Istio 8080",
            "mesh-0 http://127.0.0.1:4 Mesh", "admin http://127.0.0.1:5 Admin",
        ],
        Plan(Documents.Seed(), new DoorOptions
        {
            Urls = ["http://127.0.0.1:1"],
            IstioDoors = [new(null, "http://127.0.0.1:2"), new(8080, "http://127.0.0.1:3")],
            Services = [new("ping.default.svc.cluster.local", 8080, "http://127.0.0.1:4")],
            Admin = "http://127.0.0.1:5",
        }));

    [Fact]
    public void The_Ingress_door_is_where_ASPNET_Cores_configuration_says()
    {
        Assert.Equal(["ingress-0 http://a:1 Ingress", "ingress-1 http://b:2 Ingress"],
            Plan(Documents.Seed(), new DoorOptions(), ("urls", "http://a:1;http://b:2")));
        Assert.Equal(["ingress-0 http://*:3 Ingress"], Plan(Documents.Seed(), new DoorOptions(), ("http_ports", "3")));
        Assert.Equal(["ingress-0 http://c:4 Ingress"], Plan(Documents.Seed(), new DoorOptions(), ("Kestrel:Endpoints:x:Url", "http://c:4")));
    }

    [Fact]
    public async Task A_listener_opens_and_closes_with_its_Gateway_and_the_others_go_on()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartAsync(
            Documents.Seed(upstream.Port), doors: new DoorOptions { IstioUrl = "http://127.0.0.1:0" });
        using var client = gateway.Connect();
        Assert.Equal("a /x", (await client.GetAsync("/api/v1/x")).Body);
        var socket = client.Socket;
        Assert.Equal(0, gateway.PortOf("istio-plain"));

        gateway.Folder.Write("istio.yaml", IstioDocuments.Mesh("", "", upstream.Port));
        await TestGateway.UntilAsync(() => gateway.PortOf("istio-plain") > 0);
        var port = gateway.PortOf("istio-plain");
        using (var istio = new RawClient(port, TestContext.Current.CancellationToken))
        {
            Assert.Equal("a /y", (await istio.GetAsync("/y")).Body);
        }

        File.Delete(Path.Combine(gateway.Folder.Path, "istio.yaml"));
        await TestGateway.UntilAsync(() => !IsOpen(port));
        Assert.Equal("a /z", (await client.GetAsync("/api/v1/z")).Body);
        Assert.Same(socket, client.Socket);
    }

    private static bool IsOpen(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
