using System.Text.Json;
using Gateway.Admin;
using Gateway.Explain;
using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>External authorizers on real sockets: clients that leave, bodies that are no text, what is told of them.</summary>
public sealed class ExternalAuthorizationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Mesh(int ping, int auth, string space = "istio-system", string more = "") => Documents.Join(
        IstioDocuments.Mesh("", "", ping), Documents.Service("auth"), Documents.Workload("auth", auth), $$"""
        apiVersion: install.istio.io/v1alpha1
        kind: IstioOperator
        spec: { meshConfig: { extensionProviders: [{ name: ext-authz, envoyExtAuthzHttp: { service: auth.default.svc.cluster.local, port: 8080 {{more}} } }] } }
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: ext, namespace: {{space}} }
        spec:
          selector: { matchLabels: { {{(space == "default" ? "app: ping" : "istio: ingressgateway")}} } }
          action: CUSTOM
          provider: { name: ext-authz }
          rules: [{ to: [{ operation: { notPaths: [/open] } }] }]

        """);

    [Theory]
    [InlineData("istio-system")]
    [InlineData("default")]
    public async Task A_client_that_leaves_ends_the_question(string space)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Echo("a");
        await using var authorizer = StreamingUpstreams.Silent(arrived, left);
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(upstream.Port, authorizer.Port, space));
        var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("GET /ping HTTP/1.1\r\nHost: h\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        client.Dispose();
        Assert.Equal(0, await left.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task A_denial_keeps_bytes_that_are_no_text()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var authorizer = RawUpstream.Start((_, connection) =>
            connection.RespondAsync("\u00e9\u00ff", "Content-Type: image/gif\r\n", "403 Forbidden"));
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(upstream.Port, authorizer.Port));
        var denied = await gateway.GetIstioAsync("/ping");
        Assert.Equal((403, "\u00e9\u00ff", "image/gif"), (denied.Status, denied.Body, denied.Header("content-type")));
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task A_large_body_goes_on_after_the_part_of_it_that_was_asked_about()
    {
        var body = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i:00000}"));
        await using var upstream = RawUpstream.Start((request, connection) => connection.RespondAsync($"{request.BodyText == body}"));
        await using var authorizer = RawUpstream.Start((request, connection) =>
            connection.RespondAsync("", "", request.BodyText == body[..1000] ? "200 OK" : "403 Forbidden"));
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(
            upstream.Port, authorizer.Port, more: ", includeRequestBodyInCheck: { maxRequestBytes: 1000, allowPartialMessage: true }"));
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        var response = await client.SendAsync($"POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal((200, "True"), (response.Status, response.Body));
    }

    [Fact]
    public async Task The_administration_counts_what_became_of_the_questions()
    {
        var answers = new Queue<string>(["200 OK", "403 Forbidden", "500 Error"]);
        await using var upstream = RawUpstream.Echo("a");
        await using var authorizer = RawUpstream.Start((_, connection) => connection.RespondAsync("", "", answers.Dequeue()));
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(upstream.Port, authorizer.Port, more: ", failOpen: true"));
        foreach (var (path, status) in new[] { ("/", 200), ("/", 403), ("/", 200), ("/open", 200) })
        {
            Assert.Equal(status, (await gateway.GetIstioAsync(path)).Status);
        }

        using var output = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(output))
        {
            ExternalAuthorizationReport.WriteJson(gateway.Snapshot.Proxies, writer);
        }

        using var report = JsonDocument.Parse(output.ToArray());
        var counts = Assert.Single(report.RootElement.GetProperty("ext_authz").EnumerateArray().ToArray());
        Assert.Equal(
            ("gateway port 80", "ext-authz", "http", "outbound|8080||auth.default.svc.cluster.local"),
            (counts.GetProperty("place").GetString(), counts.GetProperty("provider").GetString(), counts.GetProperty("kind").GetString(),
                counts.GetProperty("cluster").GetString()));
        Assert.Equal(
            (1, 1, 1, 1, 1),
            (counts.GetProperty("ok").GetInt32(), counts.GetProperty("denied").GetInt32(), counts.GetProperty("error").GetInt32(),
                counts.GetProperty("failure_mode_allowed").GetInt32(), counts.GetProperty("disabled").GetInt32()));
    }

    [Theory]
    [InlineData("istio-system", "authorizer   the gateway asks ext-authz by http (outbound|8080||auth.default.svc.cluster.local), which must allow the request; 403 when that fails")]
    [InlineData("default", "authorizer   the workload ping-6001 asks ext-authz by http (outbound|8080||auth.default.svc.cluster.local), which must allow the request; 403 when that fails")]
    public async Task Explain_says_who_is_asked(string space, string line)
    {
        using var folder = new TempFolder();
        folder.Write("mesh.yaml", Mesh(6001, 6002, space));
        using var output = new StringWriter();
        await ExplainCommand.RunAsync(folder.Path, "GET", "http://localhost:8081/", [], output, TextWriter.Null, Cancellation);
        Assert.Contains(line, output.ToString(), StringComparison.Ordinal);
        Assert.Contains("callee       the policies of all (ping-6001) let it through", output.ToString(), StringComparison.Ordinal);
        using var open = new StringWriter();
        await ExplainCommand.RunAsync(folder.Path, "GET", "http://localhost:8081/open", [], open, TextWriter.Null, Cancellation);
        Assert.DoesNotContain("authorizer", open.ToString(), StringComparison.Ordinal);
    }
}
