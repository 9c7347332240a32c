using Gateway.AccessLogs.Filters;
using Gateway.Requests;
using Gateway.Tests.Support;

namespace Gateway.Tests.AccessLogs;

/// <summary>Filters of access logs.</summary>
public sealed class CelExpressionTests
{
    private static bool Evaluate(string expression, RequestSummary? summary = null)
    {
        Assert.True(CelExpression.TryParse(expression, out var parsed, out var error), error);
        return parsed.IsTrue(summary ?? Summaries.Ping());
    }

    [Theory]
    [InlineData("response.code >= 400", false)]
    [InlineData("response.code < 400", true)]
    [InlineData("response.code == 200", true)]
    [InlineData("response.code == 200u", true)]
    [InlineData("response.code != 200", false)]
    [InlineData("response.code in [200, 201]", true)]
    [InlineData("response.code in [500]", false)]
    [InlineData("response.code / 100 == 2", true)]
    [InlineData("response.code % 100 + 1 * 2 - 2 == 0", true)]
    [InlineData("response.code > -1", true)]
    [InlineData("response.code > 199.5", true)]
    [InlineData("request.url_path == '/ping'", true)]
    [InlineData("request.path == \"/ping?x=1\"", true)]
    [InlineData("request.query == 'x=1'", true)]
    [InlineData("request.url_path.startsWith('/pi') && request.url_path.endsWith('ng')", true)]
    [InlineData("request.url_path.contains('x')", false)]
    [InlineData("request.url_path.matches('^/p[a-z]+$')", true)]
    [InlineData("!request.url_path.matches('in')", false)]
    [InlineData("size(request.url_path) == 5 && request.url_path.size() == 5", true)]
    [InlineData("request.method == 'GET' && request.host == 'ping.example' && request.scheme == 'http'", true)]
    [InlineData("request.headers['user-agent'] == 'curl/8'", true)]
    [InlineData("request.useragent == 'curl/8' && request.id == '8f0e1d9a'", true)]
    [InlineData("'user-agent' in request.headers && !('referer' in request.headers)", true)]
    [InlineData("has(request.referer)", false)]
    [InlineData("has(request.headers['user-agent'])", true)]
    [InlineData("request.duration > duration('4ms') && request.duration < duration('1s')", true)]
    [InlineData("request.total_size == 150 && response.size == 12 && response.total_size == 212", true)]
    [InlineData("response.flags == 0 && response.code_details == 'via_upstream'", true)]
    [InlineData("source.port == 50000 && destination.port == 8081", true)]
    [InlineData("connection.mtls", false)]
    [InlineData("xds.cluster_name.startsWith('outbound|') && xds.route_name == 'default'", true)]
    [InlineData("upstream.address == '127.0.0.1:5001' && upstream.request_attempt_count == 1", true)]
    [InlineData("response.headers['x-envoy-upstream-service-time'] == '3'", true)]
    [InlineData("(response.code == 1 || response.code == 200) && true", true)]
    [InlineData("response.code == 1 || response.code == 200 && false", false)]
    [InlineData("response.code == 200 ? request.method == 'GET' : false", true)]
    [InlineData("'a' < 'b' && 'a' + 'b' == 'ab'", true)]
    [InlineData("'\\'\\n' == \"'\\n\"", true)]
    // A failure makes the whole fail, unless it does not matter.
    [InlineData("request.headers['none'] == 'x'", false)]
    [InlineData("!(request.headers['none'] == 'x')", false)]
    [InlineData("request.headers['none'] == 'x' || true", true)]
    [InlineData("true || request.headers['none'] == 'x'", true)]
    [InlineData("!(request.headers['none'] == 'x' && false)", true)]
    [InlineData("response.grpc_status == 0", false)]
    [InlineData("1 / 0 == 1", false)]
    [InlineData("9223372036854775807 + 1 > 0", false)]
    [InlineData("'1' == 1", false)]
    [InlineData("'1' < 1", false)]
    // Only true is true.
    [InlineData("response.code", false)]
    [InlineData("'true'", false)]
    public void An_expression_holds_or_not(string expression, bool expected) => Assert.Equal(expected, Evaluate(expression));

    [Fact]
    public void A_request_without_answer_has_no_code() => Assert.False(Evaluate("response.code < 400", new RequestSummary()));

    [Fact]
    public void Flags_are_bits()
    {
        var summary = Summaries.Ping();
        summary.Flags = ResponseFlags.UF | ResponseFlags.URX;
        Assert.True(Evaluate("response.flags == 32800", summary));
    }

    [Theory]
    [InlineData("", "ends too early")]
    [InlineData("response.kode == 1", "no attribute response.kode")]
    [InlineData("foo", "no attribute foo")]
    [InlineData("response.code ==", "ends too early")]
    [InlineData("response.code == 1 )", "may not stand there")]
    [InlineData("response.code = 1", "may not stand in an expression")]
    [InlineData("(response.code == 1", ") is missing")]
    [InlineData("request.path.toUpper() == 'A'", "no function toUpper")]
    [InlineData("foo(1)", "no function foo")]
    [InlineData("'abc", "has no end")]
    [InlineData("'\\q'", "no escape")]
    [InlineData("1.2.3 == 1", "is no number")]
    [InlineData("99999999999999999999 == 1", "is no number")]
    [InlineData("request.path.matches('(')", "pattern")]
    [InlineData("request.path.matches(request.host)", "may not stand there")]
    [InlineData("duration('x') == duration('1s')", "no duration")]
    public void What_is_no_expression_is_told_why(string expression, string reason)
    {
        Assert.False(CelExpression.TryParse(expression, out _, out var error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_has_an_end() => Assert.False(CelExpression.TryParse(new string('(', 10_000), out _, out _));

    [Fact]
    public void Evaluating_costs_no_memory()
    {
        Assert.True(CelExpression.TryParse(
            "response.code >= 400 || request.duration > duration('1s') || (request.url_path.matches('^/x.*') && 'x-a' in request.headers)",
            out var parsed, out _));
        var summary = Summaries.Ping();
        Assert.Equal(0, Allocations.Of(() => parsed.IsTrue(summary)));
    }
}
