using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
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
    public async Task Ten_thousand_spans_a_second_neither_fill_memory_nor_slow_the_pages()
    {
        await using var dashboard = await DashboardProcess.StartAsync();
        using var client = NewClient();
        var page = new Uri(dashboard.LoginUrl, "/traces");
        await client.GetStringAsync(page, Cancellation);

        var (started, used) = (Stopwatch.GetTimestamp(), dashboard.ProcessorTime);
        var pages = new List<double>();
        for (var batch = 0; batch < Batches; batch++)
        {
            await PostAsync(client, dashboard, "traces", Batch(batch));
            if (batch % 20 == 0)
            {
                using var response = await client.GetAsync(page, Cancellation);
                pages.Add(double.Parse(response.Headers.GetValues("Server-Timing").Single().Split("dur=")[1], CultureInfo.InvariantCulture));
            }
        }

        used = dashboard.ProcessorTime - used;
        var rate = Batches * BatchSize / Stopwatch.GetElapsedTime(started).TotalSeconds;
        var median = pages.Order().ElementAt(pages.Count / 2);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{rate:0} spans/s, {used.TotalMicroseconds / (Batches * BatchSize):0.0} µs of a processor each, {dashboard.Memory / MegaByte} MB, pages {median:0} ms");
        Assert.True(dashboard.Memory < 200 * MegaByte, $"{dashboard.Memory / MegaByte} MB");

        // Processor time, which does not depend on what else the machine does: a second's spans and the pages take less than a second of one.
        Assert.True(used < TimeSpan.FromSeconds(Batches * BatchSize / 10_000d), $"{used.TotalSeconds:0.0} s for {Batches * BatchSize} spans");
        Assert.True(median < 1_000, $"half of the pages took the server more than {median:0} ms");
    }

    [Fact]
    public async Task A_flood_of_everything_from_many_resources_pushes_out_the_oldest_and_does_not_end_the_program()
    {
        const int Resources = 32;
        await using var dashboard = await DashboardProcess.StartAsync();
        using var client = NewClient();
        var peak = 0L;
        for (var round = 0; round < 8; round++)
        {
            foreach (var resource in Enumerable.Range(0, Resources))
            {
                await Task.WhenAll(
                    PostAsync(client, dashboard, "traces", Flood.Spans(round, resource)),
                    PostAsync(client, dashboard, "logs", Flood.Logs(round, resource)),
                    PostAsync(client, dashboard, "metrics", Flood.Metrics(resource)));
                peak = Math.Max(peak, dashboard.Memory);
            }
        }

        using var counts = JsonDocument.Parse(await client.GetStringAsync(new Uri(dashboard.LoginUrl, "/api/telemetry"), Cancellation));
        var limit = new TelemetryLimits().TotalBytes;
        foreach (var signal in (string[])["logs", "spans", "points"])
        {
            var all = counts.RootElement.EnumerateArray().Select(each => each.GetProperty(signal)).ToList();
            Assert.InRange(all.Sum(each => each.GetProperty("bytes").GetInt64()), limit / 2, limit);
            Assert.True(all.Sum(each => each.GetProperty("dropped").GetInt64()) > 0, signal);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{peak / MegaByte} MB at most, {dashboard.Memory / MegaByte} MB in the end");
        Assert.False(dashboard.HasExited);
        Assert.True(peak < 200 * MegaByte, $"{peak / MegaByte} MB");
    }

    private static HttpClient NewClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestDashboard.BrowserToken);
        return client;
    }

    private static async Task PostAsync(HttpClient client, DashboardProcess dashboard, string signal, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var response = await client.PostAsync(new Uri(dashboard.OtlpHttp, $"/v1/{signal}"), content, Cancellation);
        response.EnsureSuccessStatusCode();
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
