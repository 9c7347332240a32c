using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using Istio.Security;
using k8s.Models;
using HTTPRoute = Istio.GatewayApi.HTTPRoute;
using IstioRoute = Istio.Networking.HTTPRoute;

namespace Publishing.Tests;

/// <summary>What the components have in them, for models that need more than this repository's.</summary>
public sealed class ComponentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task STRICT_exempts_the_ports_that_something_without_a_sidecar_reaches()
    {
        var builder = Declare("--Mtls=strict");
        var ping = builder.AddProject(_folder, "ping").WithHttpEndpoint().WithNodePort(31001);
        builder.AddProject(_folder, "store").WithHttpEndpoint();
        builder.AddIstio("mesh").WithIngress("gateway", ingress => ingress.Path("/", ping, pathType: "Prefix"));
        await builder.PublishAsync();

        Assert.Equal(
            [("default", "STRICT", null), ("ping", "STRICT", "PERMISSIVE")],
            Resources<PeerAuthentication>("istio").Select(policy => (policy.Metadata.Name, policy.Spec.Mtls!.Mode, policy.Spec.PortLevelMtls.Select(port => port.Value.Mode).SingleOrDefault())));
        Assert.Equal(31001, Assert.Single(Resources<V1Service>("nodeport")).Spec.Ports.Single().NodePort);
    }

    [Fact]
    public async Task A_policy_of_the_whole_namespace_that_was_declared_stands()
    {
        var builder = Declare();
        builder.AddProject(_folder, "ping").WithHttpEndpoint();
        builder.AddIstio("mesh").WithResources(PeerAuthentication.For("mine", MutualTlsMode.Disable));
        await builder.PublishAsync();
        Assert.Equal("mine", Assert.Single(Resources<PeerAuthentication>("istio")).Metadata.Name);
    }

    [Fact]
    public async Task What_belongs_to_istio_system_is_a_kustomization_of_its_own()
    {
        var builder = Declare();
        builder.AddProject(_folder, "ping").WithHttpEndpoint();
        builder.AddIstio("mesh").WithResources(
            AuthorizationPolicy.Deny("secret").InNamespace("istio-system").Rule(rule => rule.To(new Operation { Paths = ["/secret"] })),
            DestinationRule.For("ping").RoundRobin());
        await builder.PublishAsync();

        Assert.Contains("- authorizationpolicy-secret.yaml", File.ReadAllText(_folder.File("output/istio-system/kustomization.yaml")), StringComparison.Ordinal);
        Assert.Contains("DECODE_AND_MERGE_SLASHES", File.ReadAllText(_folder.File("output/istio-system/istioctl-install.yaml")), StringComparison.Ordinal);
        Assert.Empty(Resources<AuthorizationPolicy>("istio"));
        Assert.Single(Resources<DestinationRule>("istio"));
    }

    [Fact]
    public async Task A_rule_of_another_namespace_stops_the_publish()
    {
        var builder = Declare();
        builder.AddProject(_folder, "ping").WithHttpEndpoint();
        builder.AddIstio("mesh").WithResources(DestinationRule.For("ping").InNamespace("shop").RoundRobin());
        Assert.Contains("DestinationRule ping is in namespace shop", await builder.ErrorAsync(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("output")));
    }

    [Fact]
    public async Task A_VirtualService_of_a_gateway_becomes_an_HTTPRoute_as_far_as_one_can_say_it()
    {
        var builder = Declare();
        builder.AddProject(_folder, "ping").WithHttpEndpoint();
        builder.AddIstio("mesh").WithResources(
            Istio.Networking.Gateway.For("door").Http(80, "*"),
            new VirtualService
            {
                Metadata = new() { Name = "ping" },
                Spec = new()
                {
                    Hosts = ["example.com"],
                    Gateways = ["door"],
                    Http =
                    [
                        new IstioRoute().Match(match => match.Uri(exact: "/exact").Method(exact: "GET").Header("x-user", exact: "me")).Rewrite("/ping").RouteTo("ping"),
                        new IstioRoute().Match(match => match.Uri(prefix: "/fault")).Abort(500, 10).RouteTo("ping"),
                        new IstioRoute().Match(match => match.Uri(regex: "/api/v1(/|$)(.*)")).RewriteRegex("^/api/v1(/|$)(.*)", @"/\2").Timeout(TimeSpan.FromSeconds(2)).RouteTo("ping", port: 8080),
                        new IstioRoute().Mirror("ping").RouteTo("ping"),
                    ],
                },
            });
        await builder.PublishAsync();

        var route = Assert.Single(Resources<HTTPRoute>("gateway-api"));
        Assert.Equal(["example.com"], route.Spec.Hostnames);
        Assert.Equal("door", Assert.Single(route.Spec.ParentRefs).Name);
        Assert.Equal(2, route.Spec.Rules.Count);
        Assert.Equal(("Exact", "/exact", "GET", "x-user"), route.Spec.Rules[0].Matches.Select(match =>
            (match.Path!.Type, match.Path.Value, match.Method, match.Headers.Single().Name)).Single());
        Assert.Equal("/ping", route.Spec.Rules[0].Filters.Single().UrlRewrite!.Path!.ReplaceFullPath);
        Assert.Equal(("PathPrefix", "/api/v1"), route.Spec.Rules[1].Matches.Select(match => (match.Path!.Type, match.Path.Value)).Single());
        Assert.Equal(("/", "2s", 8080), (route.Spec.Rules[1].Filters.Single().UrlRewrite!.Path!.ReplacePrefixMatch, route.Spec.Rules[1].Timeouts!.Request!.Value.Text, route.Spec.Rules[1].BackendRefs.Single().Port));
        Assert.Equal("door", Assert.Single(Resources<Istio.GatewayApi.Gateway>("gateway-api")).Metadata.Name);
    }

    [Fact]
    public async Task An_Ingress_whose_expression_has_no_counterpart_is_left_out()
    {
        var builder = Declare();
        var ping = builder.AddProject(_folder, "ping").WithHttpEndpoint();
        builder.AddIstio("mesh")
            .WithIngress("exact", ingress => ingress.Path("/ping", ping, pathType: "Exact").Path("/files", ping, pathType: "Prefix"))
            .WithIngress("regex", ingress => ingress.RewriteTarget("/$1").Path("/(a|b)/(.*)", ping));
        await builder.PublishAsync();

        var route = Assert.Single(Resources<HTTPRoute>("gateway-api"));
        Assert.Equal([("Exact", "/ping"), ("PathPrefix", "/files")], route.Spec.Rules.Select(rule => (rule.Matches.Single().Path!.Type, rule.Matches.Single().Path!.Value)));
        Assert.Equal(2, Resources<V1Ingress>("ingress").Count());
    }

    [Fact]
    public async Task A_change_of_one_rule_shows_in_what_is_published()
    {
        await PublishAsync(TimeSpan.FromSeconds(1));
        var before = Repository.Files(_folder.File("output"));
        await PublishAsync(TimeSpan.FromSeconds(2));
        var changed = Repository.Files(_folder.File("output")).Where(file => before[file.Key] != file.Value).Select(file => file.Key);

        // For the mesh, and for our own gateway.
        Assert.Equal(["components/gateway-rules/mesh/virtualservice-ping.yaml", "components/istio/virtualservice-ping.yaml"], changed);

        async Task PublishAsync(TimeSpan timeout)
        {
            var builder = Declare();
            builder.AddProject(_folder, "ping").WithHttpEndpoint();
            builder.AddIstio("mesh").WithResources(new VirtualService
            {
                Metadata = new() { Name = "ping" },
                Spec = new() { Hosts = ["ping"], Http = [new IstioRoute().Timeout(timeout).RouteTo("ping")] },
            });
            await builder.PublishAsync();
        }
    }

    private IDistributedApplicationBuilder Declare(params string[] arguments) =>
        Publication.Declare(_folder, "publish", [$"--AspirateOutput={_folder.File("output")}", .. arguments]);

    private IEnumerable<T> Resources<T>(string component) => ResourceReader.ReadPaths([_folder.File($"output/components/{component}")])
        .Documents.Select(document => document.Resource).OfType<T>();
}
