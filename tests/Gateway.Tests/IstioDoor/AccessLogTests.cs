using System.Text;
using Gateway.AccessLogs;
using Gateway.Listening;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.IstioDoor;

/// <summary>The access log, end to end: flags and details of what happened.</summary>
public sealed class AccessLogTests
{
    private static async Task<string> LogAsync(string yaml, string request, AccessLogMode mode = AccessLogMode.Text)
    {
        using var stream = new MemoryStream();
        var format = AccessLogFormat.Parse("%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% "
            + "%UPSTREAM_CLUSTER_RAW% %ROUTE_NAME% %BYTES_RECEIVED% %BYTES_SENT%");
        using var log = new AccessLog(stream, format, TimeProvider.System);
        await using (var gateway = await TestGateway.StartAsync(
            yaml, builder => builder.Services.AddSingleton(log),
            doors: new DoorOptions { IstioDoors = [new(null, "http://127.0.0.1:0")], AccessLog = mode }))
        {
            using var client = gateway.ConnectIstio();
            await client.SendAsync(request);
            await gateway.StopAsync();
        }

        log.Flush();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [Fact]
    public async Task What_the_upstream_answered()
    {
        await using var upstream = RawUpstream.Echo("a");
        Assert.Equal(
            "200 - via_upstream /api/x outbound|8080||ping.default.svc.cluster.local - 4 3",
            await LogAsync(
                IstioDocuments.Mesh("match: [{ uri: { prefix: /api/x } }], rewrite: { uri: / }", "", upstream.Port),
                "POST /api/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"));
    }

    [Fact]
    public async Task What_the_gateway_answered_itself()
    {
        Assert.Equal("503 UH no_healthy_upstream /x outbound|8080||ping.default.svc.cluster.local - 0 19",
            await LogAsync(IstioDocuments.Mesh("", ""), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
        Assert.Equal("404 NR route_not_found /x - - 0 0",
            await LogAsync(IstioDocuments.Mesh("match: [{ uri: { prefix: /api } }]", ""), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
        Assert.Equal("418 FI fault_filter_abort /x - - 0 18",
            await LogAsync(IstioDocuments.Mesh("fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }", ""),
                "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
    }

    [Fact]
    public async Task Nothing_is_logged_by_default_and_a_Telemetry_resource_changes_that()
    {
        await using var upstream = RawUpstream.Echo("a");
        var mesh = IstioDocuments.Mesh("", "", upstream.Port);
        Assert.Equal("", await LogAsync(mesh, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", AccessLogMode.None));
        Assert.StartsWith("200 - via_upstream /x", await LogAsync(
            Documents.Join(mesh, "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: { name: logs, namespace: istio-system }\n"
                + "spec: { accessLogging: [{ providers: [{ name: envoy }] }] }\n"),
            "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", AccessLogMode.None));
    }
}
