using System.Text.Json;
using Gateway.Listening;
using Gateway.Tests.IstioDoor;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Admin;

/// <summary>The administration on loopback.</summary>
public sealed class AdminTests
{
    private static Task<TestGateway> StartAsync(string yaml, TimeProvider? time = null) =>
        TestGateway.StartAsync(yaml, time: time, doors: new DoorOptions
        {
            IstioDoors = [new(null, "http://127.0.0.1:0")],
            Admin = "http://127.0.0.1:0",
        });

    private static async Task<RawResponse> GetAsync(TestGateway gateway, string target)
    {
        using var client = new RawClient(gateway.PortOf("admin"), TestContext.Current.CancellationToken);
        return await client.GetAsync(target);
    }

    [Fact]
    public async Task It_is_ready_and_says_what_it_is()
    {
        await using var gateway = await StartAsync(IstioDocuments.Mesh("", ""));
        Assert.Equal((200, "LIVE\n"), await GetAsync(gateway, "/ready") is { } ready ? (ready.Status, ready.Body) : default);
        using var info = JsonDocument.Parse((await GetAsync(gateway, "/server_info")).Body);
        Assert.Equal("LIVE", info.RootElement.GetProperty("state").GetString());
        Assert.Equal(404, (await GetAsync(gateway, "/nothing")).Status);
        Assert.Contains("/config_dump", (await GetAsync(gateway, "/")).Body);
        using var client = new RawClient(gateway.PortOf("admin"), TestContext.Current.CancellationToken);
        Assert.Equal(405, (await client.SendAsync("POST /ready HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")).Status);
    }

    [Fact]
    public async Task The_clusters_show_health_ejections_and_counts()
    {
        var time = new FakeTimeProvider();
        await using var bad = RawUpstream.Start((_, connection) => connection.RespondAsync("", status: "500 x"));
        await using var good = RawUpstream.Echo("good");
        await using var gateway = await StartAsync(IstioDocuments.Mesh(
            "retries: { attempts: 0 }",
            "loadBalancer: { simple: ROUND_ROBIN }, outlierDetection: { consecutive5xxErrors: 1, baseEjectionTime: 30s, maxEjectionPercent: 100 }",
            bad.Port, good.Port), time);
        for (var i = 0; i < 5; i++)
        {
            await gateway.GetIstioAsync("/");
        }

        await gateway.UntilIdleAsync();
        time.Advance(TimeSpan.FromSeconds(5));
        using var report = JsonDocument.Parse((await GetAsync(gateway, "/clusters?format=json")).Body);
        var cluster = Assert.Single(report.RootElement.GetProperty("cluster_statuses").EnumerateArray().ToArray());
        Assert.Equal("outbound|8080||ping.default.svc.cluster.local", cluster.GetProperty("name").GetString());
        Assert.Equal(("gateway istio-system", "default/ping"),
            (cluster.GetProperty("proxy").GetString(), cluster.GetProperty("source").GetString()));
        var hosts = cluster.GetProperty("host_statuses").EnumerateArray().ToDictionary(host => host.GetProperty("address").GetString()!);
        var ejected = hosts[$"127.0.0.1:{bad.Port}"];
        Assert.Equal((true, 25.0, 1), (ejected.GetProperty("ejected").GetBoolean(), ejected.GetProperty("ejected_for_seconds").GetDouble(),
            ejected.GetProperty("rq_total").GetInt32()));
        var healthy = hosts[$"127.0.0.1:{good.Port}"];
        Assert.Equal((false, 4, 0), (healthy.GetProperty("ejected").GetBoolean(), healthy.GetProperty("rq_total").GetInt32(),
            healthy.GetProperty("rq_active").GetInt32()));
        var text = (await GetAsync(gateway, "/clusters")).Body;
        Assert.Contains($"outbound|8080||ping.default.svc.cluster.local::127.0.0.1:{bad.Port}::health_flags::/failed_outlier_check\n",
            text);
        Assert.Contains($"outbound|8080||ping.default.svc.cluster.local::127.0.0.1:{bad.Port}::ejected_for::25.0s\n", text);
        Assert.Contains($"outbound|8080||ping.default.svc.cluster.local::127.0.0.1:{good.Port}::health_flags::healthy\n", text);
    }

