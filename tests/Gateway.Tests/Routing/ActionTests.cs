using Gateway.Clusters.Retries;
using Gateway.Routing;

namespace Gateway.Tests.Routing;

/// <summary>What a rule does: redirect, answer, forward by weight, copy, time out.</summary>
public sealed class ActionTests
{
    [Theory]
    [InlineData("uri: /new", "GET localhost /old", "301 http://localhost/new")]
    [InlineData("uri: /new", "GET localhost /old?x=1", "301 http://localhost/new?x=1")]
    [InlineData("uri: '/new?y=2'", "GET localhost /old?x=1", "301 http://localhost/new?y=2")]
    [InlineData("uri: new", "GET localhost /old", "301 http://localhost/new")]
    [InlineData("authority: example.com", "GET localhost:8081 /old?x", "301 http://example.com/old?x")]
    [InlineData("authority: 'example.com:81'", "GET localhost /old", "301 http://example.com:81/old")]
    [InlineData("scheme: https", "GET localhost /old", "301 https://localhost/old")]
    [InlineData("uri: /new, redirectCode: 302", "GET localhost /old", "302 http://localhost/new")]
    [InlineData("uri: /new, redirectCode: 303", "GET localhost /old", "303 http://localhost/new")]
    [InlineData("uri: /new, redirectCode: 307", "GET localhost /old", "307 http://localhost/new")]
    [InlineData("uri: /new, redirectCode: 308", "GET localhost /old", "308 http://localhost/new")]
    // ports: the default of the scheme is left out
    [InlineData("port: 8443, scheme: https", "GET localhost /old", "301 https://localhost:8443/old")]
    [InlineData("port: 443, scheme: https", "GET localhost /old", "301 https://localhost/old")]
    [InlineData("port: 80", "GET localhost:8081 /old", "301 http://localhost:8081/old")]
    [InlineData("port: 443", "GET localhost:8081 /old", "301 http://localhost:443/old")]
    [InlineData("port: 80, scheme: https", "GET localhost:8081 /old", "301 https://localhost:80/old")]
    [InlineData("port: 81", "GET localhost:8081 /old", "301 http://localhost:81/old")]
    [InlineData("uri: /new, derivePort: FROM_REQUEST_PORT", "GET localhost:8081 /old", "301 http://localhost:8081/new")]
    [InlineData("scheme: https, derivePort: FROM_REQUEST_PORT", "GET localhost:8081 /old", "301 https://localhost:80/old")]
    [InlineData("uri: /new, derivePort: FROM_PROTOCOL_DEFAULT", "GET localhost:8081 /old", "301 http://localhost:8081/new")]
    // the request's own port goes when it is the default of the scheme that is left, or when another one is given
    [InlineData("scheme: https", "GET localhost:80 /old", "301 https://localhost/old")]
    [InlineData("scheme: https", "GET localhost:8081 /old", "301 https://localhost:8081/old")]
    [InlineData("scheme: http", "GET localhost:80 /old", "301 http://localhost:80/old")]
    [InlineData("port: 81", "GET [::1]:8081 /old", "301 http://[::1]:81/old")]
    [InlineData("scheme: https", "GET [::1] /old", "301 https://[::1]/old")]
    // a prefix is replaced as text
    [InlineData("prefixRewrite: /new", "GET localhost /old/a?x", "301 http://localhost/new/a?x")]
    [InlineData("prefixRewrite: /", "GET localhost /old/baz", "301 http://localhost//baz")]
    public void Redirect(string redirect, string request, string expected) => Assert.Equal(expected, CompiledRoutes.OfRules($$$"""
        - match: [{uri: {prefix: /old}}]
          redirect: { {{{redirect}}} }
        """).Ask(request));

    [Fact]
    public void Redirect_with_a_status_that_is_none_is_an_error()
    {
        var routes = CompiledRoutes.OfRules("- {redirect: {uri: /a, redirectCode: 305}}");
        Assert.Equal("spec.http[0].redirect.redirectCode", Assert.Single(routes.Findings).Field);
        Assert.Equal("404", routes.Ask("GET localhost /"));
    }

