using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.References;

public class ReferenceTests
{
    [Fact]
    public async Task A_service_is_found_by_service_discovery_and_by_variables()
    {
        var (ping, gateway) = Declare();
        ping.WithHttpEndpoint().WithEndpoint(name: "grpc-in", scheme: "http");
        gateway.WithReference(ping);
        ping.Allocate("grpc-in", 5001);
        ping.Allocate("http", 5000);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__ping-pong__http__0"] = "http://localhost:5000",
                ["services__ping-pong__grpc-in__0"] = "http://localhost:5001",
                ["PING_PONG_HTTP"] = "http://localhost:5000",
                ["PING_PONG_GRPC_IN"] = "http://localhost:5001"
            },
            await gateway.EnvironmentAsync());
    }

    [Fact]
    public async Task Every_replica_is_listed()
    {
        var (ping, gateway) = Declare();
        ping.WithHttpEndpoint().WithAnnotation(new ReplicaAnnotation(3));
        gateway.WithReference(ping).WithReference(ping.GetEndpoint("http"));
        ping.Allocate("http", 5000, 5001, 5002, 5003);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__ping-pong__http__0"] = "http://localhost:5001",
                ["services__ping-pong__http__1"] = "http://localhost:5002",
                ["services__ping-pong__http__2"] = "http://localhost:5003",
                ["PING_PONG_HTTP"] = "http://localhost:5000"
            },
            await gateway.EnvironmentAsync());
    }

    [Fact]
    public async Task Published_there_is_one_expression_whatever_the_replicas()
    {
        var (ping, gateway) = Declare(TestModel.Publish());
        ping.WithHttpEndpoint().WithAnnotation(new ReplicaAnnotation(3));
        gateway.WithReference(ping);
        Assert.Equal(
            new Dictionary<string, string> { ["services__ping-pong__http__0"] = "{ping-pong.bindings.http.url}", ["PING_PONG_HTTP"] = "{ping-pong.bindings.http.url}" },
            await gateway.EnvironmentAsync());
    }

    [Fact]
    public async Task A_reference_may_have_another_name()
    {
        var (ping, gateway) = Declare();
        ping.WithHttpEndpoint();
        gateway.WithReference(ping, "my-backend");
        ping.Allocate("http", 5000);
        Assert.Equal(
            new Dictionary<string, string> { ["services__my-backend__http__0"] = "http://localhost:5000", ["my_backend_HTTP"] = "http://localhost:5000" },
            await gateway.EnvironmentAsync());
    }

    [Fact]
    public async Task One_endpoint_may_be_referred_to_and_others_left_out()
    {
        var (ping, gateway) = Declare();
        ping.WithHttpEndpoint().WithHttpEndpoint(name: "admin").WithEndpoint("debug", e =>
        {
            e.UriScheme = "http";
            e.ExcludeReferenceEndpoint = true;
        });
        gateway.WithReference(ping.GetEndpoint("admin"));
        var other = gateway.ApplicationBuilder.AddResource(new CustomResource("other")).WithReference(ping);
        ping.Allocate("http", 5000);
        ping.GetEndpoint("admin").EndpointAnnotation.AllocatedEndpoint = new AllocatedEndpoint(ping.GetEndpoint("admin").EndpointAnnotation, "localhost", 5001);
        Assert.Equal(["PING_PONG_ADMIN", "services__ping-pong__admin__0"], (await gateway.EnvironmentAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["PING_PONG_ADMIN", "PING_PONG_HTTP", "services__ping-pong__admin__0", "services__ping-pong__http__0"],
            (await other.EnvironmentAsync()).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_endpoint_named_http_that_speaks_https_is_found_as_https()
    {
        var (ping, gateway) = Declare();
        ping.WithHttpEndpoint().WithEndpoint("http", e => e.UriScheme = "https");
        gateway.WithReference(ping);
        ping.Allocate("http", 5000);
        Assert.Equal("https://localhost:5000", (await gateway.EnvironmentAsync())["services__ping-pong__https__0"]);
    }

    [Theory]
    [InlineData(ReferenceEnvironmentInjectionFlags.None)]
    [InlineData(ReferenceEnvironmentInjectionFlags.Endpoints, "PING_PONG_HTTP")]
    [InlineData(ReferenceEnvironmentInjectionFlags.ServiceDiscovery, "services__ping-pong__http__0")]
    [InlineData(ReferenceEnvironmentInjectionFlags.ConnectionString, "ConnectionStrings__db")]
    [InlineData(ReferenceEnvironmentInjectionFlags.ConnectionProperties, "DB_HOST")]
    [InlineData(ReferenceEnvironmentInjectionFlags.All, "ConnectionStrings__db", "DB_HOST", "PING_PONG_HTTP", "services__ping-pong__http__0")]
    public async Task The_variables_may_be_chosen(ReferenceEnvironmentInjectionFlags flags, params string[] expected)
    {
        var (ping, gateway) = Declare();
        ping.WithHttpEndpoint();
        var db =
            gateway.ApplicationBuilder.AddConnectionString("db", ReferenceExpression.Create($"Host=h")).WithConnectionProperty("Host", "h");
        gateway.WithReference(ping).WithReference(db).WithReferenceEnvironment(flags);
        ping.Allocate("http", 5000);
        Assert.Equal(expected, (await gateway.EnvironmentAsync()).Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, false, "ConnectionStrings__db", "Server=s")]
    [InlineData("other", false, "ConnectionStrings__other", "Server=s")]
    public async Task A_connection_string_is_given(string? connectionName, bool optional, string variable, string value)
    {
        var builder = TestModel.Run("--ConnectionStrings:db=Server=s");
        var gateway =
            builder.AddResource(new CustomResource("gateway")).WithReference(builder.AddConnectionString("db"), connectionName, optional);
        Assert.Equal(value, (await gateway.EnvironmentAsync())[variable]);
    }

    [Fact]
    public async Task A_connection_string_may_be_missing_when_it_is_optional()
    {
        var builder = TestModel.Run();
        var db = builder.AddConnectionString("db", "DB_CONNECTION");
        var optional = builder.AddResource(new CustomResource("a")).WithReference(db, optional: true);
        var required = builder.AddResource(new CustomResource("b")).WithReference(db);
        Assert.Empty(await optional.EnvironmentAsync());
        var result = await required.EvaluateAsync();
        Assert.Equal(
            "Connection string 'db' has no value: set ConnectionStrings:db in the AppHost's configuration " +
            "(environment variable ConnectionStrings__db, user secrets or appsettings.json).",
            result.Exception!.Message);
    }

    [Fact]
    public async Task An_external_service_is_found()
    {
        var builder = TestModel.Run("--Parameters:url=https://b.example.com");
        var gateway = builder.AddResource(new CustomResource("gateway"))
            .WithReference(builder.AddExternalService("a-api", "http://a.example.com"))
            .WithReference(builder.AddExternalService("b-api", builder.AddParameter("url")))
            .WithReference("c-api", new Uri("http://c.example.com"));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__a-api__http__0"] = "http://a.example.com/",
                ["A_API"] = "http://a.example.com/",
                ["services__b-api__https__0"] = "https://b.example.com",
                ["B_API_HTTPS"] = "https://b.example.com",
                ["services__c-api__default__0"] = "http://c.example.com/",
                ["c_api"] = "http://c.example.com/"
            },
            await gateway.EnvironmentAsync());
    }

    [Theory]
    [InlineData("/relative", "must be absolute")]
    [InlineData("http://a/?q=1", "cannot contain a query string")]
    [InlineData("http://a/#f", "cannot contain a fragment")]
    public void The_URL_of_a_service_must_be_plain(string url, string problem)
    {
        var builder = TestModel.Run();
        var gateway = builder.AddResource(new CustomResource("gateway"));
        Assert.Equal(
            $"The URI for service reference 'api' is invalid while configuring target resource 'gateway': it {problem}.",
            Assert.Throws<InvalidOperationException>(() => gateway.WithReference("api", new Uri(url, UriKind.RelativeOrAbsolute))).Message);
        Assert.StartsWith(
            $"The URL '{url}' of external service 'api' {problem}.",
            Assert.Throws<ArgumentException>(() => builder.AddExternalService("api", url)).Message,
            StringComparison.Ordinal);
    }

    private static (IResourceBuilder<CustomResource> Ping, IResourceBuilder<CustomResource> Gateway) Declare(
        IDistributedApplicationBuilder? builder = null)
    {
        builder ??= TestModel.Run();
        return (builder.AddResource(new CustomResource("ping-pong")), builder.AddResource(new CustomResource("gateway")));
    }
}
