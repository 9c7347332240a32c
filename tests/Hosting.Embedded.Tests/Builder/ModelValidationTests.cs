using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Builder;

public class ModelValidationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Replicas_must_be_one_or_more(int replicas)
    {
        using var project = new TestProject();
        Refused(
            builder => builder.AddTestProject("ping", project).WithReplicas(replicas),
            $"Resource 'ping' has {replicas} replicas; give it 1 or more with WithReplicas, or do not add it at all.");
    }

    [Fact]
    public void Endpoints_of_one_name_are_refused() => Refused(
        builder => builder.AddExecutable("ping", "ping", ".").WithHttpEndpoint().WithAnnotation(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, name: "HTTP")),
        "Endpoint with name 'http' is declared 2 times on resource 'ping'; endpoint names must be unique within a resource.");

    [Theory]
    [InlineData(70000)]
    [InlineData(-5)]
    public void A_port_that_is_none_is_refused(int port) => Refused(
        builder => builder.AddExecutable("ping", "ping", ".").WithHttpEndpoint(port),
        $"Endpoint 'http' of resource 'ping' has port {port}; ports are between 1 and 65535.");

    [Fact]
    public void A_fixed_port_can_be_used_once() => Refused(
        builder =>
        {
            builder.AddExecutable("ping", "ping", ".").WithHttpEndpoint(8080);
            builder.AddExecutable("pong", "pong", ".").WithHttpEndpoint(8080, name: "api");
        },
        "Port 8080 is used twice: by endpoint 'http' of resource 'ping' and by endpoint 'api' of resource 'pong'; " +
        "change one of them, or leave it out to have a port chosen.");

    [Fact]
    public void Resources_that_wait_for_each_other_are_refused_with_the_circle() => Refused(
        builder =>
        {
            var outside = builder.AddExecutable("outside", "o", ".");
            var a = builder.AddExecutable("a", "a", ".");
            var b = builder.AddExecutable("b", "b", ".").WaitFor(a);
            var c = builder.AddExecutable("c", "c", ".").WaitForCompletion(b);
            a.WaitForStart(c);
            outside.WaitFor(b);
        },
        "Resources wait for each other in a circle and none could ever start: b -> a -> c -> b; remove one of these WaitFor calls.");

    [Fact]
    public void A_resource_cannot_wait_for_itself() => Refused(
        builder =>
        {
            var a = builder.AddExecutable("a", "a", ".");
            a.WaitFor(a);
        },
        "The 'a' resource cannot wait for itself.");

    [Fact]
    public void A_project_must_exist() => Refused(
        builder => builder.AddProject("ping", "/nowhere/Ping.csproj"),
        "Project 'ping' cannot be added: its project file '/nowhere/Ping.csproj' does not exist; " +
        "correct the path, or rebuild the AppHost if the project was moved.");

    [Fact]
    public async Task A_health_check_must_be_registered()
    {
        var builder = TestModel.Run();
        builder.AddResource(new CustomResource("ping")).WithHealthCheck("db");
        await using var app = builder.Build();
        var exception =
            await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            "The health check 'db' is not registered and is required for resource 'ping'; register it with " +
                "builder.Services.AddHealthChecks().AddCheck(...).",
            exception.Message);
    }

    [Fact]
    public void A_health_check_is_added_once() => Refused(
        builder => builder.AddExecutable("ping", "p", ".").WithHttpEndpoint().WithHttpProbe(ProbeType.Readiness, "/health").WithHttpHealthCheck("/health"),
        "Resource 'ping' already has a health check with key 'ping_http_/health_200_check'.");

    [Theory]
    [InlineData("HTTP health check")]
    [InlineData("HTTP probe")]
    [InlineData("HTTP command")]
    public void What_asks_by_http_needs_an_endpoint(string what) => Refused(
        builder =>
        {
            var ping = builder.AddExecutable("ping", "p", ".").WithEndpoint(name: "tcp");
            _ = what switch
            {
                "HTTP health check" => ping.WithHttpHealthCheck(),
                "HTTP probe" => ping.WithHttpProbe(ProbeType.Liveness),
                _ => ping.WithHttpCommand("/reset", "Reset")
            };
        },
        $"Could not create {what} for resource 'ping' as no endpoint was found matching one of the specified names: https, http; " +
        "declare one with WithHttpEndpoint.");

    [Fact]
    public void What_asks_by_http_needs_an_http_endpoint() => Refused(
        builder => builder.AddExecutable("ping", "p", ".").WithEndpoint(name: "db", scheme: "tcp").WithHttpHealthCheck(endpointName: "db"),
        "Could not create HTTP health check for resource 'ping' as the endpoint with name 'db' and scheme 'tcp' is not an HTTP endpoint.");

    private static void Refused(Action<IDistributedApplicationBuilder> declare, string message)
    {
        var builder = TestModel.Run();
        var exception = Assert.Throws<DistributedApplicationException>(() =>
        {
            declare(builder);
            builder.Build();
        });
        Assert.Equal(message, exception.Message);
    }
}
