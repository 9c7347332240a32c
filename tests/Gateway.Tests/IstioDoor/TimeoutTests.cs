using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>Timeouts of routes and attempts, in virtual time.</summary>
public sealed class TimeoutTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new();

    private static RawUpstream Silent() => RawUpstream.Start((_, connection) => Task.Delay(Timeout.Infinite, connection.Stop));

    /// <summary>Waits for a request at an endpoint: its timers run by then.</summary>
    private static Task ArrivedAsync(RawUpstream upstream, int requests) =>
        TestGateway.UntilAsync(() => upstream.Requests.Count >= requests);

    [Fact]
    public async Task A_routes_timeout_is_504_UT()
    {
        await using var silent = Silent();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("timeout: 2s", "", silent.Port), _time);
        var answer = gateway.GetIstioAsync("/ping");
        await ArrivedAsync(silent, 1);
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromMilliseconds(1));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var response = await answer;
        Assert.Equal((504, "upstream request timeout"), (response.Status, response.Body));
        Assert.Equal("2000", Assert.Single(silent.Requests).Header("x-envoy-expected-rq-timeout-ms"));
    }

    [Fact]
    public async Task An_attempts_timeout_is_repeated_where_retryOn_says_so_and_the_routes_ends_it()
    {
        await using var silent = Silent();
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("timeout: 60s, retries: { attempts: 2, perTryTimeout: 5s, retryOn: 5xx }", "", silent.Port), _time);
        var answer = gateway.GetIstioAsync("/ping");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            // The back-off before it is some hundredths of a second.
            await _time.PassUntilAsync(ArrivedAsync(silent, attempt), TimeSpan.FromMilliseconds(25));
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        var response = await answer;
        Assert.Equal((504, "upstream request timeout"), (response.Status, response.Body));
        Assert.Equal(3, silent.Requests.Count);
        Assert.All(silent.Requests, request => Assert.Equal("5000", request.Header("x-envoy-expected-rq-timeout-ms")));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    public async Task The_routes_time_runs_from_the_end_of_a_request_on_though_it_has_no_connection(string protocol)
    {
        await using var held = await HeldAsync(protocol, "timeout: 1500ms");
        var quick = held.SendAsync("/quick", new string('x', 100_000));
        await held.WaitingAsync();
        using var late = await _time.PassUntilAsync(quick, Step);
        Assert.Equal("upstream request timeout", await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(504, (int)late.StatusCode);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    public async Task An_attempts_time_begins_when_it_has_its_connection(string protocol)
    {
        await using var held = await HeldAsync(protocol, "retries: { attempts: 1, perTryTimeout: 1s, retryOn: 5xx }");
        var quick = held.SendAsync("/quick", "body");
        await held.WaitingAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        held.Release();
        using var response = await quick;
        Assert.Equal((200, "body 1"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData("timeout: 2s", 2)]
    [InlineData("timeout: 60s, retries: { attempts: 1, perTryTimeout: 2s }", 2)]
    public async Task The_answer_to_an_upgrade_has_the_routes_time_and_the_attempts(string rules, int seconds)
    {
        await using var silent = Silent();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(rules, "", silent.Port), _time);
        var answer = gateway.GetIstioAsync("/socket", headers: "Connection: Upgrade\r\nUpgrade: websocket\r\n");
        await ArrivedAsync(silent, 1);
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(504, (await answer).Status);
    }

    [Fact]
    public async Task A_WebSocket_may_last_for_longer_than_the_routes_time()
    {
        await using var upstream = StreamingUpstreams.WebSocketEcho();
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("timeout: 2s, retries: { attempts: 1, perTryTimeout: 1s }", "", upstream.Port), _time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("GET /socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101", await client.Reader.ReadHeadAsync());
        _time.Advance(TimeSpan.FromSeconds(10));
        await client.WriteAsync("one");
        Assert.Equal("echo one", Encoding.Latin1.GetString(await client.Reader.ReadExactlyAsync(8)));
    }

    [Fact]
    public async Task An_attempts_timeout_is_not_repeated_by_default()
    {
        await using var silent = Silent();
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("retries: { attempts: 2, perTryTimeout: 5s }", "", silent.Port), _time);
        var answer = gateway.GetIstioAsync("/ping");
        await ArrivedAsync(silent, 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(504, (await answer).Status);
        Assert.Single(silent.Requests);
    }

    [Fact]
    public async Task The_routes_timeout_includes_retries_and_their_back_off()
    {
        await using var bad = RawUpstream.Start((_, connection) => connection.RespondAsync("", status: "503 x"));
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("timeout: 3s, retries: { attempts: 100, retryOn: '503', backoff: 10s }", "", bad.Port), _time);
        var answer = gateway.GetIstioAsync("/ping");
        await ArrivedAsync(bad, 1);
        var before = _time.GetUtcNow();
        var response = await _time.PassUntilAsync(answer, Step, most: TimeSpan.FromSeconds(3));
        Assert.Equal((504, "upstream request timeout"), (response.Status, response.Body));
        Assert.Equal(TimeSpan.FromSeconds(3), _time.GetUtcNow() - before);
        Assert.InRange(bad.Requests.Count, 1, 10);
    }

    [Fact]
    public async Task Without_a_timeout_a_request_may_take_for_ever()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = RawUpstream.Start(async (_, connection) =>
        {
            arrived.TrySetResult();
            await release.Task;
            await connection.RespondAsync("late");
        });
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", slow.Port), _time);
        using var client = gateway.ConnectIstio();
        var answer = client.GetAsync("/ping");
        await arrived.Task;
        for (var hours = 0; hours < 10; hours++)
        {
            _time.Advance(TimeSpan.FromHours(1));
        }

        release.SetResult();
        Assert.Equal("late", (await answer).Body);
    }

    [Fact]
    public async Task The_routes_timeout_begins_when_the_whole_request_is_there()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("timeout: 2s", "", upstream.Port), _time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello");
        await TestGateway.UntilAsync(() => gateway.Snapshot.Proxies.Clusters.SelectMany(pair => pair.Clusters.All)
            .SelectMany(cluster => cluster.Hosts).Any(host => host.ActiveRequests > 0));
        _time.Advance(TimeSpan.FromMinutes(1));
        await client.WriteAsync("world");
        Assert.Equal(200, (await client.ReadAsync())!.Status);
        Assert.Equal("helloworld", Assert.Single(upstream.Requests).BodyText);
    }

    [Fact]
    public async Task A_timeout_within_the_response_breaks_it_off()
    {
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("timeout: 2s", "", upstream.Port), _time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("GET /ping HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("200 OK", await client.Reader.ReadHeadAsync());
        Assert.Equal("only this", Encoding.Latin1.GetString(await client.Reader.ReadExactlyAsync(9)));
        var end = await Record.ExceptionAsync(() => _time.PassUntilAsync(client.Reader.ReadExactlyAsync(1), Step));
        Assert.True(end is IOException or SocketException, $"{end}");
    }

    [Fact]
    public async Task A_timeout_of_one_request_does_not_touch_the_next_on_the_same_connection()
    {
        await using var upstream = RawUpstream.Start((request, connection) => request.Target == "/slow"
            ? Task.Delay(Timeout.Infinite, connection.Stop) : connection.RespondAsync("quick"));
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("timeout: 2s", "", upstream.Port), _time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("quick", (await client.GetAsync("/quick")).Body);
            _time.Advance(TimeSpan.FromSeconds(1.5));
            Assert.Equal("quick", (await client.GetAsync("/quick")).Body);
            Assert.Equal(504, (await _time.PassUntilAsync(client.GetAsync("/slow"), Step)).Status);
        }
    }

    /// <summary>A gateway that may make one connection to its upstream, which is taken: the next request waits for it.</summary>
    private async Task<TakenConnection> HeldAsync(string protocol, string rules)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var upstream = await Http2Server.StartAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var body = await reader.ReadToEndAsync(context.RequestAborted);
                await (context.Request.Path == "/held" ? release.Task : Task.CompletedTask);
                await context.Response.WriteAsync($"{body} {context.Request.Headers["x-envoy-attempt-count"]}", context.RequestAborted);
            },
            protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        var mesh = Documents.Join(
            IstioDocuments.Mesh($"match: [{{ uri: {{ prefix: /quick }} }}], {rules}", "", upstream.Port),
            IstioDocuments.VirtualService("match: [{ uri: { prefix: /held } }]").Replace("name: ping }", "name: held }"),
            IstioDocuments.DestinationRule("connectionPool: { tcp: { maxConnections: 1 }, http: { maxConcurrentStreams: 1 } }"));
        var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Speaking(protocol, mesh), _time);
        var held = new TakenConnection(gateway, upstream, release);
        _ = held.SendAsync("/held", "");
        await TestGateway.UntilAsync(() => !upstream.Requests.IsEmpty);
        return held;
    }

    private sealed class TakenConnection(TestGateway gateway, Http2Server upstream, TaskCompletionSource release) : IAsyncDisposable
    {
        private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };

        public Task<HttpResponseMessage> SendAsync(string path, string body) => _client.PostAsync(
            new Uri($"http://127.0.0.1:{gateway.IstioPort}{path}"), new StringContent(body), TestContext.Current.CancellationToken);

        public Task WaitingAsync() => TestGateway.UntilAsync(
            () => Assert.Single(gateway.Snapshot.Proxies.Clusters[0].Clusters.All).Limits.PendingRequests.Count == 1);

        public void Release() => release.TrySetResult();

        public async ValueTask DisposeAsync()
        {
            Release();
            await gateway.DisposeAsync();
            await upstream.DisposeAsync();
            _client.Dispose();
        }
    }
}
