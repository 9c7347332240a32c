using Istio.Documents;
using Istio.Networking;
using Istio.Tests.Documents;

namespace Istio.Tests.Networking;

public class VirtualServiceExtensionsTests
{
    /// <summary>Each rule in C# and, beside it, the item of <c>spec.http</c> that it stands for.</summary>
    public static TheoryData<string, string> Rules => new()
    {
        { "match on prefix", "match: [{uri: {prefix: /api/}}]" },
        { "match on exact path without case", "match: [{uri: {exact: /ping}, ignoreUriCase: true}]" },
        { "match on regex", "match: [{uri: {regex: '(?i)/api/v1(/.*)?'}}]" },
        { "matches that must all hold", "match: [{method: {exact: GET}, scheme: {exact: https}, authority: {prefix: ping.}}]" },
        { "matches of which one must hold", "match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}]" },
        { "match on headers", "match: [{headers: {x-user: {exact: jason}, x-debug: {}, x-path: {regex: 'v[12]'}}}]" },
        { "match without headers", "match: [{withoutHeaders: {x-bot: {}, user-agent: {prefix: curl}}}]" },
        { "match on query", "match: [{queryParams: {v: {exact: '2'}, flag: {}}}]" },
        { "match on source", "match: [{port: 8080, sourceLabels: {app: web}, sourceNamespace: demo, gateways: [mesh]}]" },
        { "rewrite", "rewrite: {uri: /, authority: ping.internal}" },
        { "rewrite with regex", "rewrite: {uriRegexRewrite: {match: '(?i)^/api/v1(/|$)(.*)$', rewrite: '/\\2'}}" },
        { "route", "route: [{destination: {host: ping}}]" },
        { "route to subset and port", "route: [{destination: {host: ping, subset: v1, port: {number: 8080}}, weight: 100}]" },
        { "route with headers", "route: [{destination: {host: ping}, headers: {request: {set: {x-to: v1}}, response: {remove: [server]}}}]" },
        { "split", "route: [{destination: {host: ping, subset: v1}, weight: 90}, {destination: {host: ping, subset: v2}, weight: 10}]" },
        { "split with port", "route: [{destination: {host: ping, subset: v1, port: {number: 80}}, weight: 50}, {destination: {host: ping, subset: v2, port: {number: 80}}, weight: 50}]" },
        { "timeout", "timeout: 2s" },
        { "timeout in milliseconds", "timeout: 1500ms" },
        { "retry", "retries: {attempts: 2, retryOn: 'connect-failure,refused-stream,reset,503', perTryTimeout: 500ms, backoff: 25ms}" },
        { "no retry", "retries: {attempts: 0}" },
        { "delay", "fault: {delay: {fixedDelay: 7s, percentage: {value: 10}}}" },
        { "delay and abort", "fault: {delay: {fixedDelay: 100ms, percentage: {value: 0.1}}, abort: {httpStatus: 503, percentage: {value: 50}}}" },
        { "mirror", "mirror: {host: ping, subset: v2}" },
        { "mirror a share", "{mirror: {host: shadow, port: {number: 8080}}, mirrorPercentage: {value: 12.5}}" },
        { "cors", "corsPolicy: {allowOrigins: [{exact: 'https://a.example'}, {regex: 'https://.*[.]b[.]example'}], allowMethods: [GET, POST], allowHeaders: [x-a], exposeHeaders: [x-b], maxAge: 86400s, allowCredentials: true, unmatchedPreflights: IGNORE}" },
        { "headers", "headers: {request: {set: {x-a: '1'}, add: {x-b: '2'}, remove: [x-c, x-d]}, response: {add: {x-e: '3'}}}" },
        { "redirect", "redirect: {uri: /new, authority: new.example, scheme: https, port: 8443, redirectCode: 308}" },
        { "direct response", "directResponse: {status: 503, body: {string: closed}}" },
        { "direct response without body", "directResponse: {status: 204}" },
        { "delegate", "delegate: {name: ping-rules, namespace: demo}" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_in_csharp_equals_the_rule_in_yaml(string name, string rule)
    {
        var item = rule.StartsWith('{') ? rule[1..^1] : rule;
        SameDocument.Assert(VirtualService.For("ping").Http(route => Write(name, route)), $$"""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: ping}
            spec:
              hosts: [ping]
              http:
              - { {{item}} }
            """);
    }

    [Fact]
    public void A_service_in_csharp_equals_the_service_in_yaml() =>
        SameDocument.Assert(
            VirtualService.For("ping").Named("ping-routes").InNamespace("demo").Label("app", "ping").Annotation("note", "yes")
                .Hosts("*").Gateways("ping-gateway", "mesh").ExportTo(".")
                .Http("api", r => r.Match(m => m.Uri(regex: "(?i)/api/v1(/.*)?"))
                    .RewriteRegex("(?i)^/api/v1(/|$)(.*)$", @"/\2").RouteTo("ping", port: 8080)
                    .Timeout(TimeSpan.FromSeconds(2)).Retry(attempts: 2, on: [RetryOn.ConnectFailure, RetryOn.RefusedStream, RetryOn.Reset]))
                .Http(r => r.DirectResponse(404)),
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: ping-routes
              namespace: demo
              labels: {app: ping}
              annotations: {note: "yes"}
            spec:
              hosts: ["*"]
              gateways: [ping-gateway, mesh]
              exportTo: [.]
              http:
              - name: api
                match:
                - uri:
                    regex: (?i)/api/v1(/.*)?
                rewrite:
                  uriRegexRewrite:
                    match: (?i)^/api/v1(/|$)(.*)$
                    rewrite: /\2
                route:
                - destination: {host: ping, port: {number: 8080}}
                timeout: 2s
                retries:
                  attempts: 2
                  retryOn: connect-failure,refused-stream,reset
              - directResponse: {status: 404}
            """);

    [Fact]
    public void A_condition_of_two_kinds_is_refused() =>
        Assert.Equal("Give exactly one of exact, prefix and regex.", Assert.Throws<ArgumentException>(() => new HTTPMatchRequest().Uri(exact: "/a", prefix: "/b")).Message);

    [Fact]
    public void A_call_leaves_the_resource_it_is_called_on_unchanged()
    {
        var service = VirtualService.For("ping");

        service.Http(route => route.DirectResponse(200)).Gateways("mesh").Label("a", "b");

        Assert.Equal(VirtualService.For("ping"), service);
    }

    private static HTTPRoute Write(string name, HTTPRoute r) => name switch
    {
        "match on prefix" => r.Match(m => m.Uri(prefix: "/api/")),
        "match on exact path without case" => r.Match(m => m.Uri(exact: "/ping").IgnoreUriCase()),
        "match on regex" => r.Match(m => m.Uri(regex: "(?i)/api/v1(/.*)?")),
        "matches that must all hold" => r.Match(m => m.Method("GET").Scheme("https").Authority(prefix: "ping.")),
        "matches of which one must hold" => r.Match(m => m.Uri(prefix: "/a")).Match(m => m.Uri(prefix: "/b")),
        "match on headers" => r.Match(m => m.Header("x-user", "jason").Header("x-debug").Header("x-path", regex: "v[12]")),
        "match without headers" => r.Match(m => m.WithoutHeader("x-bot").WithoutHeader("user-agent", prefix: "curl")),
        "match on query" => r.Match(m => m.QueryParam("v", "2").QueryParam("flag")),
        "match on source" => r.Match(m => m.Port(8080).SourceLabel("app", "web").SourceNamespace("demo").Gateways("mesh")),
        "rewrite" => r.Rewrite(uri: "/").Rewrite(authority: "ping.internal"),
        "rewrite with regex" => r.RewriteRegex("(?i)^/api/v1(/|$)(.*)$", @"/\2"),
        "route" => r.RouteTo("ping"),
        "route to subset and port" => r.RouteTo("ping", subset: "v1", port: 8080, weight: 100),
        "route with headers" => r.RouteTo("ping", headers: h => h.Request(q => q.Set("x-to", "v1")).Response(s => s.Remove("server"))),
        "split" => r.Split("ping", ("v1", 90), ("v2", 10)),
        "split with port" => r.Split("ping", 80, ("v1", 50), ("v2", 50)),
        "timeout" => r.Timeout(TimeSpan.FromSeconds(2)),
        "timeout in milliseconds" => r.Timeout(TimeSpan.FromSeconds(1.5)),
        "retry" => r.Retry(2, [RetryOn.ConnectFailure, RetryOn.RefusedStream, RetryOn.Reset, "503"], TimeSpan.FromSeconds(0.5), TimeSpan.FromMilliseconds(25)),
        "no retry" => r.Retry(0),
        "delay" => r.Delay(TimeSpan.FromSeconds(7), percent: 10),
        "delay and abort" => r.Delay(TimeSpan.FromMilliseconds(100), percent: 0.1).Abort(503, percent: 50),
        "mirror" => r.Mirror("ping", "v2"),
        "mirror a share" => r.Mirror("shadow", port: 8080, percent: 12.5),
        "cors" => r.Cors(c => c.AllowOrigin("https://a.example").AllowOrigin(regex: "https://.*[.]b[.]example").AllowMethods("GET", "POST")
            .AllowHeaders("x-a").ExposeHeaders("x-b").MaxAge(TimeSpan.FromDays(1)).AllowCredentials().UnmatchedPreflights(UnmatchedPreflightHandling.Ignore)),
        "headers" => r.RequestHeaders(h => h.Set("x-a", "1").Add("x-b", "2").Remove("x-c", "x-d")).ResponseHeaders(h => h.Add("x-e", "3")),
        "redirect" => r.Redirect("/new", "new.example", "https", 8443, 308),
        "direct response" => r.DirectResponse(503, "closed"),
        "direct response without body" => r.DirectResponse(204),
        "delegate" => r.DelegateTo("ping-rules", "demo"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such rule."),
    };
}
