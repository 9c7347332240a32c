using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using Gateway.Clusters.Limits;
using Gateway.Clusters.Retries;
using Gateway.Requests;
using Gateway.Tests.Support;
using Istio.Networking;
using Microsoft.AspNetCore.Http;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

public sealed class RetryTests
{
    private static readonly Dictionary<string, UpstreamOutcome> Outcomes = new()
    {
        ["connect"] = UpstreamOutcome.ConnectFailure,
        ["refused"] = UpstreamOutcome.Refused,
        ["reset"] = UpstreamOutcome.Reset(),
        ["early-reset"] = UpstreamOutcome.Reset(requestStarted: false),
        ["per-try"] = UpstreamOutcome.PerTryTimeout,
        ["timeout"] = UpstreamOutcome.Timeout,
        ["overflow"] = UpstreamOutcome.Overflow,
    };

    private static UpstreamOutcome Outcome(string text) =>
        Outcomes.TryGetValue(text, out var outcome) ? outcome
        : text.StartsWith("grpc", StringComparison.Ordinal) ? UpstreamOutcome.Response(200, int.Parse(text[4..], null))
        : UpstreamOutcome.Response(int.Parse(text, null));

    private static RetryDecision Decide(ref RetryState state, UpstreamOutcome outcome, IHeaderDictionary? headers = null) =>
        state.Decide(outcome, headers, new Random(1), out _);

    private static RetryPolicy Policy(string? retryOn = null, int attempts = 2) =>
        RetryPolicy.Compile(new HTTPRetry { Attempts = attempts, RetryOn = retryOn });

    [Theory]
    // What each word of retryOn repeats; what is not named is not repeated.
    [InlineData("5xx", "500 501 502 503 504 505 599 connect refused reset early-reset per-try")]
    [InlineData("gateway-error", "502 503 504 connect refused reset early-reset per-try")]
    [InlineData("reset", "connect refused reset early-reset per-try")]
    [InlineData("reset-before-request", "connect early-reset")]
    [InlineData("connect-failure", "connect")]
    [InlineData("refused-stream", "refused")]
    [InlineData("retriable-4xx", "409")]
    [InlineData("retriable-status-codes", "")]
    [InlineData("503", "503")]
    [InlineData("503,429", "503 429")]
    [InlineData(" 503 , connect-failure ,", "503 connect")]
    [InlineData("503,retriable-status-codes", "503")]
    [InlineData("200", "200 grpc1 grpc4 grpc8 grpc13 grpc14 grpc5")]
    [InlineData("299", "")]
    [InlineData("cancelled", "grpc1")]
    [InlineData("deadline-exceeded", "grpc4")]
    [InlineData("resource-exhausted", "grpc8")]
    [InlineData("internal", "grpc13")]
    [InlineData("unavailable", "grpc14")]
    [InlineData("connect-failure,refused-stream,unavailable,cancelled", "connect refused grpc14 grpc1")]
    [InlineData("connect-failure,refused-stream,reset", "connect refused reset early-reset per-try")]
    [InlineData("5XX", "")]
    [InlineData("nonsense", "")]
    [InlineData("retriable-headers,http3-post-connect-failure", "")]
    [InlineData("envoy-ratelimited", "")]
    public void Words_repeat_what_Envoys_retry_state_repeats(string retryOn, string repeated)
    {
        string[] all =
        [
            "200", "301", "404", "409", "425", "429", "500", "501", "502", "503", "504", "505", "599", .. Outcomes.Keys,
            "grpc0", "grpc1", "grpc4", "grpc5", "grpc8", "grpc13", "grpc14",
        ];
        var cluster = Create(Equal(3));
        var actual = all.Where(text =>
        {
            var state = RetryState.Start(Policy(retryOn), cluster);
            var decision = Decide(ref state, Outcome(text));
            state.End();
            return decision == RetryDecision.Retry;
        });
        Assert.Equal([.. repeated.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order()], actual.Where(text => !IsNoise(text)).Order());

        // 200 as a code repeats every gRPC answer; grpc0 among them is left out of the table.
        bool IsNoise(string text) => retryOn == "200" && text == "grpc0";
    }

