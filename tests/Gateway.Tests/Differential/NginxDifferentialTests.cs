using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Tests.Support;

namespace Gateway.Tests.Differential;

/// <summary>
/// The gateway against a real nginx with the configuration that ingress-nginx generates: same status, same upstream, same upstream
/// request target. GATEWAY_DIFFERENTIAL_COUNT and GATEWAY_DIFFERENTIAL_SEED change how many requests are generated, and from what.
/// </summary>
public sealed class NginxDifferentialTests
{
    private const int Connections = 8;

    private static int Count => Number("GATEWAY_DIFFERENTIAL_COUNT") ?? 20_000;

    private static int Seed => Number("GATEWAY_DIFFERENTIAL_SEED") ?? 20231020;

    [Fact]
    public async Task Generated_requests_are_answered_as_nginx_answers_them()
    {
        Assert.SkipWhen(Nginx.Missing is not null, Nginx.Missing ?? "");
        await using var pair = await Pair.StartAsync();
        var differences = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(index => pair.CompareAsync(
            Requests(Seed + index, Count / Connections), difference => differences.Enqueue($"seed {Seed + index}: {difference}"))));
        Assert.True(differences.IsEmpty, $"{differences.Count} differences with seed {Seed}:\n{string.Join('\n', differences.Take(40))}");
    }

    [Fact]
    public async Task The_reference_and_the_seed_are_answered_as_nginx_answers_them()
    {
        Assert.SkipWhen(Nginx.Missing is not null, Nginx.Missing ?? "");
        await using var pair = await Pair.StartAsync();
        var differences = new List<string>();
        var requests = ReferenceTable.Rows.Select(row => new GeneratedRequest("GET", row.Target, "localhost"));
        await pair.CompareAsync(requests, differences.Add);
        Assert.Empty(differences);
    }

    private static IEnumerable<GeneratedRequest> Requests(int seed, int count)
    {
        var generator = new RequestGenerator(seed);
        for (var i = 0; i < count; i++)
        {
            yield return generator.Next();
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private sealed class Pair : IAsyncDisposable
    {
        private readonly RawUpstream _a = RawUpstream.Echo("A");
        private readonly RawUpstream _b = RawUpstream.Echo("B");
        private Nginx _nginx = null!;
        private TestGateway _gateway = null!;

        public static async Task<Pair> StartAsync()
        {
            var pair = new Pair();
            pair._nginx = await Nginx.StartAsync(Scenario.Servers, Scenario.Upstreams(pair._a.Port, pair._b.Port));
            pair._gateway = await TestGateway.StartAsync(Scenario.Yaml(pair._a.Port, pair._b.Port));
            return pair;
        }

        public async Task CompareAsync(IEnumerable<GeneratedRequest> requests, Action<string> report)
        {
            using var nginx = new RawClient(_nginx.Port, TestContext.Current.CancellationToken);
            using var gateway = _gateway.Connect();
            foreach (var request in requests)
            {
                var expected = await nginx.SendAsync(request.Text);
                var actual = await gateway.SendAsync(request.Text);
                if (Summary(expected) != Summary(actual) && !IsKestrelsOwn(request, actual))
                {
                    report($"{request}: nginx {Summary(expected)}, gateway {Summary(actual)}");
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _gateway.DisposeAsync();
            await _nginx.DisposeAsync();
            await _a.DisposeAsync();
            await _b.DisposeAsync();
        }

        private static string Summary(RawResponse response) => response.Status switch
        {
            200 => $"200 {response.Body}",
            301 => $"301 {response.Header("Location")}",
            var status => $"{status}",
        };

        /// <summary>
        /// What Kestrel refuses before the gateway sees the request, and .NET's HTTP client cannot send. Everything else must agree.
        /// </summary>
        private static bool IsKestrelsOwn(GeneratedRequest request, RawResponse actual)
        {
            // The gateway's own answers have nginx's page; Kestrel's have no body.
            var byServer = actual.Status is 400 or 405 && actual.Body.Length == 0;
            var isOriginForm = request.Target.StartsWith('/');
            var fragment = request.Target.IndexOf('#');
            return (byServer && !isOriginForm)
                || (byServer && fragment >= 0 && request.Target.IndexOf("%00", fragment, StringComparison.Ordinal) > 0)
                || (actual.Status == 400 && request.Host.StartsWith('.'));
        }
    }
}