    [Theory]
    [InlineData("{status: 503, body: {string: 'fix ü me'}}", "503 fix ü me")]
    [InlineData("{status: 200, body: {bytes: aGVsbG8=}}", "200 hello")]
    [InlineData("{status: 204}", "204")]
    public void Direct_response(string response, string expected) =>
        Assert.Equal(expected, CompiledRoutes.OfRules($"- {{directResponse: {response}}}").Ask("GET localhost /"));

    [Theory]
    [InlineData("{status: 99}", "spec.http[0].directResponse.status")]
    [InlineData("{status: 200, body: {bytes: '?'}}", "spec.http[0].directResponse.body.bytes")]
    public void Direct_response_that_cannot_be_sent_is_an_error(string response, string field) =>
        Assert.Equal(field, Assert.Single(CompiledRoutes.OfRules($"- {{directResponse: {response}}}").Findings).Field);

    [Theory]
    [InlineData("{destination: {host: ping}}", "ping 1")]
    [InlineData("{destination: {host: ping}, weight: 0}", "ping 1")]
    [InlineData("{destination: {host: ping}, weight: 7}", "ping 1")]
    [InlineData("{destination: {host: ping}, weight: 90}, {destination: {host: pong}, weight: 10}", "ping 0.9, pong 0.1")]
    [InlineData("{destination: {host: ping}, weight: 1}, {destination: {host: pong}, weight: 3}", "ping 0.25, pong 0.75")]
    [InlineData("{destination: {host: ping}, weight: 1}, {destination: {host: pong}, weight: 0}, {destination: {host: pang}}", "ping 1")]
    public void Weights_are_shares_of_their_sum(string destinations, string expected)
    {
        var forward = CompiledRoutes.OfRules($"- {{route: [{destinations}]}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!;
        Assert.Equal(expected, string.Join(", ", forward.Clusters.Select(cluster => FormattableString.Invariant(
            $"{cluster.Key.Host.Split('.')[0]} {forward.Share(cluster)}"))));
    }

    [Fact]
    public void Draws_follow_the_weights()
    {
        var forward = CompiledRoutes.OfRules(
            "- {route: [{destination: {host: ping}, weight: 70}, {destination: {host: pong}, weight: 20}, {destination: {host: pang}, weight: 10}]}")
            .Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!;
        var random = new Random(1);
        var counts = Enumerable.Range(0, 100_000).CountBy(_ => forward.Choose(random).Key.Host.Split('.')[0]).ToDictionary();
        Assert.InRange(counts["ping"], 69_300, 70_700);
        Assert.InRange(counts["pong"], 19_500, 20_500);
        Assert.InRange(counts["pang"], 9_600, 10_400);
    }

    [Theory]
    [InlineData("route: [{destination: {host: ping}, weight: 0}, {destination: {host: pong}}]", "spec.http[0].route")]
    [InlineData("route: []", "spec.http[0]")]
    [InlineData("name: nothing", "spec.http[0]")]
    public void A_rule_without_a_destination_is_an_error(string rule, string field)
    {
        var routes = CompiledRoutes.OfRules($"- {rule}");
        Assert.Equal(("GWY051", field), (Assert.Single(routes.Findings).Code, routes.Findings[0].Field));
        Assert.Equal("404", routes.Ask("GET localhost /"));
    }

    [Theory]
    [InlineData("{host: ping}", "ping:8080")]
    [InlineData("{host: ping, port: {number: 81}}", "ping:81")]
    [InlineData("{host: ping, subset: v2}", "ping:8080/v2")]
    [InlineData("{host: ping.other}", "ping.other:80")]
    [InlineData("{host: ping.other.svc.cluster.local}", "ping.other.svc.cluster.local:9090")]
    // a port is needed only with several; else that of the listener is taken, which the service may not have
    [InlineData("{host: many}", "many:80")]
    [InlineData("{host: missing}", "missing:80")]
    [InlineData("{host: api.example.com}", "api.example.com:80")]
    public void Destinations_are_completed(string destination, string expected) => Assert.Equal($"{expected} /", CompiledRoutes.Of(
    [
        .. CompiledRoutes.Basics, CompiledRoutes.Service("many:8080,9090"), CompiledRoutes.Service("ping.other:9090"),
        CompiledRoutes.VirtualService("rules", "'*'", "gateway", $"- {{route: [{{destination: {destination}}}]}}"),
    ]).Ask("GET localhost /"));

    [Theory]
    [InlineData("mirror: {host: pong}", "pong 1/1")]
    [InlineData("mirror: {host: pong, subset: v1, port: {number: 81}}", "pong 1/1")]
    [InlineData("mirror: {host: pong}, mirrorPercentage: {value: 0}", "")]
    [InlineData("mirror: {host: pong}, mirrorPercentage: {}", "")]
    [InlineData("mirror: {host: pong}, mirrorPercentage: {value: 12.34567}", "pong 123456/1000000")]
    [InlineData("mirror: {host: pong}, mirrorPercent: 25", "pong 25/100")]
    [InlineData("mirror: {host: pong}, mirror_percent: 25", "pong 25/100")]
    [InlineData("mirror: {host: pong}, mirrorPercent: 25, mirrorPercentage: {value: 50}", "pong 500000/1000000")]
    [InlineData("mirrors: [{destination: {host: pong}}, {destination: {host: pang}, percentage: {value: 1}}, {destination: {host: ping}, percentage: {value: 0}}]",
        "pong 1/1, pang 10000/1000000")]
    public void Copies(string mirror, string expected)
    {
        var forward = CompiledRoutes.OfRules($"- {{route: [{{destination: {{host: ping}}}}], {mirror}}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!;
        Assert.Equal(expected, string.Join(", ", forward.Mirrors.Select(policy => policy.Numerator == policy.Denominator
            ? $"{policy.Key.Host.Split('.')[0]} 1/1"
            : $"{policy.Key.Host.Split('.')[0]} {policy.Numerator}/{policy.Denominator}")));
    }

    [Fact]
    public void Copies_are_drawn_by_their_share()
    {
        var random = new Random(3);
        var policy = new MirrorPolicy(default, 250_000, 1_000_000);
        Assert.InRange(Enumerable.Range(0, 100_000).Count(_ => policy.IsDrawn(random)), 24_500, 25_500);
        Assert.True(Enumerable.Range(0, 1000).All(_ => new MirrorPolicy(default, 100, 100).IsDrawn(random)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(", timeout: 0s", null)]
    [InlineData(", timeout: 1.5s", 1500.0)]
    public void Timeout_is_none_unless_given(string timeout, double? milliseconds)
    {
        var forward = CompiledRoutes.OfRules($"- {{route: [{{destination: {{host: ping}}}}]{timeout}}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!;
        Assert.Equal(milliseconds, forward.Timeout?.TotalMilliseconds);
    }

    [Fact]
    public void Retries_are_Istios_unless_given()
    {
        Assert.Equal(RetryPolicy.Default, Retry(""));
        Assert.Equal(RetryPolicy.None, Retry(", retries: {attempts: 0}"));
        Assert.Equal((3, 2.0), (Retry(", retries: {attempts: 3, perTryTimeout: 2s, retryOn: '5xx'}").Attempts,
            Retry(", retries: {attempts: 3, perTryTimeout: 2s, retryOn: '5xx'}").PerTryTimeout!.Value.TotalSeconds));

        static RetryPolicy Retry(string retries) => CompiledRoutes.OfRules($"- {{route: [{{destination: {{host: ping}}}}]{retries}}}")
            .Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!.Retry;
    }

    [Fact]
    public void Faults_and_CORS_are_compiled_with_their_route()
    {
        var route = CompiledRoutes.OfRules("""
            - fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
              corsPolicy: {allowOrigins: [{exact: 'https://a.example'}]}
              route: [{destination: {host: ping}}]
            """).Routes.Servers[0].Routes.VirtualHosts[0].Routes[0];
        Assert.Equal(418, route.Fault!.DrawAbort(new Random(1))!.Status);
        Assert.True(route.Cors!.Allows("https://a.example"));
    }
}