    [Fact]
    public void Without_a_rule_Istio_repeats_twice_what_has_reached_no_application()
    {
        var policy = RetryPolicy.Compile(null);
        Assert.Same(RetryPolicy.Default, policy);
        Assert.Equal(2, policy.Attempts);
        var cluster = Create(Equal(3));
        foreach (var (text, expected) in (ReadOnlySpan<(string, RetryDecision)>)[
            ("connect", RetryDecision.Retry), ("refused", RetryDecision.Retry), ("grpc14", RetryDecision.Retry),
                ("grpc1", RetryDecision.Retry),
            ("503", RetryDecision.No), ("500", RetryDecision.No), ("reset", RetryDecision.No), ("per-try", RetryDecision.No),
            ("grpc13", RetryDecision.No)])
        {
            var state = RetryState.Start(policy, cluster);
            Assert.Equal(expected, Decide(ref state, Outcome(text)));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Without_attempts_a_policy_turns_retries_off(int? attempts)
    {
        var policy = RetryPolicy.Compile(new HTTPRetry { Attempts = attempts, RetryOn = "5xx" });
        Assert.Same(RetryPolicy.None, policy);
        var state = RetryState.Start(policy, Create(Equal(1)));
        Assert.Equal(RetryDecision.No, Decide(ref state, UpstreamOutcome.ConnectFailure));
    }

    [Fact]
    public void Attempts_alone_keep_Istios_conditions()
    {
        var policy = RetryPolicy.Compile(new HTTPRetry { Attempts = 7 });
        Assert.Equal(RetryPolicy.Default with { Attempts = 7 }, policy);
    }

    [Fact]
    public void After_all_retries_the_outcome_stands_with_URX()
    {
        var cluster = Create(Equal(3));
        var state = RetryState.Start(Policy("5xx", attempts: 3), cluster);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, state.Attempt);
            Assert.Equal(RetryDecision.Retry, Decide(ref state, Response(500)));
        }

        Assert.Equal(4, state.Attempt);
        Assert.Equal(RetryDecision.LimitExceeded, Decide(ref state, Response(500)));
        Assert.Equal(4, state.Attempt);
        Assert.Equal(0, cluster.Limits.Retries.Count);
    }

    [Fact]
    public void A_good_outcome_after_retries_is_no_limit_exceeded()
    {
        var cluster = Create(Equal(3));
        var state = RetryState.Start(Policy("5xx", attempts: 1), cluster);
        Assert.Equal(RetryDecision.Retry, Decide(ref state, Response(500)));
        Assert.Equal(RetryDecision.No, Decide(ref state, Response(200)));
        Assert.Equal((1, 1, 0), (cluster.Counters.Retries, cluster.Counters.RetrySuccesses, cluster.Counters.RetriesBeyondLimit));
    }

    [Fact]
    public void A_retry_holds_a_place_until_it_ends_and_overflow_takes_an_attempt()
    {
        var cluster = Create(Equal(3), limits: new CircuitBreakerLimits(MaxRetries: 1));
        var first = RetryState.Start(Policy("5xx"), cluster);
        var second = RetryState.Start(Policy("5xx"), cluster);
        Assert.Equal(RetryDecision.Retry, Decide(ref first, Response(500)));
        Assert.Equal(1, cluster.Limits.Retries.Count);
        Assert.Equal(RetryDecision.Overflow, Decide(ref second, Response(500)));
        first.End();
        first.End();
        Assert.Equal(0, cluster.Limits.Retries.Count);
        Assert.Equal(RetryDecision.Retry, Decide(ref second, Response(500)));
        // The overflow has used up one of its two retries.
        Assert.Equal(RetryDecision.LimitExceeded, Decide(ref second, Response(500)));
        Assert.Equal(0, cluster.Limits.Retries.Count);
        Assert.Equal(1, cluster.Limits.Retries.Overflows);
        Assert.Equal((2, 0, 1), (cluster.Counters.Retries, cluster.Counters.RetrySuccesses, cluster.Counters.RetriesBeyondLimit));
    }

    [Theory]
    [InlineData(25, "25 50 100 200 250 250")]
    [InlineData(100, "100 200 400 800 1000 1000")]
    [InlineData(1, "1 2 4 8 10 10")]
    [InlineData(0.2, "1 2 4 8 10 10")]
    public void The_back_off_is_uniform_below_a_bound_that_doubles_up_to_ten_times_the_base(double milliseconds, string bounds)
    {
        var policy = RetryPolicy.Compile(new HTTPRetry
        {
            Attempts = 100,
            RetryOn = "5xx",
            Backoff = TimeSpan.FromMilliseconds(milliseconds)
        });
        var cluster = Create(Equal(1));
        var random = new Random(7);
        var seen = new HashSet<double>[6];
        for (var round = 0; round < 5000; round++)
        {
            var state = RetryState.Start(policy, cluster);
            for (var retry = 0; retry < 6; retry++)
            {
                state.Decide(Response(500), null, random, out var backoff);
                (seen[retry] ??= []).Add(backoff.TotalMilliseconds);
            }

            state.End();
        }

        Assert.Equal(bounds, string.Join(' ', seen.Select(values => values.Max() + 1)));
        Assert.All(seen, values => Assert.Equal(0, values.Min()));
    }

