using Aspire.Hosting;
using Aspire.Hosting.Orchestration.Launch;
using Hosting.Embedded.Tests.Orchestration.Replicas;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hosting.Embedded.Tests.Orchestration.Launch;

public class ProcessSpecTests
{
    [Fact]
    public async Task The_address_of_the_dashboard_is_not_handed_down()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        var job = builder.AddExecutable("job", "job", ".");
        var web = builder.AddExecutable("web", "web", ".").WithEnvironment("ASPNETCORE_URLS", "http://localhost:5000");
        var factory = new ProcessSpecFactory(new ProjectOutput(new FakeProcesses()), builder.ExecutionContext);

        var ofJob = await factory.CreateAsync(job.Resource, 0, "x7k2p", NullLogger.Instance, TestContext.Current.CancellationToken);
        var ofWeb = await factory.CreateAsync(web.Resource, 0, "x7k2p", NullLogger.Instance, TestContext.Current.CancellationToken);

        // Null takes away what this process has.
        Assert.Contains(KeyValuePair.Create("ASPNETCORE_URLS", (string?)null), ofJob.Spec.Environment);
        Assert.DoesNotContain(ofJob.Variables, variable => variable.Name == "ASPNETCORE_URLS");
        Assert.Equal("http://localhost:5000", ofWeb.Spec.Environment["ASPNETCORE_URLS"]);
    }
}
