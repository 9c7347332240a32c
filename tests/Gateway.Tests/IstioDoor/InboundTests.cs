using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>The inbound role: the policies of the workload, on the rewritten request, as an answer of the upstream.</summary>
public sealed class InboundTests
{
    private static string Deny(string name, string selector, string paths, string space = "default") => $$"""
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: {{name}}, namespace: {{space}} }
        spec: { selector: { matchLabels: {{selector}} }, action: DENY, rules: [{ to: [{ operation: { paths: [{{paths}}] } }] }] }

        """;

    [Fact]
    public async Task A_workloads_policy_sees_the_rewritten_path()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(Documents.Join(
            IstioDocuments.Mesh("match: [{ uri: { prefix: /api/ } }], rewrite: { uri: / }", "", upstream.Port),
            Deny("admin", "{ app: ping }", "/admin")));
        Assert.Equal("a /ping", (await gateway.GetIstioAsync("/api/ping")).Body);
        var denied = await gateway.GetIstioAsync("/api/admin");
        Assert.Equal((403, "RBAC: access denied", "istio-envoy"), (denied.Status, denied.Body, denied.Header("server")));
        Assert.NotNull(denied.Header("x-envoy-upstream-service-time"));
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task The_gateways_own_policy_sees_the_path_of_the_client()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(Documents.Join(
            IstioDocuments.Mesh("match: [{ uri: { prefix: /api/ } }], rewrite: { uri: / }", "", upstream.Port),
            Deny("api", "{ istio: ingressgateway }", "/api/secret", "istio-system")));
        Assert.Equal("a /ping", (await gateway.GetIstioAsync("/api/ping")).Body);
        var denied = await gateway.GetIstioAsync("/api/secret");
        Assert.Equal((403, "RBAC: access denied"), (denied.Status, denied.Body));
        Assert.Null(denied.Header("x-envoy-upstream-service-time"));
    }

    [Fact]
    public async Task A_denial_is_repeated_and_ejects_like_any_answer_of_the_upstream()
    {
        var time = new FakeTimeProvider();
        await using var closed = RawUpstream.Echo("closed");
        await using var open = RawUpstream.Echo("open");
        var workload = Documents.Workload("ping", open.Port).Replace("labels: { app: ping }", "labels: { app: ping, version: v2 }");
        await using var gateway = await TestGateway.StartIstioAsync(
            Documents.Join(
                IstioDocuments.Mesh(
                    "retries: { attempts: 2, retryOn: '403' }",
                    "outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 0 }, loadBalancer: { simple: ROUND_ROBIN }"),
                Documents.Workload("ping", closed.Port).Replace("labels: { app: ping }", "labels: { app: ping, version: v1 }"), workload,
                Deny("v1", "{ version: v1 }", "'*'")),
            time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("open /ping", (await time.PassUntilAsync(client.GetAsync("/ping"), TimeSpan.FromMilliseconds(250))).Body);
        }

        Assert.Empty(closed.Requests);
    }
}
