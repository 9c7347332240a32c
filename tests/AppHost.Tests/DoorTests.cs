using System.Net;

namespace AppHost.Tests;

public class DoorTests(PingSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thirty_requests_at_the_Ingress_door_reach_three_instances_ten_times_each()
    {
        var instances = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            instances.Add(await system.InstanceAsync(system.Door, "api/v1/ping", Cancellation));
        }

        var counts = instances.CountBy(name => name).ToList();
        Assert.Equal([10, 10, 10], counts.Select(count => count.Value));
        Assert.All(counts, count => Assert.Matches("^ping-[a-z0-9]{5}$", count.Key));
    }

    [Fact]
    public async Task The_NodePort_door_leads_to_every_replica_a_connection_at_a_time()
    {
        var instances = new HashSet<string>();
        await Eventually.TrueAsync(
            async () =>
            {
                instances.Add(await system.InstanceAsync(system.NodePort, "ping", Cancellation, newConnection: true));
                return instances.Count == 3;
            },
            "three instances answer at the NodePort door",
            Cancellation);
    }

    [Theory]
    [InlineData("/api/v1/ping", HttpStatusCode.OK)]
    [InlineData("/api/v1", HttpStatusCode.NotFound)] // reaches the service as "/", which it does not have
    [InlineData("/API/V1/ping", HttpStatusCode.OK)]
    [InlineData("/api/v1ping", HttpStatusCode.NotFound)]
    [InlineData("/ping", HttpStatusCode.NotFound)]
    public async Task The_seed_s_rewrite_decides_what_the_door_answers(string path, HttpStatusCode expected)
    {
        using var client = system.App.CreateHttpClient("gateway");

        using var response = await client.GetAsync(path, Cancellation);

        Assert.Equal(expected, response.StatusCode);
    }
}
