namespace AppHost.Tests;

public class SideBySideTests(PingSystem system)
{
    [Fact]
    public async Task A_second_application_in_the_same_process_has_its_own_ports_replicas_and_end()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(cancellation);
        await using (var other = await builder.BuildAsync(cancellation))
        {
            await other.StartAsync(cancellation);
            await other.ResourceNotifications.WaitForResourceHealthyAsync("gateway", cancellation);

            var here = await system.InstanceAsync(system.Door, "api/v1/ping", cancellation);
            var there = await system.InstanceAsync(other.GetEndpoint("gateway", "http"), "api/v1/ping", cancellation);

            Assert.NotEqual(system.Door, other.GetEndpoint("gateway", "http"));
            Assert.NotEqual(here, there);
        }

        Assert.NotEmpty(await system.InstanceAsync(system.Door, "api/v1/ping", cancellation));
    }
}
