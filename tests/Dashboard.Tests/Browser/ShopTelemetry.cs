using System.Globalization;
using System.Text;

namespace Dashboard.Tests.Browser;

/// <summary>Telemetry of a shop in JSON: a request that was tried twice and one that went well, what was logged and measured meanwhile.</summary>
internal static class ShopTelemetry
{
    /// <summary>The trace of the request that was tried twice.</summary>
    public const string Trace = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>Sends it as an exporter does.</summary>
    public static async Task SendAsync(DashboardProcess dashboard)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 2_000;
        string At(int milliseconds) => $"\"{(now + milliseconds).ToString(CultureInfo.InvariantCulture)}000000\"";
        static string Attributes(params (string Key, string Value)[] items) =>
            $"[{string.Join(',', items.Select(item => $$$"""{"key":"{{{item.Key}}}","value":{"stringValue":"{{{item.Value}}}"}}"""))}]";
        static string Of(string service) => $$$"""{"attributes":{{{Attributes(("service.name", service))}}}}""";
        string Span(string trace, string id, string parent, string name, int kind, int from, int to, int status, params (string, string)[] attributes) => $$$"""
            {"traceId":"{{{trace}}}","spanId":"{{{id}}}","parentSpanId":"{{{parent}}}","name":"{{{name}}}","kind":{{{kind}}},"startTimeUnixNano":{{{At(from)}}},
            "endTimeUnixNano":{{{At(to)}}},"status":{"code":{{{status}}}},"attributes":{{{Attributes(attributes)}}}}
            """;
        string Log(string text, int severity, string more = "") =>
            $$$"""{"body":{"stringValue":"{{{text}}}"},"timeUnixNano":{{{At(40)}}}{{{more}}},"severityNumber":{{{severity}}} }""";
        string Histogram(string service, string more) => $$$"""
            {"resource":{{{Of(service)}}},"scopeMetrics":[{"scope":{"name":"shop"},"metrics":[{"name":"shop.duration","unit":"s","histogram":{
            "aggregationTemporality":1,"dataPoints":[{"timeUnixNano":{{{At(0)}}},"count":"10","sum":1,"explicitBounds":[0.1,1],"bucketCounts":["5","4","1"]{{{more}}} }]}}]}]}
            """;

        await PostAsync(dashboard, "traces", $$$"""
            {"resourceSpans":[{"resource":{{{Of("gateway")}}},"scopeSpans":[{"spans":[
            {{{Span(Trace, "00000000000000a1", "", "GET /retried", 2, 0, 60, 2, ("response_flags", "URX"))}}},
            {{{Span(Trace, "00000000000000a2", "00000000000000a1", "router stock egress", 3, 5, 10, 2, ("response_flags", "UF"))}}},
            {{{Span(Trace, "00000000000000a3", "00000000000000a1", "router stock egress", 3, 20, 58, 0, ("http.response.status_code", "200"), ("http.request.resend_count", "1"))}}},
            {{{Span("0af7651916cd43dd8448eb211c80319d", "00000000000000b1", "", "GET /fine", 2, 0, 1, 0)}}}]}]},
            {"resource":{{{Of("stock")}}},"scopeSpans":[{"spans":[{{{Span(Trace, "00000000000000a4", "00000000000000a3", "GET /stock", 2, 30, 55, 0)}}}]}]}]}
            """);
        var low = Log("The stock is low.", 13, $",\"traceId\":\"{Trace}\",\"spanId\":\"00000000000000a4\"");
        await PostAsync(dashboard, "logs", $$$"""
            {"resourceLogs":[{"resource":{{{Of("stock")}}},"scopeLogs":[{"logRecords":[{{{low}}},{{{Log("Nothing is left.", 17)}}}]}]},
            {"resource":{{{Of("gateway")}}},"scopeLogs":[{"logRecords":[{{{Log("It is up.", 9)}}}]}]}]}
            """);
        var exemplar = $$$"""{"timeUnixNano":{{{At(0)}}},"asDouble":0.5,"traceId":"{{{Trace}}}","spanId":"00000000000000a4"}""";
        var (gateway, stock) = (Histogram("gateway", ""), Histogram("stock", $",\"exemplars\":[{exemplar}]"));
        await PostAsync(dashboard, "metrics", $$$"""{"resourceMetrics":[{{{gateway}}},{{{stock}}}]}""");
    }

    private static async Task PostAsync(DashboardProcess dashboard, string signal, string json)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(dashboard.OtlpHttp, $"/v1/{signal}"), content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
