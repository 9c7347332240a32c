using Gateway.Ingress;
using Gateway.Mesh;
using Gateway.Tests.Support;
using Istio.Documents;

namespace Gateway.Tests.Ingress;

public sealed class IngressCompilerTests
{
    private const string Rewrite = "nginx.ingress.kubernetes.io/rewrite-target";

    private static (IngressDoor? Door, IReadOnlyList<Finding> Findings) Compile(params string[] documents)
    {
        string[] services =
            [Documents.Service("ping"), Documents.Workload("ping", 1), Documents.Service("pong"), Documents.Workload("pong", 2)];
        var text = Documents.Join([.. documents, .. services]);
        var (snapshot, findings) = new MeshLoader("unused").Compile(ResourceReader.ReadText(text, "mesh.yaml"));
        return (snapshot?.Ingress, findings);
    }

    private static string Decide(IngressDoor? door, string target, string host = "localhost")
    {
        var decision = door!.Decide(host, target);
        return decision.Action == IngressAction.Answer
            ? $"{decision.Status}"
            : $"{decision.Action} {decision.Location?.Service?.Name} {decision.Target}".Replace("default/", "");
    }

    [Fact]
    public void The_longest_pattern_is_tried_first()
    {
        var (door, _) = Compile(Documents.Ingress("a", "", $"{Rewrite}: /$1",
            "ImplementationSpecific /a(.*) ping", "ImplementationSpecific /a/b(.*) pong"));
        Assert.Equal("Forward pong:http /c", Decide(door, "/a/bc"));
        Assert.Equal("Forward ping:http //c", Decide(door, "/a/c").Replace("http /c", "http //c"));
    }

    [Fact]
    public void A_rewrite_on_one_Ingress_makes_every_path_of_the_host_a_pattern()
    {
        var (door, _) = Compile(
            Documents.Ingress("a", "", $"{Rewrite}: /$1", "ImplementationSpecific /a(.*) ping"),
            Documents.Ingress("b", "", "", "Exact /exact pong"),
            Documents.Ingress("c", "other", "", "Exact /exact pong"));
        Assert.Equal("Forward pong:http /EXACTLY", Decide(door, "/EXACTLY"));
        Assert.Equal("404", Decide(door, "/EXACTLY", "other"));
        Assert.Equal("Forward pong:http /exact", Decide(door, "/exact", "other"));
    }

    [Fact]
    public void A_health_check_is_answered_unless_an_Ingress_takes_it()
    {
        Assert.StartsWith("Health", Decide(Compile(Documents.SeedIngress.Replace("gin-demo", "ping")).Door, "/healthz"));
        Assert.StartsWith("Health", Decide(Compile(Documents.Ingress("a", "", "", "Prefix / ping")).Door, "/healthz"));
        Assert.Equal("404", Decide(Compile(Documents.Ingress("a", "host", "", "Prefix /x ping")).Door, "/healthz", "host"));
        var all = Documents.Ingress("a", "", "nginx.ingress.kubernetes.io/use-regex: \"true\"", "ImplementationSpecific /.* ping");
        Assert.Equal("Forward ping:http /healthz", Decide(Compile(all).Door, "/healthz"));
    }

