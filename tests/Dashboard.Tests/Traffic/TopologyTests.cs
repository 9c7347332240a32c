using System.Net;
using System.Net.Sockets;
using System.Text;
using Dashboard.EngineLink;
using Dashboard.Mesh;
using Dashboard.Resources;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Dashboard.Tests.Support;
using Dashboard.Traffic;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Tests.Traffic;

public sealed class TopologyTests : IDisposable
{
    private const string Clusters =
        """
        {"cluster_statuses":[{"name":"outbound|8080||ping.default.svc.cluster.local","host_statuses":[
        {"address":{"socket_address":{"address":"127.0.0.1","port_value":9001}},"health_status":{"failed_outlier_check":true}},
        {"address":{"socket_address":{"address":"127.0.0.1","port_value":9002}},"health_status":{"eds_health_status":"HEALTHY"}},
        {"address":{"pipe":{"path":"/x"}}}]},
        {"name":"outbound|8080|v2|ping.default.svc.cluster.local","host_statuses":[
        {"address":"127.0.0.1:9003","ejected":true,"ejected_for_seconds":7.5},{"address":"127.0.0.1:9002","ejected":false}]}]}
        """;

    private readonly TestMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void The_picture_has_gateways_versions_and_replicas_also_those_out_of_rotation()
    {
        ResourceInfo[] resources =
        [
            TestEngine.Replica("gateway", "xxxxx") with { ProcessId = 1, Properties = [new ValueInfo("executable.args", "--mesh /m")] },
            TestEngine.Replica("ping", "aaaaa"),
            TestEngine.Replica("ping", "bbbbb"),
            TestEngine.Replica("ping", "ddddd", "Exited"),
            TestEngine.Replica("ping-v2", "ccccc"),
        ];
        var stats = new Dictionary<string, TrafficStat> { ["ping-aaaaa"] = new(9, 0, TimeSpan.FromSeconds(1)), ["ping-bbbbb"] = new(3, 0.5, null) };
        var hosts = new Dictionary<string, HostState> { ["127.0.0.1:9002"] = new(true, TimeSpan.FromSeconds(8)) };

        var picture = Topology.Draw(MeshDocuments.Read(_mesh.Folder), resources, stats, hosts);

        Assert.Equal(["gateway-xxxxx"], picture.Gateways.Select(gateway => gateway.Id));
        Assert.Equal(
            [("v1", "ping-aaaaa", true), ("v1", "ping-bbbbb", true), ("v1", "ping-ddddd", false), ("v2", "ping-v2-ccccc", true)],
            picture.Versions.SelectMany(version => version.Replicas.Select(replica => (version.Version, replica.Id, replica.IsLive))));
        Assert.True(picture.Versions[0].Replicas[1].Ejection!.IsEjected);
        Assert.Equal((12d, 0.125), (picture.Versions[0].Stat.Rate, picture.Versions[0].Stat.ErrorShare));
    }

    [Fact]
    public void Traffic_is_read_off_the_metric_of_HTTP_servers_in_the_last_seconds()
    {
        var time = new FakeTimeProvider();
        var store = new TelemetryStore(new TelemetryLimits(), time);
        var ping = Make.Resource("ping", "aaaaa");
        Add(store, ping, "200", 90, time);
        Add(store, ping, "503", 10, time);
        var stat = new TrafficStats(store, time).Read()["ping-aaaaa"];
        Assert.Equal((10d, 0.1), (stat.Rate, stat.ErrorShare));
        Assert.InRange(stat.P99!.Value.TotalSeconds, 0.009, 0.01);

        time.Advance(TrafficStats.Window + TimeSpan.FromSeconds(1));
        Assert.Empty(new TrafficStats(store, time).Read());
    }

    [Fact]
    public async Task Ejections_come_from_the_admin_surface_in_the_form_of_this_gateway_and_of_Envoy()
    {
        using var admin = new TcpListener(IPAddress.Loopback, 0);
        admin.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)admin.LocalEndpoint).Port}");
        var serving = ServeAsync(admin, Clusters);
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        await _mesh.TellAsync(engine, url);
        await Eventually.TrueAsync(() => dashboard.Services.GetRequiredService<ResourceStore>().All.Count == 5, "the engine has told");

        var gateways = dashboard.Services.GetRequiredService<GatewayAdmin>();
        IReadOnlyDictionary<string, HostState> hosts = new Dictionary<string, HostState>();
        await Eventually.TrueAsync(
            async () => (hosts = await gateways.ReadHostsAsync(TestContext.Current.CancellationToken)).Count > 0, "the surface has answered in time");

        Assert.True(hosts["127.0.0.1:9001"] is { IsEjected: true, Remaining: null });
        Assert.Equal(new HostState(true, TimeSpan.FromSeconds(7.5)), hosts["127.0.0.1:9003"]);
        Assert.False(hosts["127.0.0.1:9002"].IsEjected);

        // The surface is gone: nothing is known, and nothing is thrown.
        admin.Stop();
        await serving;
        Assert.Empty(await gateways.ReadHostsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rate_limits_come_from_the_admin_surface_too()
    {
        using var admin = new TcpListener(IPAddress.Loopback, 0);
        admin.Start();
        var serving = ServeAsync(
            admin,
            """
            {"local_rate_limits":[
            {"place":"ping-aaaaa:9001","source":"default/limit","route":"","max_tokens":10,"fill_interval":"60s","remaining_tokens":4,
            "enabled":9,"rate_limited":3,"enforced":2},
            {"place":"gateway port 80","source":"default/limit","route":"shop:80/users","enabled":1,"rate_limited":0,"enforced":0}]}
            """);
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        await _mesh.TellAsync(engine, new Uri($"http://127.0.0.1:{((IPEndPoint)admin.LocalEndpoint).Port}"));
        await Eventually.TrueAsync(() => dashboard.Services.GetRequiredService<ResourceStore>().All.Count == 5, "the engine has told");

        IReadOnlyList<RateLimitState> limits = [];
        await Eventually.TrueAsync(
            async () => (limits = await dashboard.Services.GetRequiredService<GatewayAdmin>()
                .ReadLimitsAsync(TestContext.Current.CancellationToken)).Count > 0,
            "the surface has answered in time");

        Assert.Equal(
            [
                new RateLimitState("ping-aaaaa:9001", "default/limit", 10, 4, 9, 3, 2),
                new RateLimitState("gateway port 80", "default/limit (shop:80/users)", null, null, 1, 0, 0),
            ],
            limits);
        admin.Stop();
        await serving;
    }

    private static void Add(TelemetryStore store, TelemetryResource resource, string status, ulong count, FakeTimeProvider time) =>
        store.Metrics.Add(resource, find => find(
            new Instrument(resource, "Meter", "http.server.request.duration", "", "s", InstrumentKind.Histogram),
            Make.Attributes(("http.response.status_code", status)))!
            .AddHistogram(0, UnixTime.From(time.GetUtcNow()), [0.01, 0.1], [count, 0, 0], 0, isCumulative: false));

    // Answers each request until the listener is stopped. The whole head is read before the connection is closed: what is left unread makes
    // the system reset it, and the answer may be lost.
    private static async Task ServeAsync(TcpListener listener, string body)
    {
        var answer = Encoding.UTF8.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
                {
                    // A line of the head.
                }

                await stream.WriteAsync(answer, TestContext.Current.CancellationToken);
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // It has been stopped, or the client has given up.
        }
    }
}
