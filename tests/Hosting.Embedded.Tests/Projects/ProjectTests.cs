using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Projects;

public class ProjectTests
{
    private const string Settings = """
        {
          // Comments and trailing commas are allowed.
          "profiles": {
            "IIS Express": { "commandName": "IISExpress" },
            "http": {
              "commandName": "Project",
              "commandLineArgs": "--verbose \"two words\" c:\\dir",
              "applicationUrl": "http://localhost:5100",
              "launchUrl": "swagger",
              "environmentVariables": { "ASPNETCORE_ENVIRONMENT": "Development", "FROM": "http" },
            },
            "https": {
              "commandName": "Project",
              "applicationUrl": "https://localhost:7100;http://localhost:5100;http://*:5101",
              "environmentVariables": { "FROM": "https" }
            },
            "docker": { "commandName": "Docker" }
          }
        }
        """;

    [Theory]
    [InlineData(null, null, "http")]
    [InlineData("https", null, "https")]
    [InlineData(null, "https", "https")]
    [InlineData(null, "unknown", "http")]
    [InlineData(null, "docker", "http")]
    [InlineData("http", "https", "http")]
    [InlineData("none", null, null)]
    public async Task The_launch_profile_is_the_chosen_one_else_the_AppHosts_else_the_first(
        string? chosen,
        string? appHosts,
        string? expected)
    {
        using var project = new TestProject(Settings);
        var builder = TestModel.Run();
        builder.Configuration["DOTNET_LAUNCH_PROFILE"] = appHosts;
        var ping = chosen switch
        {
            null => builder.AddProject("ping", project.ProjectPath),
            "none" => builder.AddProject("ping", project.ProjectPath, launchProfileName: null),
            _ => builder.AddProject("ping", project.ProjectPath, chosen)
        };
        AllocateAll(ping);
        var environment = await ping.EnvironmentAsync();
        Assert.Equal(expected, environment.GetValueOrDefault("FROM"));
        Assert.Equal(expected, environment.GetValueOrDefault("DOTNET_LAUNCH_PROFILE"));
        Assert.Equal(expected is not null, ping.Resource.GetEndpoints().Any());
    }

