using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

public sealed class LoadBalancingTests
{
    private static BalancerSettings Kind(BalancerKind kind) => new(kind) { TableSize = kind == BalancerKind.Maglev ? 65537ul : 1024 };

    private static string[] Choices(Cluster cluster, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => cluster.Choose(default)!.Endpoint.Authority.Split(':')[0].Split('.')[^1])];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(99)]
    public void ROUND_ROBIN_takes_each_host_in_turn_from_a_random_one_on(int seed)
    {
        var cluster = Create(Equal(3), seed: seed);
        var choices = Choices(cluster, 30);
        Assert.Equal(3, choices.Take(3).Distinct().Count());
        Assert.Equal([.. Enumerable.Repeat(choices.Take(3), 10).SelectMany(turn => turn)], choices);
    }

    [Fact]
    public void ROUND_ROBIN_does_not_always_begin_with_the_same_host() =>
        Assert.Equal(3, Enumerable.Range(0, 50).Select(seed => Choices(Create(Equal(3), seed: seed), 1)[0]).Distinct().Count());

    [Fact]
    public void ROUND_ROBIN_over_30_requests_gives_three_hosts_ten_each() => Assert.Equal([10, 10, 10], Create(Equal(3)).Count(30));

    [Fact]
    public void ROUND_ROBIN_keeps_its_turn_when_hosts_come_and_go()
    {
        var cluster = Create(Equal(3));
        var next = int.Parse(Choices(cluster, 3)[0], System.Globalization.CultureInfo.InvariantCulture);
        cluster.Update(Definition(cluster.Settings, Equal(3)));
        Assert.Equal($"{next}", Choices(cluster, 1)[0]);
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(5, 1, 1)]
    [InlineData(25, 75, 100)]
    [InlineData(1, 1, 98)]
    public void ROUND_ROBIN_with_weights_is_exact_and_smooth(int first, int second, int third)
    {
        int[] weights = [first, second, third];
        for (var seed = 0; seed < 20; seed++)
        {
            var cluster = Create(Endpoints(weights), seed: seed);
            var counts = new int[3];
            var total = weights.Sum();
            for (var turn = 1; turn <= total * 5; turn++)
            {
                counts[cluster.Hosts.IndexOf(cluster.Choose(default)!)]++;
                for (var host = 0; host < 3; host++)
                {
                    // At every moment each host has its share, but for the pick or two it is ahead or behind.
                    Assert.InRange(counts[host], (turn * weights[host] / (double)total) - 2, (turn * weights[host] / (double)total) + 2);
                }
            }

            Assert.All(counts.Zip(weights), pair => Assert.InRange(pair.First, (pair.Second * 5) - 1, (pair.Second * 5) + 1));
        }
    }

    [Fact]
    public void Earliest_deadline_first_interleaves_hosts_of_different_weight()
    {
        var hosts = Create(Endpoints(1, 2)).Hosts;
        var scheduler = EdfScheduler.CreateWithPicks(hosts, host => host.Weight, 0);
        // Deadlines 1/1 and 1/2; of those that are all but equal the one that waited longer.
        var picks = Enumerable.Range(0, 9).Select(_ => scheduler.Pick(host => host.Weight).Weight);
        Assert.Equal("212212212", string.Concat(picks));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(23)]
    [InlineData(1000)]
    [InlineData(429496729 + 31)]
    public void A_schedule_that_emulates_picks_goes_on_like_one_that_made_them(long picks)
    {
        var hosts = Create(Endpoints(25, 75, 10)).Hosts;
        var emulated = EdfScheduler.CreateWithPicks(hosts, host => host.Weight, (uint)picks);
        var made = EdfScheduler.CreateWithPicks(hosts, host => host.Weight, 0);
        for (var pick = 0; pick < picks % 429496729; pick++)
        {
            made.Pick(host => host.Weight);
        }

        // Of deadlines that are all but equal, another host may come first.
        var ahead = hosts.ToDictionary(host => host, _ => 0);
        for (var pick = 0; pick < 330; pick++)
        {
            ahead[made.Pick(host => host.Weight)]++;
            ahead[emulated.Pick(host => host.Weight)]--;
            Assert.All(ahead.Values, count => Assert.InRange(count, -1, 1));
        }
    }

    [Fact]
    public void RANDOM_spreads_evenly_whatever_the_weights()
    {
        var counts = Create(Endpoints(1, 100, 1), Kind(BalancerKind.Random)).Count(30_000);
        // Six standard deviations of a share of a third.
        Assert.All(counts, count => Assert.InRange(count, 9500, 10500));
    }

    [Fact]
    public void LEAST_REQUEST_spreads_evenly_when_all_hosts_are_idle()
    {
        var counts = Create(Equal(3), Kind(BalancerKind.LeastRequest)).Count(30_000);
        Assert.All(counts, count => Assert.InRange(count, 9500, 10500));
    }

    [Fact]
    public void LEAST_REQUEST_takes_the_busiest_host_only_when_it_is_drawn_twice()
    {
        var cluster = Create(Equal(3), Kind(BalancerKind.LeastRequest));
        cluster.Hosts[0].BeginRequest();
        cluster.Hosts[0].BeginRequest();
        cluster.Hosts[1].BeginRequest();
        var counts = cluster.Count(90_000);
        // Pairs of 9: the first host wins 1 (both draws), the second 3 (with itself or the first), the idle one 5.
        Assert.InRange(counts[0], 9400, 10600);
        Assert.InRange(counts[1], 29100, 30900);
        Assert.InRange(counts[2], 49100, 50900);
    }

    [Fact]
    public void LEAST_REQUEST_with_weights_divides_these_by_the_active_requests()
    {
        var cluster = Create(Endpoints(4, 1), Kind(BalancerKind.LeastRequest));
        var idle = cluster.Count(5000);
        Assert.InRange(idle[0], 3995, 4005);
        for (var request = 0; request < 3; request++)
        {
            cluster.Hosts[0].BeginRequest();
        }

        // Now 4 / (3 + 1) against 1 / (0 + 1).
        var busy = cluster.Count(5000);
        Assert.InRange(busy[0], 2490, 2510);
        for (var request = 0; request < 3; request++)
        {
            cluster.Hosts[0].EndRequest();
        }

        Assert.InRange(cluster.Count(5000)[0], 3990, 4010);
    }

    [Theory]
    [InlineData(BalancerKind.RoundRobin)]
    [InlineData(BalancerKind.LeastRequest)]
    [InlineData(BalancerKind.Random)]
    [InlineData(BalancerKind.RingHash)]
    [InlineData(BalancerKind.Maglev)]
    internal void Without_hosts_there_is_no_choice_and_with_one_no_other(BalancerKind kind)
    {
        Assert.Null(Create([], Kind(kind)).Choose(default));
        var single = Create(Equal(1), Kind(kind));
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Same(single.Hosts[0], single.Choose(default)));
    }

    [Theory]
    [InlineData(BalancerKind.RoundRobin, 1)]
    [InlineData(BalancerKind.RoundRobin, 7)]
    [InlineData(BalancerKind.LeastRequest, 1)]
    [InlineData(BalancerKind.LeastRequest, 7)]
    [InlineData(BalancerKind.Random, 1)]
    [InlineData(BalancerKind.RingHash, 1)]
    [InlineData(BalancerKind.Maglev, 1)]
    internal void A_choice_allocates_nothing(BalancerKind kind, int firstWeight)
    {
        var cluster = Create(Endpoints(firstWeight, 1, 1), Kind(kind));
        var choice = new HostChoice(12345);
        Assert.Equal(1000, cluster.Count(1000, choice).Sum());
        Assert.Equal(0, Allocations.Of(() => cluster.Choose(choice)));
    }

    [Theory]
    [InlineData(BalancerKind.RoundRobin)]
    [InlineData(BalancerKind.LeastRequest)]
    [InlineData(BalancerKind.Random)]
    [InlineData(BalancerKind.RingHash)]
    [InlineData(BalancerKind.Maglev)]
    internal void A_retry_avoids_the_hosts_tried_before_with_five_reselections(BalancerKind kind)
    {
        var cluster = Create(Equal(3), Kind(kind));
        var elsewhere = 0;
        for (ulong hash = 0; hash < 1000; hash++)
        {
            var request = new HostChoice(hash * 0x9E3779B97F4A7C15);
            var tried = new TriedHosts(5);
            tried.Add(cluster.Choose(request)!);
            elsewhere += tried.Contains(cluster.Choose(request with { Avoid = tried })!) ? 0 : 1;
        }

        // Six draws of which each hits the tried host with 1/3: it is taken again in about one of 729 requests.
        Assert.InRange(elsewhere, 985, 1000);
    }

    [Fact]
    public void When_all_hosts_were_tried_the_last_draw_is_taken()
    {
        var cluster = Create(Equal(2));
        var tried = new TriedHosts(5);
        tried.Add(cluster.Hosts[0]);
        tried.Add(cluster.Hosts[1]);
        Assert.NotNull(cluster.Choose(new HostChoice(Avoid: tried)));
    }

    [Theory]
    [InlineData("example.com", "example.com:8080")]
    [InlineData("example.com:81", "example.com:81")]
    [InlineData("10.1.2.3", "10.1.2.3:8080")]
    [InlineData("[::1]:81", "[::1]:81")]
    [InlineData("[::1]", "[::1]:8080")]
    [InlineData("", null)]
    [InlineData("example.com:port", null)]
    [InlineData("example.com:0", null)]
    [InlineData("example.com:70000", null)]
    public void PASSTHROUGH_forwards_to_the_address_asked_for(string authority, string? expected)
    {
        var cluster = Create([], Kind(BalancerKind.Passthrough));
        var host = cluster.Choose(new HostChoice(Authority: authority));
        Assert.Equal(expected, host?.Endpoint.Authority);
        Assert.Same(host, cluster.Choose(new HostChoice(Authority: authority)));
    }

    [Fact]
    public void PASSTHROUGH_to_a_Service_is_random_as_its_virtual_address_is()
    {
        var cluster = Create(Equal(3), Kind(BalancerKind.Passthrough));
        Assert.All(cluster.Count(3000, new HostChoice(Authority: "ping")), count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Names_that_callers_invent_do_not_fill_the_memory()
    {
        var cluster = Create([], Kind(BalancerKind.Passthrough));
        for (var index = 0; index < 3000; index++)
        {
            Assert.NotNull(cluster.Choose(new HostChoice(Authority: $"host-{index}")));
        }
    }

    [Theory]
    [InlineData(BalancerKind.RoundRobin)]
    [InlineData(BalancerKind.LeastRequest)]
    internal void A_new_host_warms_up_linearly(BalancerKind kind)
    {
        var time = new FakeTimeProvider();
        var settings = new BalancerSettings(kind) { SlowStart = new SlowStart(TimeSpan.FromSeconds(100)) };
        using var cluster = Create(Equal(2), settings, time: time);
        time.Advance(TimeSpan.FromSeconds(200));
        cluster.Update(Definition(cluster.Settings, Equal(3)));

        // The share of the new host is its warm-up factor over 2 + factor; the least factor is 0.1.
        Assert.InRange(cluster.Count(2100)[2], 95, 105);
        time.Advance(TimeSpan.FromSeconds(50));
        Assert.InRange(cluster.Count(2500)[2], 495, 505);
        time.Advance(TimeSpan.FromSeconds(51));
        Assert.InRange(cluster.Count(3000)[2], 995, 1005);
    }

    [Theory]
    // After a quarter of the window: 0.25^(1/aggression), but at least the minimum.
    [InlineData(1, 10, 0.25)]
    [InlineData(2, 10, 0.5)]
    [InlineData(0.5, 1, 0.0625)]
    [InlineData(0.5, 20, 0.2)]
    [InlineData(1, 100, 1)]
    public void Warm_up_has_a_shape_and_a_least_share(double aggression, double least, double factor)
    {
        var time = new FakeTimeProvider();
        var slowStart = new SlowStart(TimeSpan.FromSeconds(100), aggression, least);
        var settings = new BalancerSettings(BalancerKind.RoundRobin) { SlowStart = slowStart };
        using var cluster = Create(Equal(1), settings, time: time);
        time.Advance(TimeSpan.FromSeconds(200));
        cluster.Update(Definition(cluster.Settings, Equal(2)));
        time.Advance(TimeSpan.FromSeconds(25));
        var share = cluster.Count(10_000)[1] / 10_000.0;
        Assert.InRange(share, (factor / (1 + factor)) - 0.005, (factor / (1 + factor)) + 0.005);
    }

    [Fact]
    public void Hosts_that_start_together_share_evenly_while_they_warm_up()
    {
        var time = new FakeTimeProvider();
        var settings = new BalancerSettings(BalancerKind.RoundRobin) { SlowStart = new SlowStart(TimeSpan.FromSeconds(100)) };
        using var cluster = Create(Equal(3), settings, time: time);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.All(cluster.Count(300), count => Assert.InRange(count, 99, 101));
    }

    [Fact]
    public void A_host_that_comes_back_from_an_ejection_does_not_warm_up_again()
    {
        var time = new FakeTimeProvider();
        var settings = new BalancerSettings(BalancerKind.RoundRobin) { SlowStart = new SlowStart(TimeSpan.FromSeconds(5)) };
        using var cluster = Create(Equal(2), settings, new() { MaxEjectionPercent = 100 }, time);
        time.Advance(TimeSpan.FromSeconds(10));
        cluster.Report(cluster.Hosts[0], Response(503), 5);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([50, 50], cluster.Count(100));
    }

    [Fact]
    public async Task Choices_from_many_threads_are_all_right()
    {
        foreach (var weight in (int[])[1, 3])
        {
            var cluster = new Cluster(Definition(Settings(), Endpoints(weight, 1)), TimeProvider.System, Random.Shared);
            var counts = new int[2];
            await Parallel.ForEachAsync(Enumerable.Range(0, 4000), TestContext.Current.CancellationToken, (_, _) =>
            {
                Interlocked.Increment(ref counts[cluster.Hosts.IndexOf(cluster.Choose(default)!)]);
                return ValueTask.CompletedTask;
            });
            Assert.InRange(counts[1], (4000 / (weight + 1)) - 1, (4000 / (weight + 1)) + 1);
        }
    }
}