    [Fact]
    public void The_default_backend_of_an_Ingress_without_rules_takes_what_is_left()
    {
        var (door, _) = Compile(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: d}\n"
                + "spec:\n  ingressClassName: nginx\n  defaultBackend: {service: {name: pong, port: {number: 8080}}}\n",
            Documents.Ingress("a", "", "", "Prefix /a ping"));
        Assert.Equal("Forward ping:http /a/x", Decide(door, "/a/x"));
        Assert.Equal("Forward pong:8080 /z?q", Decide(door, "/z?q"));
    }

    [Theory]
    [InlineData("ingressClassName: nginx", "", true)]
    [InlineData("ingressClassName: traefik", "", false)]
    [InlineData("", "kubernetes.io/ingress.class: nginx", true)]
    [InlineData("", "kubernetes.io/ingress.class: haproxy", false)]
    [InlineData("ingressClassName: mine", "", true)]
    [InlineData("", "", false)]
    public void Only_an_Ingress_of_the_class_is_executed(string spec, string annotation, bool executed)
    {
        var ingress = Documents.Ingress("a", "", annotation, "Prefix / ping").Replace("  ingressClassName: nginx\n", $"  {spec}\n");
        const string Mine =
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: mine}\nspec: {controller: k8s.io/ingress-nginx}\n";
        Assert.Equal(executed ? "Forward ping:http /" : "404", Decide(Compile(ingress, Mine).Door, "/"));
    }

    [Fact]
    public void Of_two_paths_the_older_Ingress_wins()
    {
        var newer = Documents.Ingress("z", "", "", "Prefix /a ping")
            .Replace("name: z\n", "name: z\n  creationTimestamp: 2026-02-01T00:00:00Z\n");
        var older = Documents.Ingress("a", "", "", "Prefix /a pong")
            .Replace("name: a\n", "name: a\n  creationTimestamp: 2026-01-01T00:00:00Z\n");
        Assert.Equal("Forward pong:http /a", Decide(Compile(newer, older).Door, "/a"));
    }

    [Theory]
    [InlineData("ImplementationSpecific /api(", "GWY001", "character 5")]
    [InlineData(@"ImplementationSpecific /a\Kb", "GWY001", "\\K is not supported")]
    [InlineData("Prefix /api/v1(/|$)(.*)", "GWY002", "ImplementationSpecific")]
    public void A_path_that_cannot_be_executed_is_an_error_with_its_place(string path, string code, string message)
    {
        var (door, findings) = Compile(Documents.Ingress("bad", "", $"{Rewrite}: /$2", path + " ping"));
        Assert.Null(door);
        var finding = Assert.Single(findings, finding => finding.Severity == Severity.Error);
        Assert.Equal((code, "mesh.yaml:12", "spec.rules[0].http.paths[0].path"), (finding.Code, $"{finding.Location}", finding.Field));
        Assert.Contains(message, finding.Message);
    }

    [Theory]
    [InlineData("/$uri", "nginx variables")]
    [InlineData("/$", "must be followed")]
    [InlineData("https://example.com/$1", "redirect")]
    public void A_rewrite_that_cannot_be_executed_is_an_error(string target, string message)
    {
        var (door, findings) = Compile(Documents.Ingress("bad", "", $"{Rewrite}: {target}", "ImplementationSpecific /a(.*) ping"));
        Assert.Null(door);
        Assert.Contains(message, Assert.Single(findings, finding => finding.Code == "GWY003").Message);
    }

    [Fact]
    public void What_the_cluster_does_otherwise_is_a_warning()
    {
        var (door, findings) = Compile(
            Documents.Ingress("a", "", $"{Rewrite}: /$2?x=1, nginx.ingress.kubernetes.io/canary: \"true\"",
                "Prefix /a ping", "Prefix /b nowhere"),
            Documents.Ingress("c", "", "", "Prefix /c ping").Replace("  ingressClassName: nginx\n", ""),
            Documents.Ingress("d", "", "", "Prefix /d ping").Replace("spec:\n", "spec:\n  tls: [{hosts: [d]}]\n"));

        // Validation has more to say; here it is what the gateway does otherwise.
        var own = findings.Where(finding => finding.Code.StartsWith("GWY", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["GWY004", "GWY005", "GWY006", "GWY007", "GWY010"], own.Select(finding => finding.Code).Order());
        Assert.All(own, finding => Assert.Equal(Severity.Warning, finding.Severity));
        Assert.Equal("Forward ping:http /a", Decide(door, "/a"));
    }

    [Fact]
    public void Two_resources_of_one_name_are_an_error()
    {
        var (door, findings) = Compile(Documents.Service("ping"));
        Assert.Null(door);
        Assert.Contains("another Service default/ping", Assert.Single(findings).Message);
    }

    [Fact]
    public void A_rewrite_to_nothing_is_answered_with_500()
    {
        var (door, _) = Compile(Documents.Ingress("a", "", $"{Rewrite}: $1", "ImplementationSpecific /a(/.*)? ping"));
        Assert.Equal("500", Decide(door, "/a"));
        Assert.Equal("Forward ping:http /x", Decide(door, "/a/x"));
    }
}
