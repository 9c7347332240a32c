using Gateway.Clusters.Retries;
using Istio.Documents;
using Istio.Networking;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Clusters;

public sealed class RequestTimeoutsTests
{
    private static TimeSpan? Parse(string? text) => text is null ? null : new Duration(text).Value;

    private static RetryPolicy Policy(string? perTry) =>
        RetryPolicy.Compile(new HTTPRetry { Attempts = 1, PerTryTimeout = perTry is null ? null : new Duration(perTry) });

    [Theory]
    // The route's timeout, that of an attempt: what is left of the two.
    [InlineData(null, null, null, null)]
    [InlineData("0s", null, null, null)]
    [InlineData("10s", null, "10s", null)]
    [InlineData(null, "2s", null, "2s")]
    [InlineData("10s", "2s", "10s", "2s")]
    [InlineData("2s", "2s", "2s", null)]
    [InlineData("2s", "3s", "2s", null)]
    [InlineData("2s", "0s", "2s", null)]
    public void The_time_of_an_attempt_counts_only_within_the_routes(string? route, string? perTry, string? total, string? attempt) =>
        Assert.Equal(new RequestTimeouts(Parse(total), Parse(attempt)), RequestTimeouts.Of(Parse(route), Policy(perTry)));

    [Theory]
    [InlineData(null, null, "10s", "2s")]
    [InlineData("5000", null, "5s", "2s")]
    [InlineData("0", null, null, "2s")]
    [InlineData("1000", null, "1s", null)]
    [InlineData(null, "500", "10s", "500ms")]
    [InlineData(null, "0", "10s", null)]
    [InlineData("x", "-1", "10s", "2s")]
    public void A_callers_headers_count_before_the_rule_and_are_taken_away(string? total, string? perTry, string? expected, string? attempt)
    {
        var headers = new HeaderDictionary();
        headers.Append("x-envoy-upstream-rq-timeout-ms", total);
        headers.Append("x-envoy-upstream-rq-per-try-timeout-ms", perTry);
        Assert.Equal(new RequestTimeouts(Parse(expected), Parse(attempt)), RequestTimeouts.Of(Parse("10s"), Policy("2s"), headers));
        Assert.Empty(headers);
    }

    [Theory]
    [InlineData(null, null, 0, 0)]
    [InlineData("10s", null, 0, 10000)]
    [InlineData("10s", null, 4, 6000)]
    [InlineData("10s", "2s", 4, 2000)]
    [InlineData("10s", "2s", 9, 1000)]
    [InlineData("10s", null, 10, 1)]
    [InlineData(null, "2s", 100, 2000)]
    public void The_upstream_is_told_how_long_it_has(string? total, string? perTry, double elapsed, long expected) =>
        Assert.Equal(expected, new RequestTimeouts(Parse(total), Parse(perTry)).ExpectedMilliseconds(TimeSpan.FromSeconds(elapsed)));
}
