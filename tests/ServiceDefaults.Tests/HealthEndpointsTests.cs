using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Tests;

public sealed class HealthEndpointsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task They_are_mapped_in_every_environment(string environment)
    {
        await using var service = await TestService.StartAsync(builder => builder.Environment.EnvironmentName = environment);

        Assert.Equal("Healthy", await service.Client.GetStringAsync("/health", Cancel));
        Assert.Equal("Healthy", await service.Client.GetStringAsync("/alive", Cancel));
    }

    [Theory]
    [InlineData(false, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task A_failing_check_counts_for_liveness_only_when_tagged_live(bool live, HttpStatusCode health, HttpStatusCode alive)
    {
        await using var service = await TestService.StartAsync(builder =>
            builder.Services.AddHealthChecks().AddCheck("broken", () => HealthCheckResult.Unhealthy(), live ? ["live"] : []));

        Assert.Equal(health, (await service.Client.GetAsync("/health", Cancel)).StatusCode);
        Assert.Equal(alive, (await service.Client.GetAsync("/alive", Cancel)).StatusCode);
    }
}
