using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ServiceDefaults.Tests;

public sealed partial class TelemetryTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"00-{Trace}-b7ad6b7169203331-01";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_an_exporter_nothing_listens_and_no_request_has_an_activity()
    {
        await using var service = await TestService.StartAsync(builder => builder.Logging.AddFakeLogging(), MapActivity);

        Assert.Equal("none", await service.Client.GetStringAsync("/activity", Cancel));
        Assert.False(AreActivitiesHeard());
        Assert.False(IsMetricHeard(service));
        Assert.DoesNotContain(service.App.Services.GetFakeLogCollector().GetSnapshot(), IsAboutRequest);
    }

    [Fact]
    public async Task With_an_exporter_requests_are_measured()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var service = await TestService.StartAsync(map: MapActivity, settings: collector.Settings);

        Assert.NotEqual("none", await service.Client.GetStringAsync("/activity", Cancel));
        Assert.True(AreActivitiesHeard());
        Assert.True(IsMetricHeard(service));
    }

    [Theory]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    public async Task The_configuration_can_ask_for_the_log_of_requests(string category)
    {
        await using var service = await TestService.StartAsync(
            builder => builder.Logging.AddFakeLogging(), MapActivity, (category, "Information"));

        Assert.NotEqual("none", await service.Client.GetStringAsync("/activity", Cancel));
        Assert.Contains(service.App.Services.GetFakeLogCollector().GetSnapshot(), IsAboutRequest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_context_is_passed_on_to_outgoing_calls_with_and_without_an_exporter(bool exported)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var downstream = await TestService.StartAsync(map: app => app.MapGet("/headers", (HttpRequest request) =>
            new[] { request.Headers.TraceParent.ToString(), request.Headers.TraceState.ToString(), request.Headers.Baggage.ToString() }));
        await using var service = await TestService.StartAsync(
            map: app => app.MapGet("/call", async (IHttpClientFactory clients) =>
                await clients.CreateClient().GetFromJsonAsync<string[]>(new Uri(downstream.Address, "/headers"), Cancel)),
            settings: exported ? collector.Settings : []);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/call")
        {
            Headers = { { "traceparent", Parent }, { "tracestate", "vendor=1" }, { "baggage", "user=alice" } },
        };
        using var response = await service.Client.SendAsync(request, Cancel);
        var headers = await response.Content.ReadFromJsonAsync<string[]>(Cancel);

        Assert.StartsWith($"00-{Trace}-", headers![0], StringComparison.Ordinal);
        Assert.EndsWith("-01", headers[0], StringComparison.Ordinal);
        Assert.NotEqual(Parent, headers[0]);
        Assert.Equal("vendor=1", headers[1]);
        Assert.Equal("user=alice", headers[2].Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public async Task An_invalid_trace_context_is_ignored(string parent)
    {
        await using var service = await TestService.StartAsync(map: MapActivity);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/activity") { Headers = { { "traceparent", parent } } };

        using var response = await service.Client.SendAsync(request, Cancel);

        Assert.Equal("none", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Traces_metrics_and_logs_reach_the_collector_and_probes_do_not()
    {
        using var source = new ActivitySource("TestService");
        using var meter = new Meter("TestService");
        var counter = meter.CreateCounter<int>("orders.placed");
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await TestService.StartAsync(
            map: app =>
            {
                app.MapGet("/leaf", () => "leaf");
                app.MapGet("/work", async (HttpRequest request, IHttpClientFactory clients, ILogger<TelemetryTests> logger) =>
                {
                    using var activity = source.StartActivity("own work");
                    counter.Add(1);
                    using (logger.BeginScope(new Dictionary<string, object> { ["tenant"] = "contoso" }))
                    {
                        LogWork(logger, "alice");
                    }

                    return await clients.CreateClient().GetStringAsync(new Uri($"http://{request.Host}/leaf"), Cancel);
                });
            },
            settings: [.. collector.Settings, ("OTEL_SERVICE_NAME", "orders")]))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/work") { Headers = { { "traceparent", Parent } } };
            using var response = await service.Client.SendAsync(request, Cancel);
            response.EnsureSuccessStatusCode();
            await service.Client.GetStringAsync("/health", Cancel);
            await service.Client.GetStringAsync("/alive", Cancel);
            await service.App.StopAsync(Cancel);
        } // what is left is exported when the application is disposed of

        Assert.True(collector.Has("traces", "orders"));
        Assert.True(collector.Has("traces", "own work"));
        Assert.True(collector.Has("traces", Convert.FromHexString(Trace)));
        Assert.True(collector.Has("traces", "GET /work"));
        Assert.True(collector.Has("traces", "GET /leaf"));
        Assert.True(collector.Has("traces", "System.Net.Http"));
        Assert.True(collector.Has("metrics", "orders.placed"));
        Assert.True(collector.Has("metrics", "http.server.request.duration"));
        Assert.True(collector.Has("metrics", "http.client.request.duration"));
        Assert.True(collector.Has("metrics", "dotnet.gc.collections"));
        Assert.True(collector.Has("metrics", "/work"));
        Assert.True(collector.Has("logs", "Worked for alice"));
        Assert.True(collector.Has("logs", "contoso"));
        Assert.False(collector.Has("traces", "/health"));
        Assert.False(collector.Has("traces", "/alive"));
    }

    [Fact]
    public async Task The_duration_of_probes_is_not_measured()
    {
        await using var service = await TestService.StartAsync(map: MapActivity);
        using var durations = new MetricCollector<double>(
            service.App.Services.GetRequiredService<IMeterFactory>(), "Microsoft.AspNetCore.Hosting", "http.server.request.duration");

        await service.Client.GetStringAsync("/health", Cancel);
        await service.Client.GetStringAsync("/alive", Cancel);
        await service.Client.GetStringAsync("/activity", Cancel);
        await durations.WaitForMeasurementsAsync(1, Cancel);

        Assert.Equal("/activity", Assert.Single(durations.GetMeasurementSnapshot()).Tags["http.route"]);
    }

    private static void MapActivity(WebApplication app) => app.MapGet("/activity", () => Activity.Current?.Id ?? "none");

    private static bool AreActivitiesHeard()
    {
        using var server = new ActivitySource("Microsoft.AspNetCore");
        using var client = new ActivitySource("System.Net.Http");
        return server.HasListeners() || client.HasListeners();
    }

    private static bool IsMetricHeard(TestService service)
    {
        var meter = service.App.Services.GetRequiredService<IMeterFactory>().Create("Microsoft.AspNetCore.Hosting");
        return meter.CreateHistogram<double>("http.server.request.duration").Enabled;
    }

    private static bool IsAboutRequest(FakeLogRecord record) => record.Category == "Microsoft.AspNetCore.Hosting.Diagnostics";

    [LoggerMessage(LogLevel.Warning, "Worked for {Customer}")]
    private static partial void LogWork(ILogger logger, string customer);
}
