using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>What a trace shows of a proxied request: its flags, and each attempt as a span of its own.</summary>
[CollectionDefinition(nameof(TraceTests), DisableParallelization = true)]
[Collection(nameof(TraceTests))]
public sealed class TraceTests : IDisposable
{
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        // Only the spans of this test's trace: other tests run at the same time.
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Gateway" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == _trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    private string Header => $"traceparent: 00-{_trace}-{ActivitySpanId.CreateRandom()}-01\r\n";

    [Fact]
    public async Task Each_attempt_is_a_span_and_what_the_endpoint_gets_is_its_child()
    {
        var (time, count) = (new FakeTimeProvider(), 0);
        await using var upstream = RawUpstream.Start((_, connection) =>
            connection.RespondAsync("pong", status: Interlocked.Increment(ref count) == 1 ? "503 x" : "200 OK"));
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("retries: { attempts: 2, retryOn: 5xx }", "", upstream.Port), time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        var response = await time.PassUntilAsync(
            client.SendAsync($"GET /ping HTTP/1.1\r\nHost: h\r\n{Header}\r\n"), TimeSpan.FromMilliseconds(250));
        Assert.Equal(200, response.Status);

        await TestGateway.UntilAsync(() => _spans.Count == 3);
        var server = Assert.Single(_spans, span => span.Kind == ActivityKind.Server);
        Assert.Equal("-", server.GetTagItem("response_flags"));
        var attempts = _spans.Where(span => span.Kind == ActivityKind.Client).OrderBy(span => span.StartTimeUtc).ToArray();
        Assert.Equal(["503", "200"], attempts.Select(span => span.GetTagItem("http.response.status_code")!.ToString()));
        Assert.Equal([null, "1"], attempts.Select(span => span.GetTagItem("http.request.resend_count")?.ToString()));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], attempts.Select(span => span.Status));
        Assert.All(attempts, span => Assert.Equal(
            ("router outbound|8080||ping.default.svc.cluster.local egress", server.SpanId, $"{upstream.Port}"),
            (span.DisplayName, span.ParentSpanId, span.GetTagItem("server.port")?.ToString())));
        Assert.Equal(
            attempts.Select(span => $"00-{_trace}-{span.SpanId}-01"),
            upstream.Requests.Select(request => request.Header("traceparent")));
    }

    [Theory]
    [InlineData("fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }", "/", 503, "FI")]
    [InlineData("match: [{ uri: { exact: /known } }]", "/unknown", 404, "NR")]
    public async Task The_flags_are_those_of_the_access_log(string rules, string path, int status, string flags)
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(rules, "", upstream.Port));
        Assert.Equal(status, (await gateway.GetIstioAsync(path, headers: Header)).Status);
        await TestGateway.UntilAsync(() => !_spans.IsEmpty);
        Assert.Equal(flags, Assert.Single(_spans).GetTagItem("response_flags"));
    }

    [Fact]
    public async Task An_attempt_without_an_answer_says_why()
    {
        using var dead = new DeadPort();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("retries: { attempts: 0 }", "", dead.Number));
        Assert.Equal(503, (await gateway.GetIstioAsync("/", headers: Header)).Status);
        await TestGateway.UntilAsync(() => _spans.Count == 2);
        var attempt = Assert.Single(_spans, span => span.Kind == ActivityKind.Client);
        Assert.Equal(("UF", "ConnectFailure"), (attempt.GetTagItem("response_flags"), attempt.GetTagItem("error.type")));
        Assert.Equal("UF", Assert.Single(_spans, span => span.Kind == ActivityKind.Server).GetTagItem("response_flags"));
    }
}