    [Fact]
    public async Task A_request_under_way_is_active_at_its_endpoint()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await release.Task;
            await connection.RespondAsync("done");
        });
        await using var gateway = await StartAsync(IstioDocuments.Mesh("", "", upstream.Port));
        var request = gateway.GetIstioAsync("/");
        await TestGateway.UntilAsync(() => !upstream.Requests.IsEmpty);
        using (var report = JsonDocument.Parse((await GetAsync(gateway, "/clusters?format=json")).Body))
        {
            var cluster = Assert.Single(report.RootElement.GetProperty("cluster_statuses").EnumerateArray().ToArray());
            Assert.Equal(1, cluster.GetProperty("circuit_breakers").GetProperty("active_requests").GetInt32());
            Assert.Equal(1, cluster.GetProperty("host_statuses")[0].GetProperty("rq_active").GetInt32());
        }

        Assert.Contains($"::127.0.0.1:{upstream.Port}::rq_active::1\n", (await GetAsync(gateway, "/clusters")).Body);
        Assert.Contains(".upstream_rq_active: 1\n", (await GetAsync(gateway, "/stats")).Body);
        release.SetResult();
        Assert.Equal("done", (await request).Body);
        var host = gateway.Snapshot.Proxies.Clusters[0].Clusters.All.Single().Hosts.Single();
        await TestGateway.UntilAsync(() => host.ActiveRequests == 0);
        Assert.Contains($"::127.0.0.1:{upstream.Port}::rq_success::1\n", (await GetAsync(gateway, "/clusters")).Body);
    }

    [Fact]
    public async Task The_rate_limits_show_what_is_left_and_what_was_refused_at_each_place()
    {
        const string Limit = """
            apiVersion: networking.istio.io/v1alpha3
            kind: EnvoyFilter
            metadata: { name: limit }
            spec:
              workloadSelector: { labels: { app: ping } }
              configPatches:
              - applyTo: HTTP_FILTER
                match: { context: SIDECAR_INBOUND, listener: { filterChain: { filter: { name: envoy.filters.network.http_connection_manager } } } }
                patch:
                  operation: INSERT_BEFORE
                  value:
                    name: envoy.filters.http.local_ratelimit
                    typed_config:
                      '@type': type.googleapis.com/udpa.type.v1.TypedStruct
                      type_url: type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                      value:
                        stat_prefix: http_local_rate_limiter
                        token_bucket: { max_tokens: 3, tokens_per_fill: 3, fill_interval: 60s }
                        filter_enabled: { default_value: { numerator: 100, denominator: HUNDRED } }
                        filter_enforced: { default_value: { numerator: 100, denominator: HUNDRED } }

            """;
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(
            Documents.Join(IstioDocuments.Mesh("", "", upstream.Port), Limit), new FakeTimeProvider());
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(i < 3 ? 200 : 429, (await gateway.GetIstioAsync("/")).Status);
        }

        using var report = JsonDocument.Parse((await GetAsync(gateway, "/rate_limits")).Body);
        var limit = Assert.Single(report.RootElement.GetProperty("local_rate_limits").EnumerateArray().ToArray());
        Assert.EndsWith($":{upstream.Port}", limit.GetProperty("place").GetString());
        Assert.Equal(("default/limit", "60s"), (limit.GetProperty("source").GetString(), limit.GetProperty("fill_interval").GetString()));
        Assert.Equal(
            (3, 0, 5, 2, 2),
            (limit.GetProperty("max_tokens").GetInt32(), limit.GetProperty("remaining_tokens").GetInt32(),
                limit.GetProperty("enabled").GetInt32(),
                limit.GetProperty("rate_limited").GetInt32(), limit.GetProperty("enforced").GetInt32()));
    }

    [Fact]
    public async Task The_statistics_have_the_names_of_Envoy_and_Istio()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(IstioDocuments.Mesh("", "", upstream.Port));
        for (var i = 0; i < 3; i++)
        {
            await gateway.GetIstioAsync("/");
        }

        await gateway.UntilIdleAsync();
        string text;
        do
        {
            // The client has its answer a moment before the request is over.
            text = (await GetAsync(gateway, "/stats/prometheus")).Body;
        }
        while (!text.Contains(
            "response_code=\"200\",grpc_response_status=\"\",response_flags=\"-\",connection_security_policy=\"unknown\"} 3\n"));
        Assert.Contains("istio_requests_total{reporter=\"source\",source_workload=\"gateway\",source_canonical_service=\"gateway\"", text);
        Assert.Contains("destination_service=\"ping.default.svc.cluster.local\"", text);
        Assert.Contains("istio_requests_total{reporter=\"destination\",source_workload=\"gateway\"", text);
        Assert.Contains("envoy_cluster_upstream_rq_total{cluster_name=\"outbound|8080||ping.default.svc.cluster.local\"} 3\n", text);
        Assert.Contains("cluster.outbound|8080||ping.default.svc.cluster.local.upstream_rq_total: 3\n",
            (await GetAsync(gateway, "/stats")).Body);
    }

    [Fact]
    public async Task The_dump_shows_what_is_in_force_and_no_secret()
    {
        using var certificates = new TestCertificates();
        await using var upstream = RawUpstream.Echo("a");
        var secret = certificates.Secret("one", null, "one.example");
        await using var gateway = await StartAsync(Documents.Join(
            IstioDocuments.Mesh("match: [{ uri: { prefix: /api } }], timeout: 3s", "connectionPool: { tcp: { maxConnections: 7 } }",
                upstream.Port)
                .Replace("hosts: ['*'] }]", "hosts: ['*'] }, { port: { number: 443, name: https, protocol: HTTPS }, hosts: ['*'], "
                    + "tls: { mode: SIMPLE, credentialName: one } }]"),
            secret));
        var body = (await GetAsync(gateway, "/config_dump")).Body;
        using var dump = JsonDocument.Parse(body);
        var route = dump.RootElement.GetProperty("routes")[0].GetProperty("virtual_hosts")[0].GetProperty("routes")[0];
        Assert.Equal(("prefix /api", "3s"), (route.GetProperty("match").GetString(), route.GetProperty("timeout").GetString()));
        Assert.Contains("MaxConnections = 7", dump.RootElement.GetProperty("clusters")[0].GetProperty("circuit_breakers").GetString());
        Assert.Equal("istio-system/one", dump.RootElement.GetProperty("listeners")[1].GetProperty("secrets")[0].GetString());
        Assert.DoesNotContain("PRIVATE KEY", body);
    }
}
