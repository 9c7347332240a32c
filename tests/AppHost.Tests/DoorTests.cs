using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AppHost.Tests;

public class DoorTests(PingSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("istio")]
    public async Task Thirty_requests_at_a_door_reach_three_instances_ten_times_each(string endpoint)
    {
        var door = system.App.GetEndpoint("gateway", endpoint);
        var instances = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            instances.Add(await system.InstanceAsync(door, "api/v1/ping", Cancellation));
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
    public Task The_seed_s_rewrite_decides_what_the_Ingress_door_answers(string path, HttpStatusCode expected) => AnswersAsync("http", path, expected);

    [Theory]
    [InlineData("/api/v1/ping", HttpStatusCode.OK)]
    [InlineData("/api/v1", HttpStatusCode.NotFound)]
    [InlineData("/API/V1/ping", HttpStatusCode.OK)]
    [InlineData("/api/v1ping", HttpStatusCode.NotFound)]
    [InlineData("/ping", HttpStatusCode.NotFound)]
    public Task The_same_rewrite_decides_what_the_Istio_door_answers(string path, HttpStatusCode expected) => AnswersAsync("istio", path, expected);

    [Fact]
    public async Task A_service_that_refers_to_another_calls_it_through_the_mesh()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Cancellation);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        var ping = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "ping"));
        builder.AddExecutable("caller", "sleep", ".", "1000").WithReference(ping);
        await using var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        var caller = await app.ResourceNotifications.WaitForResourceAsync(
            "caller", now => now.Snapshot.State?.Text == KnownResourceStates.Running, Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", Cancellation);

        var told = caller.Snapshot.EnvironmentVariables.Where(variable => variable.Name.StartsWith("services__ping__http__", StringComparison.Ordinal)).ToList();
        var address = Assert.Single(told).Value!;
        var instances = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            instances.Add(await system.InstanceAsync(new Uri(address), "ping", Cancellation));
        }

        Assert.Equal(app.GetEndpoint("gateway", "mesh-ping-http"), new Uri(address));
        Assert.Equal([10, 10, 10], instances.CountBy(name => name).Select(count => count.Value));
    }

    private async Task AnswersAsync(string endpoint, string path, HttpStatusCode expected)
    {
        using var client = system.App.CreateHttpClient("gateway", endpoint);

        using var response = await client.GetAsync(path, Cancellation);

        Assert.Equal(expected, response.StatusCode);
    }
}