    [Fact]
    public void A_response_of_a_rate_limit_is_repeated_only_by_its_own_word()
    {
        var headers = new HeaderDictionary { ["x-envoy-ratelimited"] = "true" };
        var cluster = Create(Equal(3));
        foreach (var (retryOn, expected) in (ReadOnlySpan<(string, RetryDecision)>)[
            ("5xx,429", RetryDecision.No), ("envoy-ratelimited", RetryDecision.Retry), ("5xx,envoy-ratelimited", RetryDecision.Retry)])
        {
            foreach (var status in (int[])[429, 503, 200])
            {
                var state = RetryState.Start(Policy(retryOn), cluster);
                Assert.Equal(expected, Decide(ref state, Response(status), headers));
            }
        }
    }

    [Fact]
    public void A_response_of_an_overloaded_proxy_is_repeated_like_any_other()
    {
        var headers = new HeaderDictionary { ["x-envoy-overloaded"] = "true" };
        var state = RetryState.Start(Policy("5xx"), Create(Equal(3)));
        Assert.Equal(RetryDecision.Retry, Decide(ref state, Response(503), headers));
    }

    [Fact]
    public void Once_something_was_sent_no_attempt_is_a_reset_before_the_request()
    {
        var state = RetryState.Start(Policy("reset-before-request,503", attempts: 9), Create(Equal(3)));
        Assert.Equal(RetryDecision.Retry, Decide(ref state, UpstreamOutcome.Reset(requestStarted: false)));
        Assert.Equal(RetryDecision.Retry, Decide(ref state, Response(503)));
        Assert.Equal(RetryDecision.Retry, Decide(ref state, UpstreamOutcome.Reset(requestStarted: false)));
        Assert.Equal(RetryDecision.No, Decide(ref state, UpstreamOutcome.Reset(requestStarted: true)));
        Assert.Equal(RetryDecision.No, Decide(ref state, UpstreamOutcome.Reset(requestStarted: false)));
    }

    [Theory]
    [InlineData(null, false, false, true)]
    [InlineData(null, true, false, false)]
    // With more than one destination Istio does not look at consistent hashing.
    [InlineData(null, true, true, true)]
    [InlineData(false, false, false, false)]
    [InlineData(true, true, false, true)]
    public void Previous_hosts_are_avoided_unless_the_rule_or_consistent_hashing_says_otherwise(
        bool? ignore, bool isHashed, bool isSplit, bool avoids)
    {
        var policy = RetryPolicy.Compile(new HTTPRetry { Attempts = 3, RetryOn = "5xx", RetryIgnorePreviousHosts = ignore });
        var balancer = isHashed ? new BalancerSettings(BalancerKind.Maglev) { TableSize = 251, Hash = new HeaderHash("x") } : null;
        var cluster = Create(Equal(3), balancer);
        var state = RetryState.Start(policy, cluster, isSplit);
        Assert.Null(state.Avoid);
        state.Attempted(cluster.Hosts[0]);
        Assert.Null(state.Avoid);
        Decide(ref state, Response(500));
        state.Attempted(cluster.Hosts[1]);
        Decide(ref state, Response(500));
        Assert.Equal(avoids, state.Avoid is not null);
        if (avoids)
        {
            Assert.Equal([true, true, false], cluster.Hosts.Select(state.Avoid!.Contains));
            Assert.Equal(5, state.Avoid!.MaxReselections);
        }
    }

    [Fact]
    public void Three_attempts_over_three_hosts_reach_all_of_them_nearly_always()
    {
        var cluster = Create(Equal(3), new BalancerSettings(BalancerKind.LeastRequest));
        var all = 0;
        for (var round = 0; round < 1000; round++)
        {
            var state = RetryState.Start(Policy("5xx"), cluster);
            var hosts = new HashSet<UpstreamHost>();
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var host = cluster.Choose(new HostChoice(Avoid: state.Avoid))!;
                state.Attempted(host);
                hosts.Add(host);
                Decide(ref state, Response(500));
            }

            state.End();
            all += hosts.Count == 3 ? 1 : 0;
        }

