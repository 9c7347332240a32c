using System.Text.Json.Nodes;
using Aspire.Hosting.Yarp;
using Aspire.Hosting.Yarp.Transforms;
using Yarp.ReverseProxy.Configuration;

namespace Publishing.Tests;

/// <summary>What a publish writes for AddYarp, on either engine: Aspire's container, told by YARP's own variables.</summary>
public sealed class YarpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_sample_is_published_as_a_container_with_YARP_s_variables()
    {
        var manifest = _folder.File("manifest.json");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.YarpGateway>(
            ["--operation", "publish", "--step", "publish-manifest", "--output-path", manifest], TestContext.Current.CancellationToken);
        await Publication.RunAsync(builder);

        var gateway = JsonNode.Parse(await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken))!["resources"]!["gateway"]!;

        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""
                {
                  "type": "container.v0",
                  "image": "mcr.microsoft.com/dotnet/nightly/yarp:2.3-preview",
                  "entrypoint": "dotnet",
                  "args": [ "/app/yarp.dll" ],
                  "env": {
                    "ASPNETCORE_ENVIRONMENT": "Production",
                    "REVERSEPROXY__ROUTES__route0__MATCH__METHODS__0": "GET",
                    "REVERSEPROXY__ROUTES__route0__MATCH__METHODS__1": "HEAD",
                    "REVERSEPROXY__ROUTES__route0__MATCH__PATH": "/api/v1/{**path}",
                    "REVERSEPROXY__ROUTES__route0__CLUSTERID": "cluster_ping",
                    "REVERSEPROXY__ROUTES__route0__TRANSFORMS__0__PathRemovePrefix": "/api/v1",
                    "REVERSEPROXY__ROUTES__route0__TRANSFORMS__1__ResponseHeader": "x-gateway",
                    "REVERSEPROXY__ROUTES__route0__TRANSFORMS__1__Append": "yarp",
                    "REVERSEPROXY__ROUTES__route0__TRANSFORMS__1__When": "Success",
                    "REVERSEPROXY__CLUSTERS__cluster_ping__LOADBALANCINGPOLICY": "RoundRobin",
                    "REVERSEPROXY__CLUSTERS__cluster_ping__DESTINATIONS__destination1__ADDRESS": "http://ping",
                    "PING_HTTP": "{ping.bindings.http.url}",
                    "services__ping__http__0": "{ping.bindings.http.url}"
                  },
                  "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 5000, "external": true } }
                }
                """),
                gateway),
            gateway.ToJsonString());
    }

    [Fact]
    public async Task Routes_and_clusters_become_the_keys_that_YARP_reads()
    {
        var builder = Publication.Declare(_folder, "publish");
        var api = builder.AddProject(_folder, "api").WithHttpEndpoint().WithHttpsEndpoint().WithHttpEndpoint(name: "admin");
        var weather = builder.AddExternalService("weather", "https://weather.example.com/v1");
        var yarp = builder.AddYarp("gw").WithHostPort(8080).WithHostHttpsPort(8443).WithStaticFiles().WithConfiguration(configuration =>
        {
            configuration.AddRoute(api).WithOrder(9).WithMatchHosts("a.example.com", "*.b.example.com");
            configuration.AddRoute("/admin/{*rest}", api.GetEndpoint("admin"))
                .WithMatchHeaders(new RouteHeader { Name = "x-admin", Values = ["yes"] })
                .WithTransformRequestHeader("x-from", "gw", append: false)
                .WithTransform(transform => transform["RequestHeadersCopy"] = "true");
            configuration.AddRoute("/weather", weather)
                .WithMatchRouteQueryParameter(new RouteQueryParameter { Name = "city", Values = ["Bonn"] })
                .WithMaxRequestBodySize(10)
                .WithMetadata(new Dictionary<string, string> { ["team"] = "sky" });
            configuration.AddRoute("/own", configuration.AddCluster("own", ["http://one", new Uri("http://two:81")]));
        });

        var environment = (await ExecutionConfigurationBuilder.Create(yarp.Resource).WithEnvironmentVariablesConfig()
            .BuildAsync(builder.ExecutionContext, cancellationToken: TestContext.Current.CancellationToken)).EnvironmentVariables
            .Where(variable => variable.Key.StartsWith("REVERSEPROXY__", StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key["REVERSEPROXY__".Length..], variable => variable.Value);

        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["CLUSTERS__cluster_api__DESTINATIONS__destination1__ADDRESS"] = "http://_admin.api",
                ["CLUSTERS__cluster_own__DESTINATIONS__destination1__ADDRESS"] = "http://one",
                ["CLUSTERS__cluster_own__DESTINATIONS__destination2__ADDRESS"] = "http://two:81/",
                ["CLUSTERS__cluster_weather__DESTINATIONS__destination1__ADDRESS"] = "https://weather.example.com/v1",
                ["ROUTES__route0__CLUSTERID"] = "cluster_api",
                ["ROUTES__route0__MATCH__HOSTS__0"] = "a.example.com",
                ["ROUTES__route0__MATCH__HOSTS__1"] = "*.b.example.com",
                ["ROUTES__route0__MATCH__PATH"] = "/{**catchall}",
                ["ROUTES__route0__ORDER"] = "9",
                ["ROUTES__route1__CLUSTERID"] = "cluster_api",
                ["ROUTES__route1__MATCH__HEADERS__0__ISCASESENSITIVE"] = "False",
                ["ROUTES__route1__MATCH__HEADERS__0__NAME"] = "x-admin",
                ["ROUTES__route1__MATCH__HEADERS__0__VALUES__0"] = "yes",
                ["ROUTES__route1__MATCH__PATH"] = "/admin/{*rest}",
                ["ROUTES__route1__TRANSFORMS__0__RequestHeader"] = "x-from",
                ["ROUTES__route1__TRANSFORMS__0__Set"] = "gw",
                ["ROUTES__route1__TRANSFORMS__1__RequestHeadersCopy"] = "true",
                ["ROUTES__route2__CLUSTERID"] = "cluster_weather",
                ["ROUTES__route2__MATCH__PATH"] = "/weather",
                ["ROUTES__route2__MATCH__QUERYPARAMETERS__0__ISCASESENSITIVE"] = "False",
                ["ROUTES__route2__MATCH__QUERYPARAMETERS__0__NAME"] = "city",
                ["ROUTES__route2__MATCH__QUERYPARAMETERS__0__VALUES__0"] = "Bonn",
                ["ROUTES__route2__MAXREQUESTBODYSIZE"] = "10",
                ["ROUTES__route2__METADATA__team"] = "sky",
                ["ROUTES__route3__CLUSTERID"] = "cluster_own",
                ["ROUTES__route3__MATCH__PATH"] = "/own",
            },
            new SortedDictionary<string, string>(environment.Where(pair => !pair.Key.EndsWith("__MODE", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal));
    }

    [Fact]
    public void A_cluster_has_destinations_that_can_be_addresses()
    {
        var yarp = Publication.Declare(_folder, "publish").AddYarp("gw");
        yarp.WithConfiguration(configuration =>
        {
            Assert.Throws<ArgumentException>(() => configuration.AddCluster("none", []));
            Assert.Throws<ArgumentException>(() => configuration.AddCluster("number", 7));
        });
    }
}
