using System.Net;
using System.Text;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>HTTP/2 and gRPC, from the client and to upstreams whose port says so.</summary>
public sealed class Http2Tests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static HttpClient Client(TestGateway gateway) => new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{gateway.IstioPort}"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static string Mesh(string rules, int port, string protocol = "grpc") =>
        IstioDocuments.Speaking(protocol, IstioDocuments.Mesh(rules, "", port));

    private static HttpRequestMessage Call(string path, HttpContent content, params (string Name, string Value)[] headers)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Content.Headers.ContentType = new("application/grpc");
        message.Headers.TE.Add(new("trailers"));
        foreach (var (name, value) in headers)
        {
            message.Headers.Add(name, value);
        }

        return message;
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http2")]
    public async Task A_port_that_says_so_is_spoken_to_in_HTTP_2(string protocol)
    {
        await using var upstream = await Http2Server.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(
                $"{context.Request.Host} {context.Request.Headers["x-envoy-attempt-count"]} {await reader.ReadToEndAsync(Cancellation)}",
                Cancellation);
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port, protocol));
        using var http1 = gateway.ConnectIstio();
        var response = await http1.SendAsync("POST /a?b HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n\r\nbody");
        Assert.Equal("example.com 1 body", response.Body);
        using var client = Client(gateway);
        Assert.Equal($"127.0.0.1:{gateway.IstioPort} 1 ", await client.GetStringAsync(new Uri("/b", UriKind.Relative), Cancellation));
        Assert.Equal(["HTTP/2 POST /a", "HTTP/2 GET /b"], upstream.Requests);
    }

    [Fact]
    public async Task A_call_streams_both_ways_and_ends_with_trailers()
    {
        await using var upstream = await Http2Server.StartAsync(async context =>
        {
            Assert.Equal("trailers", context.Request.Headers.TE.ToString());
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync(Cancellation);
            var buffer = new byte[3];
            for (var i = 0; i < 3; i++)
            {
                await context.Request.Body.ReadExactlyAsync(buffer, Cancellation);
                await context.Response.Body.WriteAsync(buffer, Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
            }

            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port));
        using var client = Client(gateway);
        var content = new Dialogue();
        using var response = await client.SendAsync(Call("/echo", content), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var answer = await response.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[3];
        foreach (var word in new[] { "one", "two", "six" })
        {
            await content.WriteAsync(Encoding.ASCII.GetBytes(word));
            await answer.ReadExactlyAsync(buffer, Cancellation);
            Assert.Equal(word, Encoding.ASCII.GetString(buffer));
        }

        content.End();
        Assert.Equal(0, await answer.ReadAsync(buffer, Cancellation));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task A_response_of_trailers_only_passes_and_is_repeated_by_its_status()
    {
        var time = new FakeTimeProvider();
        await using var upstream = await Http2Server.StartAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = context.Request.Headers["x-envoy-attempt-count"] == "3" ? "5" : "14";
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port), time);
        using var client = Client(gateway);
        using var response = await time.PassUntilAsync(
            client.SendAsync(Call("/x", new ByteArrayContent([1, 2, 3])), Cancellation), TimeSpan.FromMilliseconds(250));
        Assert.Equal("5", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(3, upstream.Requests.Count);
    }

    [Fact]
    public async Task A_call_has_the_time_that_it_asks_for_unless_the_route_gives_less()
    {
        var time = new FakeTimeProvider();
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Http2Server.StartAsync(async context =>
        {
            seen.TrySetResult(context.Request.Headers["grpc-timeout"].ToString());
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("timeout: 5s", upstream.Port), time);
        using var client = Client(gateway);
        var call = client.SendAsync(Call("/x", new ByteArrayContent([]), ("grpc-timeout", "20S")), Cancellation);
        Assert.Equal("5000m", await seen.Task);
        using var response = await time.PassUntilAsync(call, TimeSpan.FromSeconds(1));
        Assert.Equal(("14", "upstream%20request%20timeout"), (response.Headers.GetValues("grpc-status").Single(),
            Uri.EscapeDataString(response.Headers.GetValues("grpc-message").Single())));
    }

    [Fact]
    public async Task A_refused_stream_and_a_reset_are_told_apart()
    {
        var time = new FakeTimeProvider();
        await using var upstream = await Http2Server.StartAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(context.Request.Path == "/refused" ? 7 : 8);
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port), time);
        using var client = Client(gateway);
        using var reset = await client.GetAsync(new Uri("/reset", UriKind.Relative), Cancellation);
        Assert.Equal("upstream connect error or disconnect/reset before headers. reset reason: remote reset",
            await reset.Content.ReadAsStringAsync(Cancellation));
        Assert.Single(upstream.Requests);
        using var refused = await time.PassUntilAsync(
            client.GetAsync(new Uri("/refused", UriKind.Relative), Cancellation), TimeSpan.FromMilliseconds(250));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(
            "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote refused stream reset",
            await refused.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task An_upstream_that_cannot_be_reached_is_503_UF()
    {
        var time = new FakeTimeProvider();
        using var dead = new DeadPort();
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", dead.Number), time);
        using var client = Client(gateway);
        using var response = await time.PassUntilAsync(
            client.GetAsync(new Uri("/x", UriKind.Relative), Cancellation), TimeSpan.FromMilliseconds(250));
        Assert.Equal(
            "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, "
                + "transport failure reason: delayed connect error: Connection refused",
            await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_gives_its_place_to_the_next()
    {
        using var dead = new DeadPort();
        await using var gateway = await TestGateway.StartIstioAsync(Documents.Join(
            Mesh("retries: { attempts: 0 }", dead.Number),
            IstioDocuments.DestinationRule("connectionPool: { tcp: { maxConnections: 1 }, http: { maxConcurrentStreams: 1 } }")));
        using var client = Client(gateway);
        var requests = Enumerable.Range(0, 5).Select(_ => client.GetAsync(new Uri("/x", UriKind.Relative), Cancellation));
        foreach (var response in await Task.WhenAll(requests))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Contains("Connection refused", await response.Content.ReadAsStringAsync(Cancellation));
            response.Dispose();
        }

        var limits = Assert.Single(gateway.Snapshot.Proxies.Clusters[0].Clusters.All).Limits;
        await TestGateway.UntilAsync(() => (limits.Connections.Count, limits.PendingRequests.Count, limits.Requests.Count) == (0, 0, 0));
    }

    [Fact]
    public async Task A_connection_that_the_upstream_closes_is_made_again()
    {
        await using var upstream = await Http2Server.StartAsync(context =>
        {
            context.Response.Headers["x-connection"] = context.Connection.Id;
            if (context.Request.Path == "/last")
            {
                context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
            }

            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartIstioAsync(Documents.Join(
            Mesh("", upstream.Port),
            IstioDocuments.DestinationRule("connectionPool: { tcp: { maxConnections: 1 }, http: { maxConcurrentStreams: 1 } }")));
        using var client = Client(gateway);
        var limits = Assert.Single(gateway.Snapshot.Proxies.Clusters[0].Clusters.All).Limits;
        var seen = new List<string>();
        foreach (var path in new[] { "/first", "/last", "/next", "/next" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            seen.Add(response.Headers.GetValues("x-connection").Single());
            await TestGateway.UntilAsync(() => limits.Connections.Count == (path == "/last" ? 0 : 1));
        }

        Assert.Equal((seen[0], seen[2]), (seen[1], seen[3]));
        Assert.NotEqual(seen[1], seen[2]);
    }

    [Fact]
    public async Task The_time_of_a_route_runs_while_a_request_waits_for_a_stream()
    {
        var time = new FakeTimeProvider();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Http2Server.StartAsync(_ => release.Task);
        await using var gateway = await TestGateway.StartIstioAsync(
            Documents.Join(
                Mesh("match: [{ uri: { prefix: /quick } }], timeout: 1500ms", upstream.Port),
                IstioDocuments.VirtualService("match: [{ uri: { prefix: /held } }]").Replace("name: ping }", "name: held }"),
                IstioDocuments.DestinationRule("connectionPool: { tcp: { maxConnections: 1 }, http: { maxConcurrentStreams: 1 } }")),
            time);
        using var client = Client(gateway);
        var held = client.GetAsync(new Uri("/held", UriKind.Relative), Cancellation);
        await TestGateway.UntilAsync(() => !upstream.Requests.IsEmpty);
        var quick = client.GetAsync(new Uri("/quick", UriKind.Relative), Cancellation);
        var limits = Assert.Single(gateway.Snapshot.Proxies.Clusters[0].Clusters.All).Limits;
        await TestGateway.UntilAsync(() => limits.PendingRequests.Count == 1);
        time.Advance(TimeSpan.FromMilliseconds(1500));
        using var late = await quick;
        Assert.Equal("upstream request timeout", await late.Content.ReadAsStringAsync(Cancellation));
        release.SetResult();
        using var response = await held;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["HTTP/2 GET /held"], upstream.Requests);
    }
}
