using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Dashboard.Tests.Support;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dashboard.Tests.Otlp;

/// <summary>The official exporter of OpenTelemetry for .NET sends, over both protocols.</summary>
public sealed class ExporterTests
{
    private static readonly ResourceBuilder Resource =
        ResourceBuilder.CreateEmpty().AddService("shop", serviceInstanceId: "a1b2c", autoGenerateServiceInstanceId: false);

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Spans_arrive_with_their_parents_events_and_status(OtlpExportProtocol protocol)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var source = new ActivitySource($"spans-{protocol}");
        using (Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource).AddSource(source.Name)
            .AddOtlpExporter(exporter => Configure(exporter, dashboard, protocol, "v1/traces")).Build())
        {
            using var outer = source.StartActivity("outer", ActivityKind.Server);
            using (var inner = source.StartActivity("inner", ActivityKind.Client))
            {
                inner!.SetTag("http.response.status_code", 503);
                inner.AddEvent(new ActivityEvent("retry"));
                inner.SetStatus(ActivityStatusCode.Error, "no luck");
            }
        }

        var trace = Assert.Single(dashboard.Store.Traces.Find(new()));
        Assert.Equal([("outer", 0), ("inner", 1)], trace.ToTree().Select(node => (node.Span.Name, node.Depth)));
        var span = trace.Spans.Single(each => each.Name == "inner");
        Assert.Equal("shop-a1b2c", span.Resource.Id);
        Assert.Equal((Dashboard.Telemetry.Traces.SpanKind.Client, SpanStatus.Error, "no luck"), (span.Kind, span.Status, span.StatusMessage));
        Assert.Equal("503", span.Attributes["http.response.status_code"]);
        Assert.Equal("retry", Assert.Single(span.Events).Name);
        Assert.Equal(source.Name, span.Scope);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Log_records_arrive_with_level_category_and_values(OtlpExportProtocol protocol)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using (var loggers = LoggerFactory.Create(logging => logging.AddOpenTelemetry(otel =>
        {
            otel.IncludeFormattedMessage = true;
            otel.SetResourceBuilder(Resource).AddOtlpExporter(exporter => Configure(exporter, dashboard, protocol, "v1/logs"));
        })))
        {
#pragma warning disable CA1848 // A logger of a test.
            loggers.CreateLogger("Shop.Cart").LogWarning("{Count} items are sold out", 3);
#pragma warning restore CA1848
        }

        var entry = Assert.Single(dashboard.Store.Logs.Find(new LogFilter()));
        Assert.Equal("3 items are sold out", entry.Message);
        Assert.Equal((LogSeverity.Warning, "Shop.Cart", "shop-a1b2c"), (entry.Level, entry.Category, entry.Resource.Id));
        Assert.Equal("3", entry.Attributes["Count"]);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Counters_gauges_and_histograms_arrive(OtlpExportProtocol protocol)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var meter = new Meter($"metrics-{protocol}");
        using (Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource).AddMeter(meter.Name)
            .AddOtlpExporter(exporter => Configure(exporter, dashboard, protocol, "v1/metrics")).Build())
        {
            meter.CreateCounter<long>("sold").Add(7, new KeyValuePair<string, object?>("kind", "book"));
            meter.CreateUpDownCounter<int>("open").Add(2);
            var seconds = meter.CreateHistogram<double>("took", "s");
            for (var i = 0; i < 100; i++)
            {
                seconds.Record(i < 95 ? 20 : 600);
            }
        }

        Assert.Equal(
            [("open", InstrumentKind.Gauge), ("sold", InstrumentKind.Counter), ("took", InstrumentKind.Histogram)],
            dashboard.Store.Metrics.Instruments("shop").Select(instrument => (instrument.Name, instrument.Kind)));
        Assert.Equal(7, dashboard.Store.Metrics.Read("sold", series => series.Single().Total));
        Assert.Equal(2, dashboard.Store.Metrics.Read("open", series => series.Single().Total));
        var chart = dashboard.Store.Metrics.Chart(new MetricQuery { Instrument = "took" });
        Assert.Equal(["p50", "p90", "p99"], chart.Lines.Select(line => line.Name));
        Assert.InRange(Assert.Single(chart.Lines[0].Values, value => !double.IsNaN(value)), 10, 25);
        Assert.InRange(Assert.Single(chart.Lines[2].Values, value => !double.IsNaN(value)), 500, 750);
    }

    private static void Configure(OtlpExporterOptions exporter, TestDashboard dashboard, OtlpExportProtocol protocol, string path)
    {
        exporter.Protocol = protocol;
        exporter.Endpoint = protocol == OtlpExportProtocol.Grpc ? dashboard.OtlpGrpc : new Uri(dashboard.OtlpHttp, path);
        exporter.Headers = $"x-otlp-api-key={TestDashboard.OtlpApiKey}";
        exporter.TimeoutMilliseconds = 60_000;
        exporter.ExportProcessorType = ExportProcessorType.Simple;
    }
}
