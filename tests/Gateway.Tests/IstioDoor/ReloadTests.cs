using System.Diagnostics;
using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>Changes of the mesh folder, at the Istio door.</summary>
public sealed class ReloadTests
{
    private static async Task UntilAsync(TestGateway gateway, string target, Func<RawResponse, bool> condition)
    {
        using var client = gateway.ConnectIstio();
        await UntilAsync(client, target, condition);
    }

    private static async Task UntilAsync(RawClient client, string target, Func<RawResponse, bool> condition)
    {
        for (var watch = Stopwatch.StartNew(); !condition(await client.GetAsync(target));)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"{target} has not changed.");
        }
    }

    [Fact]
    public async Task A_rule_acts_at_the_next_request_and_requests_under_way_end_as_they_began()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start(async (request, connection) =>
        {
            if (request.Target == "/slow")
            {
                arrived.TrySetResult();
                await release.Task;
            }

            await connection.RespondAsync(request.Target);
        });
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("headers: { response: { set: { x-rule: one } } }", "", upstream.Port));
        var slow = gateway.GetIstioAsync("/slow");
        await arrived.Task;
        gateway.Folder.Replace("mesh.yaml", IstioDocuments.Mesh("headers: { response: { set: { x-rule: two } } }", "", upstream.Port));
        await UntilAsync(gateway, "/quick", response => response.Header("x-rule") == "two");
        release.SetResult();
        Assert.Equal(("/slow", "one"), await slow is { } response ? (response.Body, response.Header("x-rule")) : default);
    }

    [Fact]
    public async Task Documents_that_Istio_would_reject_leave_all_as_it_is()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("rewrite: { uri: /one }", "", upstream.Port));
        gateway.Folder.Replace("mesh.yaml", IstioDocuments.Mesh("rewrite: { uri: /two }, timeout: -1s", "", upstream.Port));
        gateway.Folder.Write("other.yaml", Documents.Service("other"));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("a /onex", (await gateway.GetIstioAsync("/x")).Body);
        }

        gateway.Folder.Replace("mesh.yaml", IstioDocuments.Mesh("rewrite: { uri: /three }", "", upstream.Port));
        await UntilAsync(gateway, "/x", response => response.Body == "a /threex");
    }

    [Fact]
    public async Task Ejections_and_connections_outlive_a_reload()
    {
        var connections = new System.Collections.Concurrent.ConcurrentDictionary<RawConnection, bool>();
        await using var bad = RawUpstream.Start((_, connection) => connection.RespondAsync("", status: "500 x"));
        await using var good = RawUpstream.Start((request, connection) =>
        {
            connections[connection] = true;
            return connection.RespondAsync($"good {request.Target}");
        });
        string Mesh(string rewrite) => IstioDocuments.Mesh(
            $"retries: {{ attempts: 0 }}, rewrite: {{ uri: {rewrite} }}",
            "loadBalancer: { simple: ROUND_ROBIN }, outlierDetection: { consecutive5xxErrors: 1, baseEjectionTime: 1h, maxEjectionPercent: 100 }",
            bad.Port, good.Port);
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("/one"));
        using var client = gateway.ConnectIstio();
        for (var i = 0; i < 6; i++)
        {
            await client.GetAsync("/x");
        }

        gateway.Folder.Replace("mesh.yaml", Mesh("/two"));

        // By the same client: another one's request may come before the upstream's connection is free again.
        await UntilAsync(client, "/x", response => response.Body == "good /twox");
        Assert.Single(bad.Requests);
        Assert.Single(connections);
    }

    [Fact]
    public async Task Reloads_under_load_lose_no_request()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var c = RawUpstream.Echo("c");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", a.Port, b.Port));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var load = Enumerable.Range(0, 8).Select(async _ =>
        {
            using var client = gateway.ConnectIstio();
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                Assert.Equal(200, (await client.GetAsync("/ping")).Status);
            }

            return count;
        }).ToArray();
        int[][] endpoints = [[a.Port, b.Port], [b.Port, c.Port], [a.Port, b.Port, c.Port], [c.Port]];
        foreach (var (round, ports) in endpoints.Concat(endpoints).Index())
        {
            gateway.Folder.Replace("mesh.yaml", IstioDocuments.Mesh(
                $"headers: {{ response: {{ set: {{ x-round: 'r{round}' }} }} }}",
                round % 2 == 0 ? "" : "loadBalancer: { simple: RANDOM }", ports));
            await UntilAsync(gateway, "/ping", response => response.Header("x-round") == $"r{round}");
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), count => Assert.True(count > 0));
    }

    [Fact]
    public async Task Both_doors_answer_side_by_side_each_by_its_own_rules()
    {
        await using var a = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(Documents.Join(
            Documents.Seed(a.Port),
            IstioDocuments.Gateway,
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: gin-demo }
            spec:
              hosts: ['*']
              gateways: [gateway]
              http:
              - match: [{ uri: { prefix: /api/v1 } }]
                rewrite: { uri: / }
                route: [{ destination: { host: gin-demo } }]

            """));
        Assert.Equal("a /ping", (await gateway.GetAsync("/api/v1/ping")).Body);
        Assert.Equal("a //ping", (await gateway.GetIstioAsync("/api/v1/ping")).Body);
        Assert.Equal((404, null),
            await gateway.GetAsync("/api/v1ping") is { } ingress ? (ingress.Status, ingress.Header("server")) : default);
        Assert.Equal("a /ping", (await gateway.GetIstioAsync("/api/v1ping")).Body);
    }
}
