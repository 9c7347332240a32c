using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Aspire.Hosting.Yarp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Publishing.Tests.Embedded;

/// <summary>A run of AddYarp on the embedded engine: our gateway in the place of the container, with YARP's own behaviour.</summary>
public sealed partial class YarpSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_sample_s_gateway_matches_rewrites_and_takes_every_replica_in_turn()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.YarpGateway>(Cancellation);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        await using var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", Cancellation);
        using var client = new HttpClient { BaseAddress = app.GetEndpoint("gateway", "http") };

        // The process runs; it may not listen yet.
        using var first = await Eventually(() => client.GetAsync("/api/v1/ping", Cancellation));
        var instances = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            instances.Add(PongAt().Match(await client.GetStringAsync("/api/v1/ping", Cancellation)).Groups[1].Value);
        }

        Assert.Equal(3, instances.Count);
        Assert.Equal(["yarp"], first.Headers.GetValues("x-gateway"));
        using var other = await client.GetAsync("/ping", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        using var posted = await client.PostAsync("/api/v1/ping", content: null, Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task Files_of_this_machine_are_served_and_unknown_paths_get_the_index()
    {
        _folder.Write("site/index.html", "<p>home</p>");
        _folder.Write("site/app.js", "run()");
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddYarp("gw").WithStaticFiles(_folder.File("site")).WithConfiguration(yarp => yarp.AddRoute("/api", yarp.AddCluster("api", "http://127.0.0.1:1")));
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = app.GetEndpoint("gw", "http") };

        using var home = await Eventually(() => client.GetAsync("/", Cancellation));
        Assert.Equal("<p>home</p>", await home.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("run()", await client.GetStringAsync("/app.js", Cancellation));
        Assert.Equal("<p>home</p>", await client.GetStringAsync("/orders/7", Cancellation));
        using var api = await client.GetAsync("/api", Cancellation);
        Assert.Equal(HttpStatusCode.BadGateway, api.StatusCode);
    }

    [Fact]
    public async Task Times_and_choices_reach_YARP_as_it_reads_them()
    {
        var builder = Publication.Declare(_folder, "publish");
        var yarp = builder.AddYarp("gw").WithConfiguration(configuration => configuration.AddRoute(configuration.AddCluster("api", "http://api")
            .WithForwarderRequestConfig(new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(7), Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact })
            .WithHttpClientConfig(new HttpClientConfig { SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13 })
            .WithHealthCheckConfig(new HealthCheckConfig { Active = new ActiveHealthCheckConfig { Enabled = true, Interval = TimeSpan.FromSeconds(3), Path = "/health" } }))
            .WithMatchHeaders(new RouteHeader { Name = "x", Values = ["1"], Mode = HeaderMatchMode.HeaderPrefix }));

        var variables = (await ExecutionConfigurationBuilder.Create(yarp.Resource).WithEnvironmentVariablesConfig()
            .BuildAsync(builder.ExecutionContext, cancellationToken: Cancellation)).EnvironmentVariables.ToDictionary();

        const string Cluster = "REVERSEPROXY__CLUSTERS__cluster_api__";
        Assert.Equal("00:00:07", variables[$"{Cluster}HTTPREQUEST__ACTIVITYTIMEOUT"]);
        Assert.Equal("2.0", variables[$"{Cluster}HTTPREQUEST__VERSION"]);
        Assert.Equal("RequestVersionExact", variables[$"{Cluster}HTTPREQUEST__VERSIONPOLICY"]);
        Assert.Equal(["Tls12", "Tls13"], variables.Where(pair => pair.Key.StartsWith($"{Cluster}HTTPCLIENT__SSLPROTOCOLS__", StringComparison.Ordinal)).Select(pair => pair.Value));
        Assert.Equal(("True", "00:00:03", "/health"), (variables[$"{Cluster}HEALTHCHECK__ACTIVE__ENABLED"], variables[$"{Cluster}HEALTHCHECK__ACTIVE__INTERVAL"], variables[$"{Cluster}HEALTHCHECK__ACTIVE__PATH"]));
        Assert.Equal("HeaderPrefix", variables["REVERSEPROXY__ROUTES__route0__MATCH__HEADERS__0__MODE"]);
    }

    [Theory]
    [InlineData("REVERSEPROXY__CLUSTERS__c__LOADBALANCINGPOLICY=Nobody", 1, "The configuration of YARP cannot be used: ")]
    [InlineData("OTHER=1", 2, "--mesh DIR is required, unless the environment has a configuration of YARP")]
    public async Task A_configuration_that_YARP_cannot_use_is_one_sentence(string variable, int exitCode, string message)
    {
        var configuration = typeof(YarpSampleTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Repository.Root, "Gateway", "bin", configuration, "net10.0", "Gateway.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.Path,
        };
        start.Environment[variable.Split('=')[0]] = variable.Split('=')[1];
        start.Environment["REVERSEPROXY__CLUSTERS__c__DESTINATIONS__d__ADDRESS"] = exitCode == 1 ? "http://127.0.0.1:1" : null;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal(exitCode, process.ExitCode);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.DoesNotContain(" at ", await output, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Eventually(Func<Task<HttpResponseMessage>> send)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                return await send();
            }
            catch (HttpRequestException)
            {
                await timer.WaitForNextTickAsync(Cancellation);
            }
        }
    }

    [GeneratedRegex(@"pong at (\S+?)\\n")]
    private static partial Regex PongAt();
}
