using Gateway.Listening;
using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>The mesh role: one listener for each service port, with the caller's sidecar's rules.</summary>
public sealed class MeshRoleTests
{
    private static Task<TestGateway> StartAsync(string yaml, params string[] services) => TestGateway.StartAsync(yaml, doors: new DoorOptions
    {
        IstioDoors = [new(null, "http://127.0.0.1:0")],
        Services = [.. services.Select(name => new ServiceAddress($"{name}.default.svc.cluster.local", 8080, "http://127.0.0.1:0"))],
    });

    private static string MeshRule(string rules) => $$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: inside }
        spec: { hosts: [ping], http: [{ {{rules}}, route: [{ destination: { host: ping } }] }] }

        """;

    [Fact]
    public async Task A_service_is_called_by_its_own_listener_without_any_rule()
    {
        await using var ping = RawUpstream.Echo("ping");
        await using var pong = RawUpstream.Echo("pong");
        await using var gateway = await StartAsync(
            Documents.Join(Documents.Service("ping"), Documents.Workload("ping", ping.Port), Documents.Service("pong"), Documents.Workload("pong", pong.Port)),
            "ping", "pong");
        using var client = new RawClient(gateway.PortOf("mesh-0"), TestContext.Current.CancellationToken);
        using var other = new RawClient(gateway.PortOf("mesh-1"), TestContext.Current.CancellationToken);
        Assert.Equal("ping /x", (await client.GetAsync("/x", "ping:8080")).Body);
        Assert.Equal("pong /x", (await other.GetAsync("/x", "127.0.0.1:1234")).Body);
        var response = await client.GetAsync("/x", "ping.default.svc.cluster.local:8080");
        Assert.Equal(("ping /x", "envoy"), (response.Body, response.Header("server")));
    }

    [Fact]
    public async Task Rules_of_the_mesh_hold_here_and_those_of_gateways_do_not()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(
            Documents.Join(IstioDocuments.Mesh("rewrite: { uri: /gateway }", "", upstream.Port), MeshRule("rewrite: { uri: /mesh }")), "ping");
        using var client = new RawClient(gateway.PortOf("mesh-0"), TestContext.Current.CancellationToken);
        Assert.Equal("a /meshx", (await client.GetAsync("/x", "ping:8080")).Body);
        Assert.Equal("a /gatewayx", (await gateway.GetIstioAsync("/x")).Body);
    }

    [Fact]
    public async Task A_sidecar_believes_its_applications_headers()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(Documents.Join(Documents.Service("ping"), Documents.Workload("ping", upstream.Port)), "ping");
        using var client = new RawClient(gateway.PortOf("mesh-0"), TestContext.Current.CancellationToken);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: ping\r\nX-Request-Id: mine\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n\r\n");
        var request = Assert.Single(upstream.Requests);
        Assert.Equal(("mine", "1.2.3.4", "https", null), (request.Header("x-request-id"), request.Header("x-forwarded-for"),
            request.Header("x-forwarded-proto"), request.Header("x-envoy-external-address")));
    }

    [Fact]
    public async Task Each_proxy_keeps_its_own_account_of_hosts()
    {
        await using var bad = RawUpstream.Start((_, connection) => connection.RespondAsync("", status: "500 x"));
        await using var gateway = await StartAsync(IstioDocuments.Mesh(
            "retries: { attempts: 0 }", "outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 100 }", bad.Port), "ping");
        using var mesh = new RawClient(gateway.PortOf("mesh-0"), TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            await mesh.GetAsync("/", "ping:8080");
        }

        Assert.Equal(503, (await mesh.GetAsync("/", "ping:8080")).Status);
        Assert.Equal(500, (await gateway.GetIstioAsync("/")).Status);
    }
}
