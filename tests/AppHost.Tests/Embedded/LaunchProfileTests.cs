namespace AppHost.Tests.Embedded;

public class LaunchProfileTests(PingSystem system)
{
    [Fact]
    public async Task A_test_sends_no_telemetry_to_the_dashboard_of_a_run()
    {
        var replica = await system.App.ResourceNotifications.WaitForResourceHealthyAsync("ping", TestContext.Current.CancellationToken);

        Assert.DoesNotContain(replica.Snapshot.EnvironmentVariables, variable => variable.Name == "OTEL_EXPORTER_OTLP_ENDPOINT");
    }
}
