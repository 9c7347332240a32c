using System.Xml.Linq;
using Gateway.RoutingTests;
using Gateway.Tests.Support;

namespace Gateway.Tests.RoutingTests;

/// <summary>The command test: routing tests written as data, in istio-config-validator's format.</summary>
public sealed class RoutingTestCommandTests
{
    private const string Mesh = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: shop, namespace: edge }
        spec:
          hosts: [shop.example.com, '*.shop.example.com']
          gateways: [elsewhere/gateway]
          http:
          - match: [{ uri: { exact: /old } }]
            redirect: { uri: /new, redirectCode: 302 }
          - match: [{ uri: { prefix: /api } , method: { regex: GET|PUT }, headers: { x-user: { exact: ann } } }]
            rewrite: { uri: /v1 }
            route: [{ destination: { host: api, port: { number: 8080 } } }]
            headers: { request: { set: { x-a: '1' } } }
          - match: [{ uri: { prefix: /bot } }]
            fault: { abort: { percentage: { value: 100 }, httpStatus: 403 } }
            route: [{ destination: { host: web } }]
          - match: [{ uri: { prefix: /team } }]
            delegate: { name: team, namespace: teams }
          - match: [{ uri: { prefix: /gone } }]
            delegate: { name: gone }
          - match: [{ uri: { prefix: /two } }]
            route: [{ destination: { host: web }, weight: 90 }, { destination: { host: api }, weight: 10 }]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: team, namespace: teams }
        spec:
          http:
          - route: [{ destination: { host: team } }]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: mesh, namespace: edge }
        spec: { hosts: [web], http: [{ route: [{ destination: { host: web, subset: v2 } }] }] }
        """;

    [Fact]
    public void The_examples_of_the_documentation_pass()
    {
        var (code, output, error) = Run(Repository.Path("docs/examples/routing/tests"), Repository.Path("docs/examples/routing/mesh"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("8 tests, 28 requests: 28 passed, 0 failed", output);
    }

    [Theory]
    // request, what is expected, whether that is so
    [InlineData("GET shop.example.com /api/x | x-user: ann", "route: [{destination: {host: api, port: {number: 8080}}}]", true)]
    [InlineData("GET shop.example.com /api/x | x-user: ann", "route: [{destination: {host: api.edge.svc.cluster.local, port: {number: 8080}}, weight: 0}]", true)]
    [InlineData("GET shop.example.com /api/x | x-user: ann", "route: [{destination: {host: api}}]", false)]
    [InlineData("POST shop.example.com /api/x | x-user: ann", "route: [{destination: {host: api, port: {number: 8080}}}]", false)]
    [InlineData("GET shop.example.com /api/x | x-user: bob", "route: [{destination: {host: api, port: {number: 8080}}}]", false)]
    [InlineData("GET other.example.com /api/x | x-user: ann", "route: [{destination: {host: api, port: {number: 8080}}}]", false)]
    [InlineData("GET a.shop.example.com /api/x?q | x-user: ann", "rewrite: {uri: /v1}", true)]
    [InlineData("GET shop.example.com /api/x | x-user: ann", "rewrite: {uri: /v2}", false)]
    [InlineData("GET shop.example.com /api/x | x-user: ann", "headers: {request: {set: {x-a: '1'}}}", true)]
    [InlineData("GET shop.example.com /api/x | x-user: ann", "headers: {response: {set: {x-a: '1'}}}", false)]
    [InlineData("GET shop.example.com /old", "redirect: {uri: /new, redirectCode: 302}", true)]
    [InlineData("GET shop.example.com /old", "redirect: {uri: /new}", false)]
    [InlineData("GET shop.example.com /bot", "fault: {abort: {percentage: {value: 100}, httpStatus: 403}}", true)]
    [InlineData("GET shop.example.com /bot", "fault: {abort: {percentage: {value: 50}, httpStatus: 403}}", false)]
    [InlineData("GET shop.example.com /two", "route: [{destination: {host: web}, weight: 90}, {destination: {host: api}, weight: 10}]", true)]
    [InlineData("GET shop.example.com /two", "route: [{destination: {host: api}, weight: 10}, {destination: {host: web}, weight: 90}]", false)]
    [InlineData("GET shop.example.com /team/x", "delegate: {name: team, namespace: teams}", true)]
    [InlineData("GET shop.example.com /team/x", "route: [{destination: {host: team}}]", true)]
    [InlineData("GET shop.example.com /team/x", "delegate: {name: other}", false)]
    // a delegate that is kept elsewhere
    [InlineData("GET shop.example.com /gone", "delegate: {name: gone}", true)]
    [InlineData("GET shop.example.com /gone", "route: [{destination: {host: web}}]", false)]
    // a call within the mesh
    [InlineData("GET web /", "route: [{destination: {host: web, subset: v2}}]", true)]
    [InlineData("GET web.edge.svc.cluster.local /", "route: [{destination: {host: web, subset: v2}}]", true)]
    [InlineData("GET none /", "route: [{destination: {host: web}}]", false)]
    public void A_member_of_the_rule_is_compared(string request, string expected, bool isSo)
    {
        foreach (var want in new[] { true, false })
        {
            Assert.Equal(want == isSo ? 0 : 1, Run(Test(request, expected, want)).Code);
        }
    }

    [Fact]
    public void All_members_must_hold_and_all_combinations_are_asked()
    {
        var (code, output, _) = Run("""
            testCases:
            - description: everything
              wantMatch: true
              request: { authority: [shop.example.com, a.shop.example.com], method: [GET, PUT], uri: [/api/a, /api/b, /api/c], headers: { x-user: ann } }
              route: [{ destination: { host: api, port: { number: 8080 } } }]
              rewrite: { uri: /v1 }
              headers: { request: { set: { x-a: '1' } } }
            """);
        Assert.Equal((0, "passed  everything (12 requests)\n\n1 test, 12 requests: 12 passed, 0 failed\n"), (code, output));
    }

    [Fact]
    public void A_failure_shows_both_sides_beside_each_other()
    {
        var (code, output, _) = Run("""
            testCases:
            - description: wrong
              wantMatch: true
              request: { authority: [shop.example.com], method: [GET], uri: [/old, /none] }
              redirect: { uri: /other }
            - description: right
              wantMatch: false
              request: { authority: [shop.example.com], method: [GET], uri: [/old] }
              redirect: { uri: /other }
            - description: unwanted
              request: { authority: [shop.example.com], method: [GET], uri: [/old] }
              redirect: { uri: /new, redirectCode: 302 }
            """);
        Assert.Equal(GatewayCommand.Failed, code);
        Assert.Equal("""
            FAILED  wrong (2 requests)
              tests.yaml:2: GET shop.example.com/old
                redirect: taken by VirtualService edge/shop spec.http[0].match[0] (mesh.yaml:8)
                  expected                 | actual
                  redirect:                | redirect:
                    uri: /other            |   uri: /new
                                           |   redirectCode: 302
              tests.yaml:2: GET shop.example.com/none
                redirect: no rule takes it
                  expected                 | actual
                  redirect:                | (404)
                    uri: /other            |
            passed  right (1 request)
            FAILED  unwanted (1 request)
              tests.yaml:10: GET shop.example.com/old
                redirect: taken by VirtualService edge/shop spec.http[0].match[0] (mesh.yaml:8)
                  expected anything but    | actual
                  redirect:                | redirect:
                    uri: /new              |   uri: /new
                    redirectCode: 302      |   redirectCode: 302

            3 tests, 4 requests: 1 passed, 3 failed

            """, output);
    }

    [Fact]
    public void Requests_that_fail_alike_are_told_once()
    {
        var (_, output, _) = Run("""
            testCases:
            - description: wrong
              wantMatch: true
              request: { authority: [shop.example.com], method: [GET, PUT, POST], uri: [/old] }
              redirect: { uri: /other }
            """);
        Assert.Equal(3, output.Split('\n').Count(line => line.Contains("tests.yaml:2: ")));
        Assert.Single(output.Split('\n'), line => line.Contains("expected"));
    }

    [Fact]
    public void Results_are_written_as_JUnits_XML()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "results.xml");
        Run("""
            testCases:
            - description: wrong & right
              wantMatch: true
              request: { authority: [shop.example.com], method: [GET], uri: [/old, /bot] }
              redirect: { uri: /new, redirectCode: 302 }
            """, file);
        var suite = Assert.Single(XDocument.Load(file).Root!.Elements("testsuite"));
        Assert.Equal(("2", "1"), (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value));
        Assert.Equal(["GET shop.example.com/old", "GET shop.example.com/bot"], suite.Elements("testcase").Select(test => test.Attribute("name")!.Value));
        var failure = Assert.Single(suite.Descendants("failure"));
        Assert.StartsWith("redirect: taken by VirtualService edge/shop", failure.Attribute("message")!.Value);
        Assert.Contains("| actual", failure.Value);
    }

    [Theory]
    [InlineData("testCases: [{description: a, wantMatch: true, request: {method: [GET], uri: [/]}}]", "tests.yaml:1: \"a\": request.authority needs a list with at least one entry.")]
    [InlineData("testCases: [{description: a, wantMatch: true, request: {authority: [], method: [GET], uri: [/]}}]", "request.authority needs")]
    [InlineData("testCases: [{description: a, wantMatch: true}]", "request is missing")]
    [InlineData("testCases: [{description: a, wantMatch: maybe, request: {authority: [a], method: [GET], uri: [/]}}]", "wantMatch is true or false")]
    [InlineData("testCases: [{description: a, expect: 1, request: {authority: [a], method: [GET], uri: [/]}}]", "expect is unknown; the members are description, wantMatch, request, route")]
    [InlineData("testCases: [{description: a, request: {authority: [a], method: [GET], uri: [/], path: x}}]", "path is unknown")]
    [InlineData("testCases: [{description: a, route: [{destination: {hots: x}}], request: {authority: [a], method: [GET], uri: [/]}}]", "hots")]
    [InlineData("testCases: [{description: a, redirect: {redirectCode: many}, request: {authority: [a], method: [GET], uri: [/]}}]", "redirect.redirectCode")]
    [InlineData("tests: []", "a list testCases is expected")]
    [InlineData("testCases: [", "is no YAML")]
    public void A_test_that_cannot_be_read_is_an_error_with_its_place(string tests, string message)
    {
        var (code, output, error) = Run(tests);
        Assert.Equal((GatewayCommand.Failed, ""), (code, output));
        Assert.Contains(message, error);
        Assert.Contains("Nothing was tested", error);
    }

    [Fact]
    public void Without_a_test_or_a_folder_nothing_passes()
    {
        Assert.Equal(GatewayCommand.Failed, Run("testCases: []").Code);
        Assert.Contains("there is no such folder", Run(Repository.Path("docs"), "/no/such/folder").Error);
        Assert.Contains("cannot be read", Run("/no/such/file.yaml", Repository.Path("docs/examples/routing/mesh")).Error);
    }

    [Theory]
    [InlineData("test", 0)]
    [InlineData("explain", 0)]
    public async Task The_commands_are_part_of_the_program(string command, int expected)
    {
        string[] args = command == "test"
            ? ["test", Repository.Path("docs/examples/routing/tests"), "--mesh", Repository.Path("docs/examples/routing/mesh")]
            : ["explain", "--mesh", Repository.Path("docs/examples/routing/mesh"), "GET", "http://shop.example.com/", "-H", "x-a: 1", "-H", "x-b: 2"];
        using var error = new StringWriter();
        Assert.Equal(expected, await GatewayCommand.InvokeAsync(args, error, TestContext.Current.CancellationToken));
        Assert.Equal("", error.ToString());
    }

    private static string Test(string request, string expected, bool want)
    {
        var parts = request.Split(" | ");
        var line = parts[0].Split(' ');
        var headers = parts.Length > 1 ? $"headers: {{ {parts[1]} }}" : "headers: {}";
        return $$"""
            testCases:
            - description: one
              wantMatch: {{(want ? "true" : "false")}}
              request: { authority: [{{line[1]}}], method: [{{line[0]}}], uri: ['{{line[2]}}'], {{headers}} }
              {{expected}}
            """;
    }

    private static (int Code, string Output, string Error) Run(string tests, string meshOrJunit = "")
    {
        if (Path.IsPathRooted(tests))
        {
            return Run([tests], meshOrJunit, null, "");
        }

        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "mesh"));
        File.WriteAllText(Path.Combine(folder.Path, "mesh", "mesh.yaml"), Mesh);
        File.WriteAllText(Path.Combine(folder.Path, "tests.yaml"), tests);
        return Run([Path.Combine(folder.Path, "tests.yaml")], Path.Combine(folder.Path, "mesh"), meshOrJunit.Length == 0 ? null : meshOrJunit, folder.Path);
    }

    private static (int Code, string Output, string Error) Run(string[] tests, string mesh, string? junit, string root)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = RoutingTestCommand.Run(tests, mesh, junit, output, error);
        return (code, Short(output.ToString()), Short(error.ToString()));

        string Short(string text) => root.Length == 0 ? text : text.Replace($"{mesh}/", "").Replace($"{root}/", "");
    }
}
