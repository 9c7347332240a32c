using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace PingService.Tests;

public sealed class ApiTests : IClassFixture<SharedPing>
{
    private const string Instance = "ping-a1b2c";

    private readonly PingProcess _ping;

    public ApiTests(SharedPing shared) => _ping = shared.Process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ping_answers_the_date_and_the_instance_as_the_seed_does()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var response = await _ping.Client.GetAsync("/ping", Cancel);
        var body = await response.Content.ReadAsByteArrayAsync(Cancel);
        var after = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        Assert.Contains(Encoding.UTF8.GetString(body), Enumerable.Range(0, (int)(after - before) + 1)
            .Select(second => PingRepliesTests.Expected(DateTimeOffset.FromUnixTimeSeconds(before + second), Instance)));
    }

    [Fact]
    public async Task Head_answers_the_headers_of_get_and_nothing_else()
    {
        using var get = await _ping.Client.GetAsync("/ping", Cancel);

        var head = await SendRawAsync("HEAD /ping HTTP/1.1\r\nHost: ping\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {get.Content.Headers.ContentLength}\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json; charset=utf-8\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        Assert.Equal(head.Length - 4, head.IndexOf("\r\n\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/pong", 404)]
    [InlineData("GET", "/ping/more", 404)]
    [InlineData("DELETE", "/nowhere", 404)]
    [InlineData("POST", "/ping", 405, "GET, HEAD")]
    [InlineData("PUT", "/ping", 405, "GET, HEAD")]
    [InlineData("DELETE", "/ping", 405, "GET, HEAD")]
    [InlineData("PATCH", "/ping", 405, "GET, HEAD")]
    [InlineData("OPTIONS", "/ping", 405, "GET, HEAD")]
    [InlineData("POST", "/version", 405, "GET")]
    [InlineData("GET", "/test/throw", 500)]
    public async Task Errors_are_problem_details_whatever_the_client_accepts(string method, string path, int status, string? allow = null)
    {
        if (path == "/test/throw")
        {
            PingProcess.RequireHook();
        }

        foreach (var accept in new[] { null, "*/*", "application/json", "text/html", "image/png" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var response = await _ping.Client.SendAsync(request, Cancel);
            var body = await response.Content.ReadAsStringAsync(Cancel);

            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
            Assert.Equal(allow, response.Content.Headers.Allow is { Count: > 0 } methods ? string.Join(", ", methods) : null);
            Assert.Equal(status, JsonDocument.Parse(body).RootElement.GetProperty("status").GetInt32());
            Assert.NotEmpty(JsonDocument.Parse(body).RootElement.GetProperty("title").GetString()!);
            Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await _ping.Client.GetAsync("/ping", Cancel)).StatusCode);
    }

    [Fact]
    public async Task An_unhandled_exception_is_logged()
    {
        PingProcess.RequireHook();
        using var response = await _ping.Client.GetAsync("/test/throw", Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await TestWait.UntilAsync(() => _ping.Output.Contains("System.InvalidOperationException: a secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_tells_version_commit_and_instance()
    {
        var assembly = typeof(Ping.PingReplies).Assembly;
        var built = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+');

        var version = JsonDocument.Parse(await _ping.Client.GetStringAsync("/version", Cancel)).RootElement;

        Assert.Equal(["version", "commit", "instance"], version.EnumerateObject().Select(property => property.Name));
        Assert.Equal(built[0], version.GetProperty("version").GetString());
        Assert.Equal(built.ElementAtOrDefault(1), version.GetProperty("commit").GetString());
        Assert.Equal(Instance, version.GetProperty("instance").GetString());
    }

    [Fact]
    public async Task OpenApi_describes_ping_and_version()
    {
        var document = JsonDocument.Parse(await _ping.Client.GetStringAsync("/openapi/v1.json", Cancel)).RootElement;

        var paths = document.GetProperty("paths");
        Assert.Equal(["/ping", "/version"], paths.EnumerateObject().Select(path => path.Name));
        Assert.Equal(["get", "head"], paths.GetProperty("/ping").EnumerateObject().Select(operation => operation.Name));
        var reply = document.GetProperty("components").GetProperty("schemas").GetProperty("PingReply");
        Assert.Equal("string", reply.GetProperty("properties").GetProperty("message").GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_page_of_the_api_loads_nothing_from_elsewhere()
    {
        var page = await _ping.Client.GetStringAsync("/scalar/", Cancel);

        Assert.Contains("<script src=\"scalar.js\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"//", page, StringComparison.Ordinal);
        Assert.Contains("\"withDefaultFonts\":false", page, StringComparison.Ordinal);
        Assert.True((await _ping.Client.GetByteArrayAsync("/scalar/scalar.js", Cancel)).Length > 100_000);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task It_is_healthy(string probe) => Assert.Equal("Healthy", await _ping.Client.GetStringAsync(probe, Cancel));

    private async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_ping.Address.Host, _ping.Address.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await reader.ReadToEndAsync(Cancel).WaitAsync(PingProcess.Bound, Cancel);
    }
}
