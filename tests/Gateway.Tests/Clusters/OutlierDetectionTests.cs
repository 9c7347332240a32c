using Gateway.Clusters;
using Gateway.Clusters.Outliers;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

public sealed class OutlierDetectionTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private Cluster? _cluster;

    public void Dispose() => _cluster?.Dispose();

    private Cluster Start(OutlierSettings settings, int hosts = 3) => _cluster = Create(Equal(hosts), outliers: settings, time: _time);

    private static OutlierSettings All => new() { MaxEjectionPercent = 100 };

    /// <summary>Lets time pass in small steps, so that a timer that is due sees its own time and not the end of the step.</summary>
    private void Seconds(double seconds)
    {
        for (var rest = TimeSpan.FromSeconds(seconds); rest > TimeSpan.Zero; rest -= TimeSpan.FromSeconds(0.1))
        {
            _time.Advance(rest < TimeSpan.FromSeconds(0.1) ? rest : TimeSpan.FromSeconds(0.1));
        }
    }

    public static TheoryData<string, int, int, int> Limits => new()
    {
        // What is allowed, of how many hosts, in percent: how many are out when all fail.
        { "Istio's default ejects nobody of 3", 3, 10, 0 },
        { "nor of 9", 9, 10, 0 },
        { "but one of 10", 10, 10, 1 },
        { "33 percent of 3 are none", 3, 33, 0 },
        { "34 percent of 3 are one", 3, 34, 1 },
        { "66 percent of 3 are one", 3, 66, 1 },
        { "67 percent of 3 are two", 3, 67, 2 },
        { "99 percent of 3 are two", 3, 99, 2 },
        { "100 percent are all", 3, 100, 3 },
        { "more than 100 is 100", 3, 400, 3 },
        { "a single host needs 100", 1, 99, 0 },
        { "half of 2 is one", 2, 50, 1 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void The_share_of_ejected_hosts_after_an_ejection_may_not_pass_the_limit(string rule, int hosts, int percent, int ejected)
    {
        var cluster = Start(new OutlierSettings { MaxEjectionPercent = (uint)percent }, hosts);
        foreach (var host in cluster.Hosts)
        {
            cluster.Report(host, Response(500), 5);
        }

        Assert.True(ejected == cluster.EjectedCount, rule);
        Assert.Equal(ejected, cluster.Hosts.Count(host => host.IsEjected));
        Assert.Equal(hosts - ejected, cluster.RefusedEjections);
    }

    private static readonly Dictionary<string, (OutlierSettings Settings, UpstreamOutcome[] Outcomes, bool Ejected)> Table = Sequences();

    public static TheoryData<string> Names => [.. Table.Keys];

    private static Dictionary<string, (OutlierSettings, UpstreamOutcome[], bool)> Sequences()
    {
        var data = new Dictionary<string, (OutlierSettings, UpstreamOutcome[], bool)>();
        void Add(string name, OutlierSettings settings, bool ejected, params UpstreamOutcome[] outcomes) =>
            data.Add(name, (settings, outcomes, ejected));
        static UpstreamOutcome[] Times(int count, UpstreamOutcome outcome) => [.. Enumerable.Repeat(outcome, count)];

        Add("four 5xx are not enough", All, false, Times(4, Response(500)));
        Add("the fifth ejects", All, true, Times(5, Response(500)));
        Add("any 5xx counts", All, true, Response(500), Response(501), Response(503), Response(505), Response(599));
        Add("600 is no 5xx", All, false, Times(5, Response(600)));
        Add("4xx is success", All, false, Times(9, Response(429)));
        Add("success begins anew", All, false, [.. Times(4, Response(500)), Response(200), .. Times(4, Response(500))]);
        Add("a redirect begins anew too", All, false, [.. Times(4, Response(500)), Response(302), Response(500)]);
        Add("0 turns 5xx off", All with { Consecutive5xx = 0 }, false, Times(50, Response(500)));
        Add("1 ejects on the first", All with { Consecutive5xx = 1 }, true, Response(503));
        Add("failure to connect counts as 503", All, true, Times(5, UpstreamOutcome.ConnectFailure));
        Add("a reset counts as 503", All, true, Times(5, UpstreamOutcome.Reset()));
        Add("a refused stream counts as 503", All, true, Times(5, UpstreamOutcome.Refused));
        Add("an attempt's timeout counts as 504", All, true, Times(5, UpstreamOutcome.PerTryTimeout));
        Add("the route's timeout counts as 504", All, true, Times(5, UpstreamOutcome.Timeout));
        Add("a timeout without a connection blames no host", All, false, Times(9, UpstreamOutcome.Timeout with { RequestStarted = false }));
        Add("overflow blames no host", All, false, Times(9, UpstreamOutcome.Overflow));
        Add("kinds add up", All, true,
            Response(500), UpstreamOutcome.ConnectFailure, UpstreamOutcome.PerTryTimeout, UpstreamOutcome.Reset(), Response(503));

        var gateway = All with { Consecutive5xx = 0, ConsecutiveGatewayErrors = 3 };
        Add("502, 503 and 504 are gateway errors", gateway, true, Response(502), Response(503), Response(504));
        Add("500 begins gateway errors anew", gateway, false, Response(502), Response(503), Response(500), Response(504));
        Add("failure to connect is a gateway error", gateway, true, Times(3, UpstreamOutcome.ConnectFailure));
        Add("a timeout is a gateway error", gateway, true, Times(3, UpstreamOutcome.PerTryTimeout));
        Add("gateway errors are off by default", All with { Consecutive5xx = 0 }, false, Times(50, Response(503)));

        var split = All with { SplitLocalOrigin = true, ConsecutiveLocalOriginFailures = 2 };
        Add("counted apart, failures to connect have their own threshold", split, true, Times(2, UpstreamOutcome.ConnectFailure));
        Add("counted apart, they are no 5xx", split with { ConsecutiveLocalOriginFailures = 9 }, false,
            Times(8, UpstreamOutcome.ConnectFailure));
        Add("an answer shows that connecting works", split, false, UpstreamOutcome.ConnectFailure, Response(500),
            UpstreamOutcome.ConnectFailure);
        Add("a connection that was made begins anew, so timeouts do not add up", split, false, Times(9, UpstreamOutcome.PerTryTimeout));
        Add("with a threshold of one a timeout ejects", split with { ConsecutiveLocalOriginFailures = 1 }, true,
            UpstreamOutcome.PerTryTimeout);
        Add("answers still count as 5xx", split, true, Times(5, Response(500)));

        var codes = All with { ErrorCodes = [429, 503] };
        Add("configured codes count instead of 5xx", codes, true, Times(5, Response(429)));
        Add("a 5xx among them counts", codes, true, Times(5, Response(503)));
        Add("other 5xx are success then", codes, false, Times(9, Response(500)));
        Add("and begin anew", codes, false, [.. Times(4, Response(429)), Response(500), .. Times(4, Response(429))]);
        Add("429 is no gateway error", codes with { Consecutive5xx = 0, ConsecutiveGatewayErrors = 1 }, false, Times(9, Response(429)));

        Add("gRPC unavailable in the head counts as 503", All, true, Times(5, UpstreamOutcome.Response(200, grpcStatus: 14)));
        Add("gRPC internal counts as 500", All, true, Times(5, UpstreamOutcome.Response(200, grpcStatus: 13)));
        Add("gRPC not found does not", All, false, Times(9, UpstreamOutcome.Response(200, grpcStatus: 5)));
        Add("gRPC resource exhausted does not", All, false, Times(9, UpstreamOutcome.Response(200, grpcStatus: 8)));
        return data;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outcomes_eject_as_Envoy_counts_them(string name)
    {
        var (settings, outcomes, ejected) = Table[name];
        var cluster = Start(settings);
        foreach (var outcome in outcomes)
        {
            cluster.Report(cluster.Hosts[0], outcome);
        }

        Assert.Equal(ejected, cluster.Hosts[0].IsEjected);
    }

    [Fact]
    public void A_host_is_ejected_by_the_Nth_error_itself_not_by_the_next_sweep()
    {
        var cluster = Start(All);
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        Assert.True(cluster.Hosts[0].IsEjected);
        Assert.Equal([0, 15, 15], cluster.Count(30));
    }

    [Fact]
    public void A_host_comes_back_only_on_a_sweep()
    {
        var cluster = Start(All);
        Seconds(3);
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        // Its 30 s are over at second 33; the sweeps are at 10, 20, 30 and 40.
        Seconds(36.9);
        Assert.True(cluster.Hosts[0].IsEjected);
        Seconds(0.1);
        Assert.False(cluster.Hosts[0].IsEjected);
        Assert.Equal([10, 10, 10], cluster.Count(30));
    }

    [Fact]
    public void The_sweep_at_the_very_end_of_its_time_brings_it_back()
    {
        var cluster = Start(All);
        Seconds(10);
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        Seconds(29.9);
        Assert.True(cluster.Hosts[0].IsEjected);
        Seconds(0.1);
        Assert.False(cluster.Hosts[0].IsEjected);
    }

    [Fact]
    public void Each_ejection_lasts_a_base_time_longer_up_to_300_seconds()
    {
        var cluster = Start(All);
        var host = cluster.Hosts[0];
        var durations = new List<double>();
        for (var ejection = 1; ejection <= 12; ejection++)
        {
            cluster.Report(host, Response(503), 5);
            var began = _time.GetUtcNow();
            while (host.IsEjected)
            {
                Seconds(10);
            }

            durations.Add((_time.GetUtcNow() - began).TotalSeconds);
        }

        Assert.Equal([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300], durations);
        Assert.Equal(12u, host.Monitor!.Ejections);
    }

    [Fact]
    public void A_base_time_above_300_seconds_is_its_own_maximum()
    {
        var cluster = Start(All with { BaseEjectionTime = TimeSpan.FromSeconds(400) });
        var host = cluster.Hosts[0];
        for (var ejection = 0; ejection < 2; ejection++)
        {
            cluster.Report(host, Response(503), 5);
            Seconds(399);
            Assert.True(host.IsEjected);
            Seconds(11);
            Assert.False(host.IsEjected);
        }
    }

    [Fact]
    public void The_multiplier_goes_down_once_per_sweep_that_finds_the_host_in_for_an_interval()
    {
        var cluster = Start(All);
        var host = cluster.Hosts[0];
        for (var ejection = 0; ejection < 3; ejection++)
        {
            cluster.Report(host, Response(503), 5);
            Seconds(30 * (ejection + 1));
            Assert.False(host.IsEjected);
        }

        Assert.Equal(3u, host.Monitor!.Backoff);
        Seconds(10);
        Assert.Equal(2u, host.Monitor.Backoff);
        Seconds(10);
        Assert.Equal(1u, host.Monitor.Backoff);
        Seconds(10);
        Assert.Equal(0u, host.Monitor.Backoff);
        Seconds(50);
        Assert.Equal(0u, host.Monitor.Backoff);

        // So the next ejection is a short one again.
        cluster.Report(host, Response(503), 5);
        Seconds(30);
        Assert.False(host.IsEjected);
    }

    [Fact]
    public void Coming_back_clears_all_counters()
    {
        var cluster = Start(All with { ConsecutiveGatewayErrors = 3 });
        var host = cluster.Hosts[0];
        // Ejected by gateway errors with three 5xx counted, and one more while it is out.
        cluster.Report(host, Response(503), 4);
        Assert.True(host.IsEjected);
        Seconds(30);
        Assert.False(host.IsEjected);
        cluster.Report(host, Response(500), 4);
        Assert.False(host.IsEjected);
        cluster.Report(host, Response(500));
        Assert.True(host.IsEjected);
    }

    [Fact]
    public void A_refused_ejection_clears_the_counter_that_asked_for_it()
    {
        var cluster = Start(new OutlierSettings { MaxEjectionPercent = 34 });
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        cluster.Report(cluster.Hosts[1], Response(503), 5);
        Assert.False(cluster.Hosts[1].IsEjected);
        Assert.Equal(0u, cluster.Hosts[1].Monitor!.Consecutive5xx);

        Seconds(30);
        // There is room now, but the count begins anew.
        cluster.Report(cluster.Hosts[1], Response(503), 4);
        Assert.False(cluster.Hosts[1].IsEjected);
        cluster.Report(cluster.Hosts[1], Response(503));
        Assert.True(cluster.Hosts[1].IsEjected);
    }

    [Fact]
    public void Errors_of_an_ejected_host_do_not_prolong_its_ejection()
    {
        var cluster = Start(All);
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        Seconds(29);
        cluster.Report(cluster.Hosts[0], Response(503), 20);
        Seconds(1);
        Assert.False(cluster.Hosts[0].IsEjected);
        Assert.Equal(1u, cluster.Hosts[0].Monitor!.Ejections);
    }

    [Fact]
    public void With_all_hosts_out_there_is_no_choice_since_Istio_turns_panic_off()
    {
        var cluster = Start(All);
        foreach (var host in cluster.Hosts)
        {
            cluster.Report(host, Response(503), 5);
        }

        Assert.Null(cluster.Choose(default));
        Seconds(30);
        Assert.NotNull(cluster.Choose(default));
    }

    public static TheoryData<int, int, int, bool> Panics => new()
    {
        // Hosts, ejected, minHealthPercent: whether all hosts are used.
        { 4, 3, 50, true },
        { 4, 2, 50, false },
        { 4, 3, 25, false },
        { 4, 3, 26, true },
        { 3, 3, 1, true },
        // From 5 of 7 on Envoy counts a cluster as fully healthy, whatever the threshold.
        { 7, 2, 100, false },
        { 7, 3, 100, true },
        { 10, 2, 90, false },
        { 10, 3, 90, true },
    };

    [Theory]
    [MemberData(nameof(Panics))]
    public void Below_minHealthPercent_ejection_is_ignored(int hosts, int ejected, int percent, bool panics)
    {
        var cluster = Start(All with { MinHealthPercent = (uint)percent }, hosts);
        foreach (var host in cluster.Hosts.Take(ejected))
        {
            cluster.Report(host, Response(503), 5);
        }

        Assert.Equal(panics, cluster.IsPanicking);
        Assert.Equal(panics, cluster.Count(hosts * 10)[0] > 0);
    }

    [Fact]
    public void Hosts_that_stay_keep_their_ejection_over_a_change_of_endpoints()
    {
        var cluster = Start(All, 4);
        var (first, last) = (cluster.Hosts[0], cluster.Hosts[3]);
        cluster.Report(first, Response(503), 5);
        cluster.Report(last, Response(503), 5);
        cluster.Report(cluster.Hosts[1], Response(503), 4);
        cluster.Update(Definition(cluster.Settings, Equal(3)));

        Assert.Same(first, cluster.Hosts[0]);
        Assert.True(first.IsEjected);
        // The host that left took its ejection with it.
        Assert.Equal(1, cluster.EjectedCount);
        cluster.Report(cluster.Hosts[1], Response(503));
        Assert.True(cluster.Hosts[1].IsEjected);

        // One that left and comes again begins anew.
        cluster.Update(Definition(cluster.Settings, Equal(4)));
        Assert.NotSame(last, cluster.Hosts[3]);
        Assert.False(cluster.Hosts[3].IsEjected);
        // What still is under way at the old one counts for nobody.
        cluster.Report(last, Response(503), 10);
        Assert.Equal(2, cluster.EjectedCount);
    }

    [Fact]
    public void Two_subsets_with_one_endpoint_eject_apart()
    {
        using var one = Create(Equal(2), outliers: All, time: _time);
        using var other = Create(Equal(2), outliers: All, time: _time);
        one.Report(one.Hosts[0], Response(503), 5);
        Assert.True(one.Hosts[0].IsEjected);
        Assert.False(other.Hosts[0].IsEjected);
    }

    [Fact]
    public void After_disposal_no_timer_runs()
    {
        var cluster = Start(All);
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        cluster.Dispose();
        Seconds(1000);
        Assert.True(cluster.Hosts[0].IsEjected);
    }

    [Fact]
    public void Answers_without_error_neither_lock_nor_allocate()
    {
        var cluster = Start(All);
        var host = cluster.Hosts[0];
        var outcome = Response(200);
        Assert.Equal(0, Allocations.Of(() => cluster.Report(host, outcome)));
    }

    [Fact]
    public async Task Reports_from_many_threads_lose_no_host()
    {
        var cluster = Start(All with { Consecutive5xx = 1, MaxEjectionPercent = 50 }, 20);
        await Parallel.ForEachAsync(Enumerable.Range(0, 4000), TestContext.Current.CancellationToken, (index, _) =>
        {
            cluster.Report(cluster.Hosts[index % 20], Response(index % 3 == 0 ? 200 : 503));
            Assert.False(cluster.Choose(default) is null);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(10, cluster.EjectedCount);
        Assert.Equal(10, cluster.Hosts.Count(host => host.IsEjected));
    }
}
