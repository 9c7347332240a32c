using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task The_default_server_is_healthy_until_it_is_asked_to_stop()
    {
        await using var upstream = RawUpstream.Echo("A");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        Assert.Equal(200, (await client.GetAsync("/healthz")).Status);
        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal(503, (await client.GetAsync("/healthz")).Status);
        Assert.Equal(200, (await client.GetAsync("/api/v1/ping")).Status);
    }
}
