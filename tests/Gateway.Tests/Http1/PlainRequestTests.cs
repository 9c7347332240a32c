using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Listening;
using Gateway.Tests.IstioDoor;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Http1;

/// <summary>
/// Plain requests are served on a way of their own; nobody may notice. A connection that has sent a body before is Kestrel's, so that the
/// same request can be sent both ways.
/// </summary>
public sealed partial class PlainRequestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<TestGateway> StartAsync(int port, Action<WebApplicationBuilder>? configure = null) => TestGateway.StartAsync(
        Documents.Join(Documents.Seed(port), IstioDocuments.Gateway, IstioDocuments.VirtualService("").Replace("host: ping", "host: gin-demo")),
        configure,
        doors: new DoorOptions { IstioDoors = [new(null, "http://127.0.0.1:0")] });

    private static RawClient Connect(TestGateway gateway, string door) => door == "ingress" ? gateway.Connect() : gateway.ConnectIstio();

    private static string Target(string door) => door == "ingress" ? "/api/v1/ping" : "/ping";

    /// <summary>What differs from one request to the next anyway: of a trace the span, which is the gateway's own.</summary>
    [GeneratedRegex("(?im)(?<=^(date|x-request-id|x-envoy-upstream-service-time): ).*$|(?<=^traceparent: 00-[0-9a-f]{32}-)(?!b7ad6b7169203331)[0-9a-f]{16}")]
    private static partial Regex Changing();

    /// <summary>A head without that, with its headers in order: Kestrel has its own, and its own spelling of names it knows.</summary>
    private static string Settled(string head) => string.Join('\n', Changing().Replace(head.Replace("\r", ""), "-")
        .Split('\n').Select((line, index) => index == 0 ? line : Lower(line)).Order(StringComparer.Ordinal)).Trim();

    private static string Lower(string line) => line.IndexOf(':') is var colon and > 0 ? line[..colon].ToLowerInvariant() + line[colon..] : line;

    public static TheoryData<string, string, string, string> Exchanges()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var door in new[] { "ingress", "istio" })
        {
            foreach (var (headers, response) in new[]
            {
                ("", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nX-B: 1\r\nX-B: 2\r\n\r\nhi"),
                ("X-Forwarded-For: 1.2.3.4\r\nX-Request-ID: mine\r\nAccept: */*\r\nUser-Agent: t\r\n", "HTTP/1.1 418 Short and stout\r\nContent-Length: 0\r\n\r\n"),
                ("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
                ("x_under: score\r\nX-Empty:\r\n", "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"),
                ("If-None-Match: a\r\n", "HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n"),
                ("Connection: keep-alive\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: then\r\nServer: mine\r\n\r\nhi"),
                ("Cookie: a=1; b=2\r\n", "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                ("Referer: nowhere\r\n", "HTTP/1.1 200 OK\r\nX-A: b\u0001c\r\nContent-Length: 0\r\n\r\n"),
                ("Proxy: p\r\n", "HTTP/1.1 200 OK\r\nX(A): b\r\nContent-Length: 0\r\n\r\n"),
                ("Keep-Alive: 5\r\n", "HTTP/1.1 2x0 OK\r\n\r\n"),
                ("x-envoy-retry-on: 5xx\r\nx-envoy-internal: true\r\n", $"HTTP/1.1 200 OK\r\nX-A: {new string('a', 5000)}\r\nContent-Length: 0\r\n\r\n"),
            })
            {
                data.Add(door, "GET", headers, response);
                data.Add(door, "HEAD", headers, Regex.Replace(response, "(?s)(?<=(?<!Continue)\r\n\r\n)[^H].*$", ""));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task An_exchange_is_the_same_on_both_ways(string door, string method, string headers, string response)
    {
        await using var upstream = RawUpstream.Start((request, connection) =>
            request.Method == "POST" ? connection.RespondAsync("posted") : connection.SendAsync(response));
        await using var gateway = await StartAsync(upstream.Port);
        var request = $"{method} {Target(door)}?a=b HTTP/1.1\r\nHost: h.example:80\r\n{headers}\r\n";

        using var plain = Connect(gateway, door);
        var ours = await SendAsync(plain, request);
        var seenOurs = upstream.Requests.ToArray();
        upstream.Requests.Clear();

        using var other = Connect(gateway, door);
        Assert.Equal("posted", (await other.SendAsync($"POST {Target(door)} HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")).Body);
        var kestrels = await SendAsync(other, request);
        var seenKestrels = upstream.Requests.Skip(1).ToArray();

        Assert.Equal(kestrels, ours);
        Assert.NotEmpty(seenOurs);
        Assert.Equal(seenKestrels.Select(seen => Settled(seen.Head)), seenOurs.Select(seen => Settled(seen.Head)));
    }

    /// <summary>The same again and again, because connections remember what they have seen before.</summary>
    private static async Task<List<(string Head, string Body)>> SendAsync(RawClient client, string request)
    {
        var responses = new List<(string Head, string Body)>();
        for (var i = 0; i < 4; i++)
        {
            var response = await client.SendAsync(request);
            responses.Add((Settled(response.Head), response.Body));
        }

        return responses;
    }

    [Theory]
    [InlineData("ingress")]
    [InlineData("istio")]
    public async Task Requests_that_come_at_once_are_answered_one_after_the_other(string door)
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(upstream.Port);
        using var client = Connect(gateway, door);
        await client.ConnectAsync();
        var target = Target(door);
        await client.WriteAsync(string.Concat(
            $"GET {target}?1 HTTP/1.1\r\nHost: h\r\n\r\n", $"GET {target}?2 HTTP/1.1\r\nHost: h\r\n\r\n",
            $"POST {target}?3 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", $"GET {target}?4 HTTP/1.1\r\nHost: h\r\n\r\n"));
        foreach (var number in new[] { "?1", "?2", "?3", "?4" })
        {
            Assert.EndsWith(number, (await client.ReadAsync())!.Body);
        }
    }

    [Theory]
    [InlineData("ingress")]
    [InlineData("istio")]
    public async Task A_head_that_comes_in_pieces_is_one_head(string door)
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await StartAsync(upstream.Port);
        using var client = Connect(gateway, door);
        await client.ConnectAsync();
        foreach (var piece in $"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n".Chunk(5))
        {
            await client.WriteAsync(new string(piece));
        }

        Assert.Equal(200, (await client.ReadAsync())!.Status);
        Assert.Equal(200, (await client.SendAsync($"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("ingress", "Content-Length: 10\r\n\r\nhalf")]
    [InlineData("istio", "Content-Length: 10\r\n\r\nhalf")]
    [InlineData("ingress", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("istio", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    public async Task A_response_that_breaks_off_breaks_the_connection_off(string door, string rest)
    {
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.SendAsync($"HTTP/1.1 200 OK\r\n{rest}");
            connection.Socket.Shutdown(SocketShutdown.Send);
        });
        await using var gateway = await StartAsync(upstream.Port);
        using var client = Connect(gateway, door);
        await client.ConnectAsync();
        await client.WriteAsync($"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n");
        var failure = await Record.ExceptionAsync(async () => await client.ReadAsync());
        Assert.True(failure is IOException or SocketException, $"{failure}");
    }

    [Theory]
    [InlineData("ingress")]
    [InlineData("istio")]
    public async Task A_client_that_leaves_ends_its_request_at_the_endpoint(string door)
    {
        var (arrived, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = RawUpstream.StartRaw(async connection =>
        {
            await connection.ReadHeadAsync();
            arrived.TrySetResult();
            try
            {
                Assert.Equal(0, await connection.ReceiveAsync(new byte[1]));
            }
            catch (SocketException)
            {
                // Reset, which says the same.
            }

            left.TrySetResult();
        });
        await using var gateway = await StartAsync(upstream.Port);
        using (var client = Connect(gateway, door))
        {
            await client.ConnectAsync();
            await client.WriteAsync($"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n");
            await arrived.Task.WaitAsync(Cancellation);
        }

        await left.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
    }

    [Theory]
    [InlineData("ingress")]
    [InlineData("istio")]
    public async Task When_the_gateway_stops_requests_end_and_connections_close(string door)
    {
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = RawUpstream.Start(async (request, connection) =>
        {
            if (request.Target.EndsWith("slow", StringComparison.Ordinal))
            {
                arrived.TrySetResult();
                await answer.Task;
            }

            await connection.RespondAsync("pong");
        });
        await using var gateway = await StartAsync(upstream.Port);
        using var idle = Connect(gateway, door);
        Assert.Equal("pong", (await idle.SendAsync($"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n")).Body);
        using var busy = Connect(gateway, door);
        await busy.ConnectAsync();
        await busy.WriteAsync($"GET {Target(door)}?slow HTTP/1.1\r\nHost: h\r\n\r\n");
        await arrived.Task.WaitAsync(Cancellation);

        var stopping = gateway.StopAsync();
        Assert.Null(await idle.ReadAsync());
        answer.SetResult();
        var last = await busy.ReadAsync();
        Assert.Equal(("pong", "close"), (last!.Body, last.Header("Connection")));
        await stopping;
    }

    [Theory]
    [InlineData("ingress")]
    [InlineData("istio")]
    public async Task A_middleware_sees_the_response_and_can_change_it(string door)
    {
        await using var upstream = RawUpstream.Echo("pong");
        await using var gateway = await StartAsync(upstream.Port, builder => builder.Services.AddSingleton<IStartupFilter, Louder>());
        using var client = Connect(gateway, door);
        for (var i = 0; i < 2; i++)
        {
            var response = await client.SendAsync($"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal(("PONG /PING", "yes"), (response.Body, response.Header("x-louder")));
        }
    }

    /// <summary>A middleware that replaces the body of the response, and waits for its head.</summary>
    private sealed class Louder : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(InvokeAsync);
            next(app);
        };

        private static async Task InvokeAsync(HttpContext context, RequestDelegate next)
        {
            var (body, quiet) = (context.Response.Body, new MemoryStream());
            context.Response.Body = quiet;
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["x-louder"] = "yes";
                return Task.CompletedTask;
            });
            await next(context);
            await context.Response.BodyWriter.FlushAsync(Cancellation);
            context.Response.Body = body;
            await body.WriteAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(quiet.ToArray()).ToUpperInvariant()), Cancellation);
        }
    }

    [Fact]
    public async Task A_large_response_passes_as_it_comes_to_a_client_that_is_slow()
    {
        var body = string.Concat(Enumerable.Range(0, 300_000).Select(number => $"{number:D7} "));
        await using var upstream = RawUpstream.Start((_, connection) => connection.RespondAsync(body));
        await using var gateway = await StartAsync(upstream.Port);
        foreach (var door in new[] { "ingress", "istio" })
        {
            using var client = Connect(gateway, door);
            Assert.Equal(body, (await client.SendAsync($"GET {Target(door)} HTTP/1.1\r\nHost: h\r\n\r\n")).Body);
        }
    }
}
