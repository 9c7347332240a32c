using System.Buffers;
using System.Text;
using Gateway.AccessLogs;
using Gateway.Requests;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.AccessLogs;

/// <summary>Istio's formats of access logs.</summary>
public sealed class AccessLogFormatTests
{
    private static string Format(AccessLogFormat format, RequestSummary summary)
    {
        var output = new ArrayBufferWriter<byte>();
        format.Write(summary, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Fact]
    public void The_text_format_is_Istios() => Assert.Equal(
        "[2026-01-02T03:04:05.067Z] \"GET /api/v1/ping?x=1 HTTP/1.1\" 200 - via_upstream - \"-\" 0 12 4 3 \"203.0.113.7\" \"curl/8\" \"8f0e1d9a\" "
        + "\"ping.example\" \"127.0.0.1:5001\" outbound|8080||ping.default.svc.cluster.local 127.0.0.1:40000 [::1]:8081 127.0.0.1:50000 - default\n",
        Format(AccessLogFormat.Text, Summaries.Ping()));

    [Fact]
    public void What_is_not_there_is_a_dash() => Assert.Equal(
        "[0001-01-01T00:00:00.000Z] \"GET / HTTP/1.1\" 0 - - - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"\" \"-\" - - - - - -\n",
        Format(AccessLogFormat.Text, new RequestSummary()));

    [Fact]
    public void The_JSON_format_is_Istios() => Assert.Equal(
        """
        {"authority":"ping.example","bytes_received":0,"bytes_sent":12,"connection_termination_details":null,
        "downstream_local_address":"[::1]:8081","downstream_remote_address":"127.0.0.1:50000","duration":4,"method":"GET",
        "path":"/api/v1/ping?x=1","protocol":"HTTP/1.1","request_id":"8f0e1d9a","requested_server_name":null,"response_code":200,
        "response_code_details":"via_upstream","response_flags":null,"route_name":"default","start_time":"2026-01-02T03:04:05.067Z",
        "upstream_cluster":"outbound|8080||ping.default.svc.cluster.local","upstream_host":"127.0.0.1:5001",
        "upstream_local_address":"127.0.0.1:40000","upstream_service_time":"3","upstream_transport_failure_reason":null,
        "user_agent":"curl/8","x_forwarded_for":"203.0.113.7"}
        """.ReplaceLineEndings("") + "\n",
        Format(AccessLogFormat.Json, Summaries.Ping()));

    [Fact]
    public void Nothing_that_a_client_sends_breaks_JSON()
    {
        var summary = Summaries.Ping();
        summary.Request.Headers.UserAgent = "a\"b\\c\u0001\u00e9";
        var line = Format(AccessLogFormat.Json, summary);
        Assert.Equal("a\"b\\c\u0001\u00e9", (string?)System.Text.Json.Nodes.JsonNode.Parse(line)!["user_agent"]);
    }

    [Theory]
    [InlineData("%REQ(:METHOD)% %REQ(:SCHEME)% %REQ(:AUTHORITY)%", "GET http ping.example")]
    [InlineData("%REQ(:PATH)%", "/ping?x=1")]
    [InlineData("%REQ(X-NONE?USER-AGENT)% %REQ(X-NONE?X-NONE)%", "curl/8 -")]
    [InlineData("%RESP(X-NONE)% %RESP(X-NONE?X-ENVOY-UPSTREAM-SERVICE-TIME)%", "- 3")]
    [InlineData("%UPSTREAM_REQUEST_ATTEMPT_COUNT%|%UPSTREAM_CLUSTER%", "1|outbound|8080||ping.default.svc.cluster.local")]
    [InlineData("no operator", "no operator")]
    [InlineData("", "")]
    public void Operators(string format, string expected) =>
        Assert.Equal(expected, Format(AccessLogFormat.Parse(format), Summaries.Ping()));

    [Theory]
    [InlineData("%NONE%")]
    [InlineData("%NONE(a)%")]
    [InlineData("%REQ(a%")]
    [InlineData("100%")]
    public void What_is_no_operator_is_an_error(string format) => Assert.Throws<FormatException>(() => AccessLogFormat.Parse(format));

    [Theory]
    [InlineData(ResponseFlags.None, "-", 0)]
    [InlineData(ResponseFlags.UH, "UH", 0x2)]
    [InlineData(ResponseFlags.UT, "UT", 0x4)]
    [InlineData(ResponseFlags.UF | ResponseFlags.URX, "UF,URX", 0x8020)]
    [InlineData(ResponseFlags.FI | ResponseFlags.DI, "DI,FI", 0x600)]
    [InlineData(ResponseFlags.RL, "RL", 0x800)]
    [InlineData(ResponseFlags.UPE, "UPE", 0x800000)]
    [InlineData(ResponseFlags.NC, "NC", 0x1000000)]
    internal void Flags_stand_in_Envoys_order(ResponseFlags flags, string text, long bits) =>
        Assert.Equal((text, bits), (flags.ToText(), flags.ToBits()));

    [Fact]
    public void Every_flag_has_a_name() =>
        Assert.All(Enum.GetValues<ResponseFlags>(), flag =>
            Assert.Equal(flag == ResponseFlags.None ? "-" : flag.ToString(), flag.ToText()));

    [Fact]
    public void Spaces_in_details_do_not_break_the_line()
    {
        var summary = Summaries.Ping();
        summary.Details = "a b\tc";
        Assert.Equal("a_b_c", Format(AccessLogFormat.Parse("%RESPONSE_CODE_DETAILS%"), summary));
    }

    public static TheoryData<bool> Formats => [false, true];

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_entry_costs_no_memory(bool isJson)
    {
        var (format, summary, output) =
            (isJson ? AccessLogFormat.Json : AccessLogFormat.Text, Summaries.Ping(), new ArrayBufferWriter<byte>(1 << 20));
        Assert.Equal(0, Allocations.Of(() =>
        {
            format.Write(summary, output);
            output.ResetWrittenCount();
        }));
    }
}