    [Fact]
    public async Task The_profile_gives_endpoints_variables_arguments_and_a_launch_URL()
    {
        using var project = new TestProject(Settings);
        var builder = TestModel.Run();
        var ping = builder.AddTestProject("ping", project).WithArgs("last").WithEnvironment("FROM", "AppHost");
        var endpoint = Assert.Single(ping.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(("http", "http", 5100, "localhost"), (endpoint.Name, endpoint.UriScheme, endpoint.Port, endpoint.TargetHost));
        AllocateAll(ping);
        var result = await ping.EvaluateAsync();
        Assert.Equal(["--verbose", "two words", "c:\\dir", "last"], result.Arguments.Select(a => a.Value));
        var environment = result.EnvironmentVariables.ToDictionary();
        Assert.Equal(("AppHost", "Development"), (environment["FROM"], environment["ASPNETCORE_ENVIRONMENT"]));
        var urls = await ResourceUrls.ComputeAsync(ping.Resource, builder.ExecutionContext, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TestContext.Current.CancellationToken);
        Assert.Equal("http://localhost:6000/swagger", Assert.Single(urls).Url);
    }

    [Fact]
    public async Task Several_URLs_are_an_endpoint_each()
    {
        using var project = new TestProject(Settings);
        var ping = TestModel.Run().AddProject("ping", project.ProjectPath, "https");
        Assert.Equal(
            ["https https 7100 localhost", "http http 5100 localhost", "http2 http 5101 *"],
            ping.Resource.Annotations.OfType<EndpointAnnotation>().Select(e => $"{e.Name} {e.UriScheme} {e.Port} {e.TargetHost}"));
        AllocateAll(ping);
        var environment = await ping.EnvironmentAsync();
        Assert.Equal("https://localhost:6000;http://localhost:6001;http://*:6002", environment["ASPNETCORE_URLS"]);
        Assert.Equal("6000", environment["ASPNETCORE_HTTPS_PORT"]);
    }

    [Fact]
    public async Task Each_replica_listens_on_its_own_port_and_has_its_own_id()
    {
        using var project = new TestProject();
        var ping = TestModel.Run().AddTestProject("ping", project).WithHttpEndpoint().WithReplicas(2);
        ping.Allocate("http", 5000, 5001, 5002);
        ping.WithAnnotation(new ReplicaNamesAnnotation(["ping-aaaaa", "ping-bbbbb"]));
        var second = await ping.EnvironmentAsync(replica: 1);
        Assert.Equal("http://localhost:5002", second["ASPNETCORE_URLS"]);
        Assert.Equal(("ping", "service.instance.id=bbbbb"), (second["OTEL_SERVICE_NAME"], second["OTEL_RESOURCE_ATTRIBUTES"]));
        Assert.Equal("http://localhost:5001", (await ping.EnvironmentAsync(replica: 0))["ASPNETCORE_URLS"]);
    }

    [Fact]
    public async Task A_project_without_endpoints_gets_no_URLs_and_one_with_URLs_keeps_them()
    {
        using var project = new TestProject();
        var builder = TestModel.Run();
        Assert.DoesNotContain("ASPNETCORE_URLS", (await builder.AddTestProject("worker", project).EnvironmentAsync()).Keys);
        var own = builder.AddTestProject("own", project).WithHttpEndpoint().WithEnvironment("ASPNETCORE_URLS", "http://localhost:1");
        own.Allocate("http", 5000);
        Assert.Equal("http://localhost:1", (await own.EnvironmentAsync())["ASPNETCORE_URLS"]);
    }

    [Fact]
    public async Task Endpoints_with_a_port_variable_or_filtered_out_are_not_listened_on()
    {
        using var project = new TestProject();
        var ping = TestModel.Run().AddTestProject("ping", project)
            .WithHttpEndpoint().WithHttpEndpoint(name: "admin", env: "ADMIN_PORT").WithHttpEndpoint(name: "hidden")
            .WithEndpointsInEnvironment(e => e.Name != "hidden");
        AllocateAll(ping);
        var environment = await ping.EnvironmentAsync();
        Assert.Equal(("http://localhost:6000", "6001"), (environment["ASPNETCORE_URLS"], environment["ADMIN_PORT"]));
    }

    [Theory]
    [InlineData(false, "http 5200 localhost|api 5201 *", "http://localhost:6000", "http://*:6001")]
    [InlineData(true, "", null, null)]
    public async Task Kestrel_endpoints_in_the_settings_of_the_project_replace_the_profiles(
        bool exclude,
        string endpoints,
        string? first,
        string? second)
    {
        using var project = new TestProject(
            launchSettings: null,
            """{ "Kestrel": { "Endpoints": { "a-web": { "Url": "http://localhost:5200" }, "b-api": { "Url": "https://*:5201", "Protocols": "Http2" } } } }""");
        var ping = TestModel.Run().AddProject("ping", project.ProjectPath, o => o.ExcludeKestrelEndpoints = exclude);
        Assert.Equal(
            endpoints.Replace("api", "https", StringComparison.Ordinal),
            string.Join('|', ping.Resource.Annotations.OfType<EndpointAnnotation>().Select(e => $"{e.Name} {e.Port} {e.TargetHost}")));
        AllocateAll(ping);
        var environment = await ping.EnvironmentAsync();
        Assert.Equal(first, environment.GetValueOrDefault("Kestrel__Endpoints__http__Url"));
        Assert.Equal(second?.Replace("http:", "https:", StringComparison.Ordinal), environment.GetValueOrDefault("Kestrel__Endpoints__https__Url"));
        Assert.DoesNotContain("ASPNETCORE_URLS", environment.Keys);
    }

    [Fact]
    public async Task Published_a_web_project_has_both_endpoints_and_trusts_forwarded_headers()
    {
        using var project = new TestProject(Settings);
        var builder = TestModel.Publish();
        var ping = builder.AddTestProject("ping", project);
        var plain = builder.AddTestProject("plain", project).WithHttpEndpoint(targetPort: 8080, name: "extra").DisableForwardedHeaders();
        Assert.Equal(["http", "https"], ping.Resource.Annotations.OfType<EndpointAnnotation>().Select(e => e.Name));
        var environment = await ping.EnvironmentAsync();
        Assert.Equal("true", environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"]);
        Assert.Equal("{ping.bindings.http.targetPort}", environment["HTTP_PORTS"]);
        Assert.DoesNotContain("FROM", environment.Keys);
        Assert.DoesNotContain("OTEL_SERVICE_NAME", environment.Keys);
        var other = await plain.EnvironmentAsync();
        Assert.DoesNotContain("ASPNETCORE_FORWARDEDHEADERS_ENABLED", other.Keys);
        Assert.Equal("{plain.bindings.http.targetPort};{plain.bindings.extra.targetPort}", string.Join(';', other["HTTP_PORTS"].Split(';').OrderByDescending(p => p, StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("Development", "1000")]
    [InlineData("Production", null)]
    public async Task Telemetry_goes_to_the_dashboard_and_without_delay_in_development(string environmentName, string? delay)
    {
        using var project = new TestProject();
        var builder = TestModel.Run("--environment", environmentName, "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:4317", "--AppHost:OtlpApiKey=key");
        var environment = await builder.AddTestProject("ping", project).EnvironmentAsync();
        Assert.Equal(
            ("http://localhost:4317", "grpc", "x-otlp-api-key=key", delay),
            (environment["OTEL_EXPORTER_OTLP_ENDPOINT"], environment["OTEL_EXPORTER_OTLP_PROTOCOL"], environment["OTEL_EXPORTER_OTLP_HEADERS"],
                environment.GetValueOrDefault("OTEL_BSP_SCHEDULE_DELAY")));
    }

    [Fact]
    public async Task Without_a_dashboard_no_exporter_is_configured()
    {
        using var project = new TestProject();
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", (await TestModel.Run().AddTestProject("ping", project).EnvironmentAsync()).Keys);
    }

    [Theory]
    [InlineData("{ \"profiles\": ", "cannot be read: {0}, line 1: it is not valid JSON.")]
    [InlineData("{ \"profiles\": {} }", "have no profile 'https'; there is none.")]
    [InlineData("{ \"profiles\": { \"http\": {}, \"x\": {} } }", "have no profile 'https'; there is http, x.")]
    public void Launch_settings_with_an_error_are_refused(string settings, string error)
    {
        using var project = new TestProject(settings);
        var file = Path.Combine(Path.GetDirectoryName(project.ProjectPath)!, "Properties", "launchSettings.json");
        var exception =
            Assert.Throws<DistributedApplicationException>(() => TestModel.Run().AddProject("ping", project.ProjectPath, "https"));
        Assert.Equal($"The launch settings of project 'ping' {error.Replace("{0}", file, StringComparison.Ordinal)}", exception.Message);
    }

    [Theory]
    [InlineData("localhost:5000")]
    [InlineData("http://localhost:port")]
    [InlineData("http://:5000")]
    public void A_URL_that_is_none_is_refused(string url)
    {
        using var project = new TestProject($$"""{ "profiles": { "p": { "commandName": "Project", "applicationUrl": "{{url}}" } } }""");
        Assert.Equal(
            $"The applicationUrl of the launch profile of project 'ping' is invalid: '{url}' is not a URL such as http://localhost:5000.",
            Assert.Throws<DistributedApplicationException>(() => TestModel.Run().AddTestProject("ping", project)).Message);
    }

    [Theory]
    [InlineData("a b", "a", "b")]
    [InlineData("  a   ")]
    [InlineData("\"a b\" c", "a b", "c")]
    [InlineData("a\\\"b", "a\"b")]
    [InlineData("\"\"", "")]
    [InlineData("--path=\"c:\\x y\"", "--path=c:\\x y")]
    public void A_command_line_is_split(string commandLine, params string[] expected) =>
        Assert.Equal(expected.Length == 0 ? ["a"] : expected, CommandLine.Split(commandLine));

    [Fact]
    public void Generated_projects_know_what_they_were_built_to()
    {
        var metadata = (IProjectMetadata)new global::Projects.TestService();
        Assert.EndsWith("TestService.csproj", metadata.ProjectPath, StringComparison.Ordinal);
        Assert.True(metadata.SuppressBuild);
        Assert.True(File.Exists(((IBuiltProject)metadata).TargetPath));
    }

    private static void AllocateAll(IResourceBuilder<ProjectResource> project)
    {
        var port = 6000;
        foreach (var endpoint in project.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port++);
        }
    }
}
