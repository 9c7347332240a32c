using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

public sealed class ConsistentHashTests
{
    private static BalancerSettings Ring(ulong size = 1024) => new(BalancerKind.RingHash) { TableSize = size };

    private static BalancerSettings Maglev(ulong size = 65537) => new(BalancerKind.Maglev) { TableSize = size };

    private static string Chosen(Cluster cluster, ulong hash) => cluster.Choose(new HostChoice(hash))!.Endpoint.Authority;

    /// <summary>XXH64 as its specification writes it, slow and plain.</summary>
    /// <remarks>https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.</remarks>
    private static ulong PlainXxHash64(byte[] data, ulong seed)
    {
        const ulong P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9, P4 = 0x85EBCA77C2B2AE63,
            P5 = 0x27D4EB2F165667C5;
        static ulong Round(ulong accumulator, ulong lane) => BitOperations.RotateLeft(accumulator + (lane * P2), 31) * P1;
        var rest = data.AsSpan();
        ulong hash;
        if (rest.Length >= 32)
        {
            ulong[] lanes = [seed + P1 + P2, seed + P2, seed, seed - P1];
            for (; rest.Length >= 32; rest = rest[32..])
            {
                for (var lane = 0; lane < 4; lane++)
                {
                    lanes[lane] = Round(lanes[lane], BinaryPrimitives.ReadUInt64LittleEndian(rest[(lane * 8)..]));
                }
            }

            hash = BitOperations.RotateLeft(lanes[0], 1) + BitOperations.RotateLeft(lanes[1], 7) + BitOperations.RotateLeft(lanes[2], 12)
                + BitOperations.RotateLeft(lanes[3], 18);
            hash = lanes.Aggregate(hash, (current, lane) => ((current ^ Round(0, lane)) * P1) + P4);
        }
        else
        {
            hash = seed + P5;
        }

        hash += (ulong)data.Length;
        for (; rest.Length >= 8; rest = rest[8..])
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * P1) + P4;
        }

        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * P1), 23) * P2) + P3;
        }

        foreach (var single in rest)
        {
            hash = BitOperations.RotateLeft(hash ^ (single * P5), 11) * P1;
        }

        hash = (hash ^ (hash >> 33)) * P2;
        hash = (hash ^ (hash >> 29)) * P3;
        return hash ^ (hash >> 32);
    }

    internal static ulong PlainXxHash64(string text, ulong seed = 0) => PlainXxHash64(Encoding.UTF8.GetBytes(text), seed);

    [Theory]
    // The specification's own vectors for the empty text, and those of Envoy's test of HashUtil.
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("foo", 3728699739546630719)]
    [InlineData("bar", 5234164152756840025)]
    [InlineData("foo\nbar", 8917841378505826757)]
    [InlineData("lyft", 4400747396090729504)]
    public void The_hash_of_text_is_Envoys(string text, ulong expected)
    {
        Assert.Equal(expected, PlainXxHash64(text));
        Assert.Equal(expected, HashPolicy.HashOf(text));
    }

    [Fact]
    public void The_hash_of_any_text_is_the_specifications() =>
        Prop.ForAll<string, int>((text, seed) =>
            // A half of a surrogate pair is no text; both sides would replace it.
            HashPolicy.HashOf(text ?? "", (ulong)(uint)seed) == PlainXxHash64(text ?? "", (ulong)(uint)seed)).QuickCheckThrowOnFailure();

    [Fact]
    public void The_hash_of_a_long_text_needs_no_stack() =>
        Assert.Equal(PlainXxHash64(new string('x', 100_000)), HashPolicy.HashOf(new string('x', 100_000)));

    /// <summary>Ketama as Envoy builds it, in its simplest form: all points in one sorted list, searched from its beginning.</summary>
    private static Func<ulong, int, string> PlainRing(IReadOnlyList<(string Address, int Weight)> hosts, ulong minimum)
    {
        var sum = hosts.Sum(host => host.Weight);
        var least = hosts.Min(host => (double)host.Weight / sum);
        var scale = Math.Ceiling(least * minimum) / least;
        var points = new List<(ulong Hash, string Address)>();
        var target = 0.0;
        foreach (var (address, weight) in hosts)
        {
            target += scale * ((double)weight / sum);
            for (var point = 0; points.Count < target; point++)
            {
                points.Add((PlainXxHash64($"{address}_{point}"), address));
            }
        }

        points.Sort((left, right) => left.Hash.CompareTo(right.Hash));
        return (hash, attempt) =>
        {
            var index = points.FindIndex(point => point.Hash >= hash);
            return points[((index < 0 ? 0 : index) + attempt) % points.Count].Address;
        };
    }

    private static IReadOnlyList<(string, int)> Hosts(params int[] weights) =>
        [.. weights.Select((weight, index) => ($"10.0.0.{index + 1}:8080", weight))];

    [Theory]
    [InlineData(1024, 1, 1, 1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(6, 1, 1, 1, 1)]
    [InlineData(1024, 1, 2, 3)]
    [InlineData(100, 1, 97)]
    [InlineData(5000, 3, 1, 4, 1, 5)]
    public void The_ring_is_Envoys(int size, params int[] weights)
    {
        var expected = PlainRing(Hosts(weights), (ulong)size);
        var cluster = Create(Endpoints(weights), Ring((ulong)size));
        for (ulong index = 0; index < 500; index++)
        {
            var hash = PlainXxHash64($"{index}");
            Assert.Equal(expected(hash, 0), Chosen(cluster, hash));
        }

        foreach (var edge in (ulong[])[0, 1, ulong.MaxValue, ulong.MaxValue - 1])
        {
            Assert.Equal(expected(edge, 0), Chosen(cluster, edge));
        }
    }

    [Fact]
    public void A_retry_goes_on_along_the_ring()
    {
        var expected = PlainRing(Hosts(1, 1, 1), 1024);
        var cluster = Create(Equal(3), Ring());
        for (ulong index = 0; index < 200; index++)
        {
            var hash = PlainXxHash64($"{index}");
            var tried = new TriedHosts(5);
            tried.Add(cluster.Choose(new HostChoice(hash))!);
            var next = Enumerable.Range(0, 6).Select(attempt => expected(hash, attempt))
                .FirstOrDefault(address => address != expected(hash, 0))
                ?? expected(hash, 5);
            Assert.Equal(next, cluster.Choose(new HostChoice(hash, tried))!.Endpoint.Authority);
        }
    }

    /// <summary>Maglev as its paper's listing 1 writes it, for hosts of equal weight.</summary>
    private static string[] PlainMaglev(IEnumerable<string> addresses, ulong size)
    {
        var hosts = addresses.Order(StringComparer.Ordinal).ToArray();
        var next = new ulong[hosts.Length];
        var table = new string?[size];
        for (var filled = 0ul; ;)
        {
            for (var host = 0; host < hosts.Length; host++)
            {
                ulong slot;
                do
                {
                    var (offset, skip) = (PlainXxHash64(hosts[host]) % size, (PlainXxHash64(hosts[host], 1) % (size - 1)) + 1);
                    slot = (offset + (next[host]++ * skip)) % size;
                }
                while (table[slot] is not null);
                table[slot] = hosts[host];
                if (++filled == size)
                {
                    return table!;
                }
            }
        }
    }

    [Theory]
    [InlineData(3, 65537)]
    [InlineData(3, 7)]
    [InlineData(1, 251)]
    [InlineData(12, 2039)]
    public void The_Maglev_table_is_Envoys(int hosts, int size)
    {
        var cluster = Create(Equal(hosts), Maglev((ulong)size));
        var expected = PlainMaglev(cluster.Hosts.Select(host => host.Endpoint.Authority), (ulong)size);
        for (ulong slot = 0; slot < (ulong)size; slot++)
        {
            Assert.Equal(expected[slot], Chosen(cluster, slot));
            Assert.Equal(expected[slot], Chosen(cluster, slot + ((ulong)size * 1000)));
        }
    }

    [Fact]
    public void A_retry_changes_most_bits_of_the_Maglev_hash()
    {
        var cluster = Create(Equal(3), Maglev());
        var table = PlainMaglev(cluster.Hosts.Select(host => host.Endpoint.Authority), 65537);
        for (ulong hash = 0; hash < 200; hash++)
        {
            var tried = new TriedHosts(1);
            tried.Add(cluster.Choose(new HostChoice(hash))!);
            var second = table[(hash ^ ulong.MaxValue) % 65537];
            var expected = table[hash] == second ? table[hash] : second;
            Assert.Equal(expected, cluster.Choose(new HostChoice(hash, tried))!.Endpoint.Authority);
        }
    }

    [Fact]
    public void Maglev_tables_do_not_depend_on_the_order_of_hosts()
    {
        var one = Create(Equal(5), Maglev(2039));
        var other = Create([.. Equal(5).Reverse()], Maglev(2039));
        Assert.All(Enumerable.Range(0, 2039), slot => Assert.Equal(Chosen(one, (ulong)slot), Chosen(other, (ulong)slot)));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 7)]
    [InlineData(10, 1, 1)]
    public void Maglev_shares_follow_the_weights_closely(params int[] weights)
    {
        var cluster = Create(Endpoints(weights), Maglev());
        var shares = Enumerable.Range(0, 65537).CountBy(slot => Chosen(cluster, (ulong)slot)).ToDictionary();
        foreach (var host in cluster.Hosts)
        {
            var expected = 65537.0 * host.Weight / weights.Sum();
            Assert.InRange(shares[host.Endpoint.Authority], expected - 5, expected + 5);
        }
    }

    [Fact]
    public void Ring_shares_follow_the_weights_roughly()
    {
        var cluster = Create(Endpoints(1, 2, 1), Ring(4096));
        var shares = Enumerable.Range(0, 20_000).CountBy(index => Chosen(cluster, PlainXxHash64($"client-{index}"))).ToDictionary();
        Assert.InRange(shares["10.0.0.2:8080"], 9000, 11000);
        Assert.InRange(shares["10.0.0.1:8080"], 4300, 5700);
    }

    [Theory]
    [InlineData(BalancerKind.RingHash)]
    [InlineData(BalancerKind.Maglev)]
    internal void When_a_host_goes_most_requests_of_the_others_stay(BalancerKind kind)
    {
        var cluster = Create(Equal(5), kind == BalancerKind.RingHash ? Ring() : Maglev());
        var hashes = Enumerable.Range(0, 5000).Select(index => PlainXxHash64($"{index}")).ToArray();
        var before = hashes.Select(hash => Chosen(cluster, hash)).ToArray();
        cluster.Update(Definition(cluster.Settings, Equal(4)));
        var moved = hashes.Where((hash, index) => before[index] != "10.0.0.5:8080" && Chosen(cluster, hash) != before[index]).Count();
        // A ring of least size gives each of fewer hosts more points; Maglev fills its table anew for the sake of even shares.
        Assert.InRange(moved, 1, 600);
    }

    [Fact]
    public void Requests_of_an_ejected_host_go_elsewhere_and_come_back()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var cluster = Create(Equal(3), Ring(), new() { MaxEjectionPercent = 100 }, time);
        var hash = PlainXxHash64("client");
        var host = cluster.Choose(new HostChoice(hash))!;
        cluster.Report(host, Response(503), 5);
        Assert.NotSame(host, cluster.Choose(new HostChoice(hash)));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Same(host, cluster.Choose(new HostChoice(hash)));
    }

    [Fact]
    public void Without_a_hash_the_choice_is_random() =>
        Assert.All(Create(Equal(3), Maglev()).Count(3000), count => Assert.InRange(count, 850, 1150));
}
