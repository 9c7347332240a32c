using Gateway.Policies;

namespace Gateway.Tests.Policies;

/// <summary>At which proxies a policy is enforced.</summary>
public sealed class PolicyScopeTests
{
    private static readonly ProxyPlace GatewayApi = new(ListenerKind.Gateway, "web-istio", "default",
        new Dictionary<string, string> { ["gateway.networking.k8s.io/gateway-name"] = "web", ["app"] = "ping" }, 80);

    private static readonly ProxyPlace Caller = PolicyMesh.Ping with { Listener = ListenerKind.SidecarOutbound };

    [Theory]
    [InlineData("default", "{}", "ping")]
    [InlineData("default", "{selector: {matchLabels: {app: ping}}}", "ping")]
    [InlineData("default", "{selector: {matchLabels: {}}}", "ping")]
    [InlineData("default", "{selector: {matchLabels: {app: pong}}}", "")]
    [InlineData("default", "{selector: {matchLabels: {app: ping, version: v2}}}", "")]
    [InlineData("other", "{}", "")]
    [InlineData("istio-system", "{}", "ping, gateway")]
    [InlineData("istio-system", "{selector: {matchLabels: {istio: ingressgateway}}}", "gateway")]
    [InlineData("istio-system", "{selector: {matchLabels: {app: ping}}}", "ping")]
    // A sidecar ignores targets, whatever they are.
    [InlineData("default", "{targetRefs: [{kind: Service, group: '', name: ping}]}", "")]
    [InlineData("default", "{targetRef: {kind: Gateway, group: gateway.networking.k8s.io, name: web}}", "gateway api")]
    [InlineData("default", "{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: web}]}", "gateway api")]
    [InlineData("default", "{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: other}]}", "")]
    [InlineData("default", "{targetRefs: [{kind: Gateway, group: networking.istio.io, name: web}]}", "")]
    [InlineData("istio-system", "{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: web}]}", "")]
    public void A_policy_covers(string space, string spec, string expected)
    {
        using var mesh = new PolicyMesh();
        var set = mesh.Compile(PolicyMesh.Authorization(spec, space: space));
        string[] covered =
        [
            .. new[] { ("ping", PolicyMesh.Ping), ("gateway", PolicyMesh.Gateway), ("caller", Caller) }
                .Where(place => PolicyMesh.Evaluate(set.For(place.Item2), PolicyMesh.Request()) is not null).Select(place => place.Item1),
        ];
        if (expected == "gateway api")
        {
            Assert.NotNull(PolicyMesh.Evaluate(set.For(GatewayApi), PolicyMesh.Request()));
            expected = "";
        }

        Assert.Equal(expected, string.Join(", ", covered));
    }

    [Fact]
    public void A_policy_for_a_waypoint_is_reported()
    {
        using var mesh = new PolicyMesh();
        mesh.Compile(PolicyMesh.Authorization("{action: DENY, targetRefs: [{kind: Service, group: '', name: ping}]}"));
        Assert.Equal("GWY035", Assert.Single(mesh.Codes));
    }
}
