using Gateway.Explain;
using Gateway.Tests.Support;

namespace Gateway.Tests.Explain;

/// <summary>The command explain: which door and rule take a request, why the others do not, and who may call.</summary>
public sealed class ExplainTests
{
    private static readonly string Example = Repository.Path("docs/examples/routing/mesh");

    [Fact]
    public async Task A_rule_with_its_refusals_shares_timeout_and_retries() => await ExpectAsync(
        Example, "GET", "http://shop.example.com/users/1", [],
        """
        GET /users/1 for shop.example.com

        Istio door (locally http://localhost:8081), Gateway default/edge port 80
          host         shop.example.com:80 (shop.example.com, www.shop.example.com)
          not          VirtualService default/shop spec.http[0].match[0] (shop.yaml:23): the path /users/1 does not match exact /home
          not          VirtualService default/cart spec.http[0].match[0] (shop.yaml:83): the path /users/1 does not match exact /cart/checkout
          not          VirtualService default/cart spec.http[1].match (shop.yaml:87): the path /users/1 does not match prefix /cart
          not          VirtualService default/shop spec.http[2].match[0] (shop.yaml:33): there is no header x-user-type
          rule         VirtualService default/shop spec.http[3].match[0] (shop.yaml:44) "users": regex /users(/.*)?
          share        90 % to users.default.svc.cluster.local port 8080 subset v1: 2 endpoints
          share        10 % to users.default.svc.cluster.local port 8080 subset v2: 1 endpoint
          path         /users/1, as it came
          timeout      2s
          retries      at most 3 on connect-failure, refused-stream, 503, each attempt at most 500ms; base back-off 25ms
          callee       the policies of all (users-v1-1, users-v1-2, users-v2-1) let it through

        """);

    [Theory]
    [InlineData("http://localhost:8081/api/v1/ping?x", "path         /api/v1/ping?x -> /ping?x")]
    [InlineData("http://localhost:8081/a/../api/v1", "normalised   /api/v1 (BASE)")]
    [InlineData("http://localhost:8081/api/v1", "path         /api/v1 -> /")]
    [InlineData("http://localhost:8081/home", "answers      301 to http://shop.example.com/")]
    [InlineData("http://localhost:8081/search", "fault        answers 100 % of the requests with 403; they are not retried")]
    [InlineData("http://localhost:8081/cart/x", "delegate     found by delegate cart")]
    [InlineData("http://localhost:8081/%00", "answers      400: the path holds %00")]
    [InlineData("http://localhost:8081/users", "share        100 % to users.default.svc.cluster.local port 8080 subset v2: 1 endpoint")]
    [InlineData("http://localhost:8081/users", "request      sets x-tester: true")]
    public async Task What_a_rule_does(string url, string line) => Assert.Contains(line, (await ExplainAsync(
        Example, "GET", url, "Host: shop.example.com", "User-Agent: aBot", "x-user-type: qa")).Output);

    [Theory]
    [InlineData("GET", "let it through")]
    [InlineData("POST", "answer 403 \"RBAC: access denied\" (rbac_access_denied_matched_policy[none])")]
    public async Task Who_may_call_is_asked_of_the_callees_policies(string method, string verdict) => Assert.Contains(
        $"callee       the policies of all (users-v1-1, users-v1-2, users-v2-1) {verdict}",
        (await ExplainAsync(Example, method, "http://shop.example.com/users/1")).Output);

    [Theory]
    [InlineData("http://users:8080/x", "Mesh, a call to users.default.svc.cluster.local port 8080")]
    [InlineData("http://users.default:8080/x", "Mesh, a call to users.default.svc.cluster.local port 8080")]
    [InlineData("http://users/x", "Mesh, a call to users.default.svc.cluster.local port 8080")]
    [InlineData("http://cart/x", "Mesh, a call to cart.default.svc.cluster.local port 80")]
    [InlineData("http://other.example.com/", "404, flag NR: no host is other.example.com; the hosts are shop.example.com, www.shop.example.com")]
    [InlineData("https://shop.example.com/", "No door takes it")]
    [InlineData("http://shop.example.com:1234/", "No door takes it")]
    public async Task The_URL_says_which_door(string url, string line) => Assert.Contains(line, (await ExplainAsync(Example, "GET", url)).Output);

