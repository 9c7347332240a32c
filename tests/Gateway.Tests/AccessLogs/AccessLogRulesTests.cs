using Gateway.AccessLogs;
using Gateway.Policies;
using Gateway.Requests;
using Gateway.Tests.Policies;
using Istio.Documents;

namespace Gateway.Tests.AccessLogs;

/// <summary>Which proxies log which requests, by Telemetry resources.</summary>
public sealed class AccessLogRulesTests
{
    private static string Telemetry(string name, string space, string spec) => $$"""
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: { name: {{name}}, namespace: {{space}} }
        spec: {{spec}}
        ---

        """;

    private static AccessLogRule Rule(string yaml, ProxyPlace place, bool byDefault = true, List<Finding>? findings = null) =>
        AccessLogRules.Compile(ResourceReader.ReadText(yaml, "mesh.yaml"), findings ?? []).For(place, byDefault);

    private static bool Logs(string yaml, ProxyPlace place, bool byDefault = true, int status = 200) =>
        Rule(yaml, place, byDefault).Logs(new RequestSummary { Status = status });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_Telemetry_the_mesh_configuration_decides(bool byDefault)
    {
        Assert.Equal(byDefault, Logs("", PolicyMesh.Ping, byDefault));
        // So it does where no provider is named: there is none by default that the resource could switch off.
        Assert.Equal(byDefault, Logs(Telemetry("t", "istio-system", "{accessLogging: [{disabled: true}]}"), PolicyMesh.Ping, byDefault));
        Assert.Equal(byDefault, Logs(Telemetry("t", "istio-system", "{accessLogging: [{}]}"), PolicyMesh.Ping, byDefault));
        Assert.Equal(byDefault, Logs(Telemetry("t", "istio-system", "{accessLogging: [{providers: [{name: otel}]}]}"), PolicyMesh.Ping, byDefault));
    }

    [Fact]
    public void The_root_namespace_decides_for_all()
    {
        var on = Telemetry("t", "istio-system", "{accessLogging: [{providers: [{name: envoy}]}]}");
        Assert.True(Logs(on, PolicyMesh.Ping, byDefault: false));
        Assert.True(Logs(on, PolicyMesh.Gateway, byDefault: false));
        var off = Telemetry("t", "istio-system", "{accessLogging: [{providers: [{name: envoy}], disabled: true}]}");
        Assert.False(Logs(off, PolicyMesh.Ping));
    }

    [Fact]
    public void A_narrower_resource_goes_before_a_wider_one()
    {
        var root = Telemetry("root", "istio-system", "{accessLogging: [{providers: [{name: Envoy}]}]}");
        var space = Telemetry("space", "default", "{accessLogging: [{disabled: true}]}");
        var workload = Telemetry("ping", "default", "{selector: {matchLabels: {app: ping}}, accessLogging: [{providers: [{name: envoy}]}]}");
        var other = PolicyMesh.Workload("web-a", "default", 80, ("app", "web"));
        Assert.False(Logs(root + space, PolicyMesh.Ping));
        Assert.True(Logs(root + space + workload, PolicyMesh.Ping));
        Assert.False(Logs(root + space + workload, other));
        Assert.True(Logs(root + space + workload, PolicyMesh.Gateway));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: other}], ", true)]
    [InlineData("targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: other}, ", true)]
    public void A_resource_for_a_Gateway_is_not_for_a_workload(string target, bool logs) => Assert.Equal(
        logs, Logs(Telemetry("t", "default", $"{{{target}accessLogging: [{{providers: [{{name: envoy}}], disabled: true}}]}}"), PolicyMesh.Ping));

    [Fact]
    public void A_lower_level_may_name_another_provider()
    {
        var root = Telemetry("root", "istio-system", "{accessLogging: [{providers: [{name: envoy}]}]}");
        var space = Telemetry("space", "default", "{accessLogging: [{providers: [{name: otel}]}]}");
        Assert.False(Rule(root + space, PolicyMesh.Ping, byDefault: false).IsEnabled);
    }

    [Theory]
    [InlineData("CLIENT", false, true)]
    [InlineData("SERVER", true, false)]
    [InlineData("CLIENT_AND_SERVER", true, true)]
    public void A_setting_may_be_for_one_side(string mode, bool inbound, bool gateway)
    {
        var yaml = Telemetry("t", "istio-system", $"{{accessLogging: [{{match: {{mode: {mode}}}, providers: [{{name: envoy}}]}}]}}");
        Assert.Equal(inbound, Logs(yaml, PolicyMesh.Ping, byDefault: false));
        Assert.Equal(gateway, Logs(yaml, PolicyMesh.Gateway, byDefault: false));
        Assert.Equal(gateway, Logs(yaml, PolicyMesh.Ping with { Listener = ListenerKind.SidecarOutbound }, byDefault: false));
    }

    [Fact]
    public void A_filter_chooses_requests()
    {
        var yaml = Telemetry("t", "istio-system", "{accessLogging: [{providers: [{name: envoy}], filter: {expression: response.code >= 500}}]}");
        Assert.False(Logs(yaml, PolicyMesh.Ping, status: 200));
        Assert.True(Logs(yaml, PolicyMesh.Ping, status: 503));
    }

    [Fact]
    public void What_cannot_be_executed_is_reported()
    {
        var findings = new List<Finding>();
        var rule = Rule(Telemetry("t", "istio-system",
            "{accessLogging: [{providers: [{name: otel}, {name: envoy}], filter: {expression: response.kode == 1}}]}"), PolicyMesh.Ping, findings: findings);
        Assert.Equal([("GWY050", "spec.accessLogging[0].providers[0]"), ("GWY059", "spec.accessLogging[0].filter.expression")],
            findings.Select(finding => (finding.Code, finding.Field)));
        Assert.False(rule.Logs(new RequestSummary { Status = 200 }));
    }
}
