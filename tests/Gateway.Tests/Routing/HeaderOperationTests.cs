using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Routing;

/// <summary>Header operations of a rule and of a destination, in Envoy's order.</summary>
public sealed class HeaderOperationTests
{
    [Theory]
    [InlineData("set: {x-a: new}", "x-a: old", "x-a=new")]
    [InlineData("set: {X-A: new}", "x-b: 1", "x-a=new; x-b=1")]
    [InlineData("add: {x-a: new}", "x-a: old", "x-a=old,new")]
    [InlineData("add: {x-a: new}", "x-b: 1", "x-a=new; x-b=1")]
    [InlineData("remove: [x-a]", "x-a: old | x-b: 1", "x-b=1")]
    [InlineData("remove: [X-A]", "x-a: old", "")]
    // removal comes first, then what is set, then what is added
    [InlineData("remove: [x-a], add: {x-a: new}", "x-a: old", "x-a=new")]
    [InlineData("set: {x-a: '1'}, add: {x-a: '2'}", "x-a: old", "x-a=1,2")]
    // an empty value changes nothing
    [InlineData("set: {x-a: ''}", "x-a: old", "x-a=old")]
    // pseudo-headers and the host are no headers
    [InlineData("set: {':path': /x, ':method': PUT}, remove: [host, ':scheme']", "x-a: 1", "x-a=1")]
    // %NAME% stands for a part of the request
    [InlineData("set: {x-a: '100%%'}", "x-b: 1", "x-a=100%; x-b=1")]
    [InlineData("set: {x-a: 'to %REQ(:authority)% by %REQ(x-b)%'}", "x-b: 1", "x-a=to localhost by 1; x-b=1")]
    [InlineData("set: {x-a: '%REQ(x-none?x-b)%', x-b: '%REQ(:path)%'}", "x-b: 1", "x-a=1; x-b=/p?q")]
    [InlineData("set: {x-a: '%REQ(x-none)%'}", "x-b: 1", "x-a=-; x-b=1")]
    [InlineData("set: {x-a: '%DOWNSTREAM_LOCAL_PORT%'}", "x-b: 1", "x-a=80; x-b=1")]
    public void On_the_request(string operations, string headers, string expected)
    {
        var routes = CompiledRoutes.OfRules($$$"""
            - headers: {request: { {{{operations}}} }}
              route: [{destination: {host: ping}}]
            """);
        var request = routes.Parse($"GET localhost /p?q | {headers}");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal(expected, Text(request.Headers));
    }

    [Fact]
    public void Of_a_single_destination_come_last()
    {
        var routes = CompiledRoutes.OfRules("""
            - headers: {request: {set: {x-a: rule}, add: {x-b: rule}, remove: [x-c]}}
              route: [{destination: {host: ping}, headers: {request: {set: {x-a: destination}, add: {x-b: destination, x-c: new}}}}]
            """);
        var request = routes.Parse("GET localhost / | x-c: old");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal("x-a=destination; x-b=rule,destination; x-c=new", Text(request.Headers));
    }

    [Fact]
    public void Of_one_among_several_destinations_come_first_so_that_the_rules_win()
    {
        var routes = CompiledRoutes.OfRules("""
            - headers: {request: {set: {x-a: rule}, add: {x-b: rule}}, response: {set: {x-a: rule}}}
              route:
              - {destination: {host: ping}, weight: 1, headers: {request: {set: {x-a: destination}, add: {x-b: destination}}, response: {set: {x-a: destination}, remove: [x-c]}}}
              - {destination: {host: ping}, weight: 1, headers: {request: {set: {x-a: destination}, add: {x-b: destination}}, response: {set: {x-a: destination}, remove: [x-c]}}}
            """);
        var request = routes.Parse("GET localhost /");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal("x-a=rule; x-b=destination,rule", Text(request.Headers));
        var response = new HeaderDictionary { ["x-c"] = "1", ["x-d"] = "2" };
        found.Route.FinishResponse(response, request, found.Cluster);
        Assert.Equal("x-a=rule; x-d=2", Text(response));
    }

    [Fact]
    public void On_the_response_also_of_a_redirect()
    {
        var routes = CompiledRoutes.OfRules("""
            - redirect: {uri: /b}
              headers: {response: {set: {cache-control: no-store, x-seen: '%RESP(location)% %REQ(x-id)%'}}}
            """);
        var request = routes.Parse("GET localhost / | x-id: 7");
        var found = routes.Match(request);
        var response = new HeaderDictionary { ["location"] = "there" };
        found.Route!.FinishResponse(response, request, null);
        Assert.Equal("cache-control=no-store; location=there; x-seen=there 7", Text(response));
    }

    [Theory]
    [InlineData("50%", "writes %% for a percent sign")]
    [InlineData("%UPSTREAM_HOST%", "no operator that is executed here")]
    [InlineData("%NO(x", "percent sign at character 1")]
    public void A_value_that_cannot_be_executed_is_left_out_with_a_warning(string value, string message)
    {
        var routes = CompiledRoutes.OfRules($$$"""
            - headers: {request: {set: {x-a: '{{{value}}}', x-b: '1'} } }
              route: [{destination: {host: ping}}]
            """);
        var finding = Assert.Single(routes.Findings);
        Assert.Equal(("GWY052", "spec.http[0].headers.request.set.x-a"), (finding.Code, finding.Field));
        Assert.Contains(message.Replace("writes", "write"), finding.Message);
        var request = routes.Parse("GET localhost /");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal("x-b=1", Text(request.Headers));
    }

    private static string Text(IHeaderDictionary headers) =>
        string.Join("; ", headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key.ToLowerInvariant()}={header.Value}"));
}