    [Fact]
    public async Task Both_doors_are_told_apart()
    {
        using var folder = new TempFolder();
        folder.Write("mesh.yaml", Documents.Join(Documents.Seed(5001), """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: { name: gateway }
            spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: gin-demo }
            spec:
              hosts: ['*']
              gateways: [gateway]
              http: [{ match: [{ uri: { prefix: /api/v1 } }], rewrite: { uri: / }, route: [{ destination: { host: gin-demo } }] }]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: { name: no-delete, namespace: istio-system }
            spec: { selector: { matchLabels: { istio: ingressgateway } }, action: DENY, rules: [{ to: [{ operation: { methods: [DELETE] } }] }] }

            """));
        var both = (await ExplainAsync(folder.Path, "GET", "http://example.com/api/v1/ping")).Output;
        Assert.Contains("forwards     /ping to default/gin-demo:http", both);
        Assert.Contains("path         /api/v1/ping -> //ping", both);
        Assert.DoesNotContain("Istio door", (await ExplainAsync(folder.Path, "GET", "http://localhost:8080/api/v1/ping")).Output);
        Assert.DoesNotContain("Ingress door", (await ExplainAsync(folder.Path, "GET", "http://localhost:8081/api/v1/ping")).Output);
        Assert.Contains("answers      404, flag NR: no rule takes it", (await ExplainAsync(folder.Path, "GET", "http://localhost:8081/ping")).Output);
        Assert.Contains("policies     the gateway answers 403 \"RBAC: access denied\" (rbac_access_denied_matched_policy[ns[istio-system]-policy[no-delete]-rule[0]])",
            (await ExplainAsync(folder.Path, "DELETE", "http://localhost:8081/api/v1")).Output);
    }

    [Fact]
    public async Task A_destination_that_is_not_there_is_said()
    {
        using var folder = new TempFolder();
        folder.Write("mesh.yaml", Documents.Join(Documents.Service("ping"), """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: ping }
            spec: { hosts: [ping], http: [{ route: [{ destination: { host: ping, subset: v9 } }], mirror: { host: pong } }] }

            """));
        var text = (await ExplainAsync(folder.Path, "GET", "http://ping:8080/")).Output;
        Assert.Contains("100 % to ping.default.svc.cluster.local port 8080 subset v9: no such cluster, answered with 503, flag NC", text);
        Assert.Contains("copy         100 % to pong.default.svc.cluster.local port 8080: no such cluster", text);
    }

    [Theory]
    [InlineData("localhost/x", "a URL such as")]
    [InlineData("http:///x", "a URL such as")]
    [InlineData("http://localhost:x/", "no port that is a number")]
    public async Task A_wrong_URL_is_met_with_one_sentence(string url, string message)
    {
        var (code, _, error) = await ExplainAsync(Example, "GET", url);
        Assert.Equal(GatewayCommand.Misused, code);
        Assert.Contains(message, Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task So_is_a_wrong_header_and_a_folder_that_cannot_be_used()
    {
        Assert.Contains("a header such as", (await ExplainAsync(Example, "GET", "http://a/", "nonsense")).Error);
        Assert.Equal((GatewayCommand.Failed, "--mesh /no/such/folder: there is no such folder.\n"), await FailAsync("/no/such/folder"));
        using var folder = new TempFolder();
        folder.Write("bad.yaml", "a: [");
        var (code, error) = await FailAsync(folder.Path);
        Assert.Equal(GatewayCommand.Failed, code);
        Assert.Contains("has errors", error);

        static async Task<(int Code, string Error)> FailAsync(string folder)
        {
            var (code, _, error) = await ExplainAsync(folder, "GET", "http://a/");
            return (code, error);
        }
    }

    private static async Task ExpectAsync(string folder, string method, string url, string[] headers, string expected)
    {
        var (code, output, error) = await ExplainAsync(folder, method, url, headers);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(expected, output.Replace($"({folder}/", "("));
    }

    private static async Task<(int Code, string Output, string Error)> ExplainAsync(string folder, string method, string url, params string[] headers)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ExplainCommand.RunAsync(folder, method, url, headers, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
