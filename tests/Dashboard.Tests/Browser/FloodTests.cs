using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Http.Headers;
using Dashboard.Otlp.Messages;
using Dashboard.Tests.Support;
using Google.Protobuf;

namespace Dashboard.Tests.Browser;

/// <summary>A flood comes in over the wire, into the program as it is.</summary>
public sealed class FloodTests
{
    private const int Batches = 400;
    private const int BatchSize = 500;
    private const long MegaByte = 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_thousand_spans_neither_fill_memory_nor_slow_the_answers()
    {
        await using var dashboard = await DashboardProcess.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestDashboard.BrowserToken);
        var traces = new Uri(dashboard.LoginUrl, "/api/traces?limit=150");
        await client.GetStringAsync(traces, Cancellation);

        var started = Stopwatch.GetTimestamp();
        var slowest = TimeSpan.Zero;
        for (var batch = 0; batch < Batches; batch++)
        {
            using var content = new ByteArrayContent(Batch(batch));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var response = await client.PostAsync(new Uri(dashboard.OtlpHttp, "/v1/traces"), content, Cancellation);
            response.EnsureSuccessStatusCode();
            if (batch % 20 == 0)
            {
                var asked = Stopwatch.GetTimestamp();
                await client.GetStringAsync(traces, Cancellation);
                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(asked).Ticks));
            }
        }

        var rate = Batches * BatchSize / Stopwatch.GetElapsedTime(started).TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{rate:0} spans/s, {dashboard.Memory / MegaByte} MB, slowest answer {slowest.TotalMilliseconds:0} ms");
        Assert.True(dashboard.Memory < 200 * MegaByte, $"{dashboard.Memory / MegaByte} MB");
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"an answer took {slowest.TotalSeconds:0.0} s");
    }

    private static byte[] Batch(int number)
    {
        var scope = new ScopeSpans { Scope = new() { Name = "flood" } };
        for (var i = 0; i < BatchSize; i++)
        {
            var id = new byte[16];
            BinaryPrimitives.WriteInt64BigEndian(id, (number * BatchSize) + (i / 5) + 1);
            var span = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(span, i + 1);
            var start = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
            var message = new Span
            {
                TraceId = ByteString.CopyFrom(id),
                SpanId = ByteString.CopyFrom(span),
                Name = "GET /flood",
                Kind = 2,
                StartTimeUnixNano = start,
                EndTimeUnixNano = start + 1_000_000,
            };
            foreach (var (key, value) in new[] { ("http.request.method", "GET"), ("url.path", $"/flood/{number}/{i}"), ("http.response.status_code", "200") })
            {
                message.Attributes.Add(new KeyValue { Key = key, Value = new AnyValue { StringValue = value } });
            }

            scope.Spans.Add(message);
        }

        var resource = new ResourceSpans { Resource = new() };
        resource.Resource.Attributes.Add(new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = $"flood-{number % 4}" } });
        resource.ScopeSpans.Add(scope);
        var request = new ExportTraceServiceRequest();
        request.ResourceSpans.Add(resource);
        return request.ToByteArray();
    }
}
