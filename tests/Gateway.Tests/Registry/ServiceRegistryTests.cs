using System.Collections.Concurrent;
using Gateway.Registry;
using Istio.Documents;

namespace Gateway.Tests.Registry;

public sealed class ServiceRegistryTests
{
    private static string? Find(string port, string service, params string[] workloads)
    {
        var findings = new List<Finding>();
        var text = "apiVersion: v1\nkind: Service\nmetadata: {name: ping}\nspec: " + service + "\n"
            + string.Concat(workloads.Select(workload => $"---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n{workload}\n"));
        var resources = ResourceReader.ReadText(text, "mesh.yaml");
        var registry = ServiceRegistry.Build(resources, new ConcurrentDictionary<string, Turn>(), findings);
        return registry.Find("default", "ping", port) is { } found ? string.Join(',', found.Endpoints) : null;
    }

    private const string App = "labels: {app: ping}";

    [Theory]
    // The service port's name is looked up first, with a numeric targetPort.
    [InlineData("{port: 80, name: http, targetPort: 8080}", "ports: {http: 9001}", "10.0.0.1:9001")]
    [InlineData("{port: 80, name: http, targetPort: 8080}", "ports: {web: 9001}", "10.0.0.1:8080")]
    [InlineData("{port: 80, name: http, targetPort: 8080}", "ports: {}", "10.0.0.1:8080")]
    [InlineData("{port: 80, name: http}", "ports: {}", "10.0.0.1:80")]
    [InlineData("{port: 80}", "ports: {http: 9001}", "10.0.0.1:80")]
    // With a named targetPort, that name; without it the endpoint is left out.
    [InlineData("{port: 80, name: http, targetPort: web}", "ports: {web: 9002, http: 9001}", "10.0.0.1:9002")]
    [InlineData("{port: 80, name: http, targetPort: web}", "ports: {http: 9001}", "")]
    public void Ports_are_found_by_Istios_rules(string port, string ports, string expected) =>
        Assert.Equal(expected, Find("80", $"{{selector: {{app: ping}}, ports: [{port}]}}",
            $"metadata: {{name: a}}\nspec: {{address: 10.0.0.1, {ports}, {App}}}"));

    [Theory]
    [InlineData("80", true)]
    [InlineData("http", true)]
    [InlineData("8080", true)]
    [InlineData("81", false)]
    [InlineData("web", false)]
    public void A_port_is_named_by_number_name_or_target(string port, bool found) =>
        Assert.Equal(found, Find(port, "{selector: {app: ping}, ports: [{port: 80, name: http, targetPort: 8080}]}") is not null);

    [Fact]
    public void Labels_are_the_specs_merged_with_the_metadatas()
    {
        const string Service = "{selector: {app: ping, version: v1}, ports: [{port: 80}]}";
        const string Spec = "spec: {address: 10.0.0.1, labels: {app: ping}}";
        Assert.Equal("10.0.0.1:80", Find("80", Service, "metadata: {name: a, labels: {version: v1}}\n" + Spec));
        Assert.Equal("", Find("80", Service, "metadata: {name: a, labels: {version: v2}}\n" + Spec));
    }

    [Fact]
    public void Only_workloads_of_the_same_namespace_count() =>
        Assert.Equal("", Find("80", "{selector: {app: ping}, ports: [{port: 80}]}",
            $"metadata: {{name: a, namespace: other}}\nspec: {{address: 10.0.0.1, {App}}}"));

    [Fact]
    public void A_selector_that_is_absent_selects_nothing() =>
        Assert.Equal("", Find("80", "{ports: [{port: 80}]}", $"metadata: {{name: a}}\nspec: {{address: 10.0.0.1, {App}}}"));

    [Fact]
    public void Headless_services_and_IPv6_endpoints_work() =>
        Assert.Equal("[::1]:80", Find("80", "{clusterIP: None, selector: {app: ping}, ports: [{port: 80}]}",
            $"metadata: {{name: a}}\nspec: {{address: '::1', {App}}}"));

    [Theory]
    [InlineData("example.com", "example.com:8443")]
    [InlineData("localhost", "")]
    [InlineData("127.0.0.1", "")]
    public void An_external_name_is_its_own_endpoint_unless_it_is_this_host(string name, string expected) =>
        Assert.Equal(expected, Find("https",
            $"{{type: ExternalName, externalName: {name}, ports: [{{port: 443, name: https, targetPort: 8443}}]}}"));

    [Fact]
    public void An_address_that_cannot_be_reached_is_a_warning()
    {
        var findings = new List<Finding>();
        const string Workload =
            "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: a}\nspec: {address: 'unix:///run/a'}\n";
        ServiceRegistry.Build(ResourceReader.ReadText(Workload, "mesh.yaml"), new ConcurrentDictionary<string, Turn>(), findings);
        Assert.Equal(("GWY008", 4), (Assert.Single(findings).Code, findings[0].Location.Line));
    }
}
