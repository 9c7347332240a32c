using System.Net;
using Gateway.Requests;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Support;

/// <summary>Requests that are over.</summary>
internal static class Summaries
{
    /// <summary>A call of ping through the gateway.</summary>
    public static RequestSummary Ping() => new()
    {
        Request = new RequestHead
        {
            Method = "GET",
            Authority = "ping.example",
            Path = "/ping",
            Query = "?x=1",
            Headers = new HeaderDictionary
            {
                ["X-Envoy-Original-Path"] = "/api/v1/ping?x=1",
                ["X-Forwarded-For"] = "203.0.113.7",
                ["User-Agent"] = "curl/8",
                ["X-Request-Id"] = "8f0e1d9a",
            },
        },
        ResponseHeaders = new HeaderDictionary { ["x-envoy-upstream-service-time"] = "3" },
        StartTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 67, TimeSpan.Zero),
        Duration = TimeSpan.FromMilliseconds(4.9),
        Status = 200,
        Details = "via_upstream",
        BytesReceived = 0,
        BytesSent = 12,
        WireBytesReceived = 150,
        WireBytesSent = 212,
        UpstreamHost = "127.0.0.1:5001",
        UpstreamCluster = "outbound|8080||ping.default.svc.cluster.local",
        UpstreamLocalAddress = new IPEndPoint(IPAddress.Loopback, 40000),
        DownstreamLocalAddress = new IPEndPoint(IPAddress.IPv6Loopback, 8081),
        DownstreamRemoteAddress = new IPEndPoint(IPAddress.Parse("::ffff:127.0.0.1"), 50000),
        RouteName = "default",
        Attempts = 1,
    };
}