        // The third attempt misses the third host with (2/3)^6, less than one in ten.
        Assert.InRange(all, 860, 960);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("2s", null, "2s")]
    [InlineData("2s", "10s", "2s")]
    [InlineData("2s", "2s", null)]
    [InlineData("3s", "2s", null)]
    [InlineData("0s", "2s", null)]
    public void The_time_of_an_attempt_counts_only_within_the_requests(string? perTry, string? total, string? expected)
    {
        static TimeSpan? Parse(string? text) => text is null ? null : new Istio.Documents.Duration(text).Value;
        var policy = RetryPolicy.Compile(new HTTPRetry
        {
            Attempts = 1,
            PerTryTimeout = perTry is null ? null : new Istio.Documents.Duration(perTry),
        });
        Assert.Equal(Parse(expected), policy.PerTryTimeoutWithin(Parse(total)));
    }

    private static RequestHead Request(params (string Name, string Value)[] headers)
    {
        var request = new RequestHead();
        foreach (var (name, value) in headers)
        {
            request.Headers[name] = value;
        }

        return request;
    }

    [Fact]
    public void A_callers_headers_add_conditions_and_set_the_number()
    {
        var cluster = Create(Equal(3));
        var request = Request(("x-envoy-retry-on", "5xx"), ("x-envoy-retry-grpc-on", "internal"), ("x-envoy-max-retries", "1"),
            ("x-other", "1"));
        var state = RetryState.Start(Policy("connect-failure", attempts: 5), cluster, request);
        // They are taken away, so that the upstream does not see them.
        Assert.Equal(["x-other"], request.Headers.Keys);
        Assert.Equal(RetryDecision.Retry, Decide(ref state, Response(500)));
        Assert.Equal(RetryDecision.LimitExceeded, Decide(ref state, UpstreamOutcome.ConnectFailure));
        Assert.Equal(RetryDecision.LimitExceeded, Decide(ref state, UpstreamOutcome.Response(200, 13)));
        Assert.Equal(RetryDecision.No, Decide(ref state, Response(404)));
    }

    [Fact]
    public void A_callers_conditions_alone_give_one_retry()
    {
        var state = RetryState.Start(RetryPolicy.None, Create(Equal(3)), Request(("x-envoy-retry-on", "5xx")));
        Assert.Equal(RetryDecision.Retry, Decide(ref state, Response(500)));
        Assert.Equal(RetryDecision.LimitExceeded, Decide(ref state, Response(500)));
    }

    [Fact]
    public void A_callers_number_alone_asks_for_nothing()
    {
        var state = RetryState.Start(RetryPolicy.None, Create(Equal(3)), Request(("x-envoy-max-retries", "9")));
        Assert.Equal(RetryDecision.No, Decide(ref state, Response(500)));
    }

    [Fact]
    public void A_caller_may_turn_retries_off_with_0()
    {
        var state = RetryState.Start(Policy("5xx"), Create(Equal(3)), Request(("x-envoy-max-retries", "0")));
        Assert.Equal(RetryDecision.LimitExceeded, Decide(ref state, Response(500)));
    }

    [Fact]
    public void A_callers_status_codes_count_with_their_word()
    {
        var cluster = Create(Equal(3));
        var codes = ("x-envoy-retriable-status-codes", "418, 419,x");
        var with = RetryState.Start(RetryPolicy.None, cluster, Request(("x-envoy-retry-on", "retriable-status-codes"), codes));
        Assert.Equal(RetryDecision.Retry, Decide(ref with, Response(419)));
        var without = RetryState.Start(Policy("5xx"), cluster, Request(codes));
        Assert.Equal(RetryDecision.No, Decide(ref without, Response(418)));
    }

    [Fact]
    public void A_request_that_succeeds_at_once_costs_no_allocation()
    {
        var cluster = Create(Equal(3));
        var policy = Policy("5xx,503");
        var random = new Random(1);
        var headers = new HeaderDictionary();
        var decisions = RetryDecision.No;
        Assert.Equal(0, Allocations.Of(() =>
        {
            var state = RetryState.Start(policy, cluster);
            var host = cluster.Choose(new HostChoice(Avoid: state.Avoid))!;
            state.Attempted(host);
            host.BeginRequest();
            var outcome = Response(200);
            cluster.Report(host, outcome);
            decisions |= state.Decide(outcome, headers, random, out _);
            host.EndRequest();
            state.End();
        }));
        Assert.Equal(RetryDecision.No, decisions);
    }
}
