using System.Buffers.Binary;
using System.Text;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Policies.ExternalAuthorization.Messages;
using Google.Protobuf;
using Istio.Documents;
using Istio.MeshConfiguration;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Policies;

/// <summary>What external authorizers are asked, and what becomes of their answers; who is asked at all. Envoy's own behaviour is in tests/Conformance.</summary>
public sealed class ExternalAuthorizationTests
{
    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: { name: auth, namespace: default }
        spec: { ports: [{ name: http, port: 8080 }, { name: grpc, port: 9000 }] }

        """;

    private static readonly ClusterKey Key = new("auth.default.svc.cluster.local", 8080);

    private static string Providers(string list) => $$"""
        apiVersion: install.istio.io/v1alpha1
        kind: IstioOperator
        spec: { meshConfig: { extensionProviders: [{{list}}] } }

        """;

    private static string Http(string name, string more = "") =>
        $"{{name: {name}, envoyExtAuthzHttp: {{service: auth.default.svc.cluster.local, port: 8080{more}}}}}";

    private static string Custom(string provider, string name = "policy", string rules = "[{}]", string selector = "{}") => PolicyMesh.Authorization(
        $"{{action: CUSTOM, provider: {{name: {provider}}}, rules: {rules}, selector: {selector}}}", name);

    private static ExternalAuthorizer Authorizer(MeshExtensionProvider provider) => ExternalAuthorizer.Of(provider with { Name = "a" }, Key);

    private static ExternalAuthorizer Grpc(EnvoyExternalAuthorizationGrpcProvider? grpc = null) =>
        Authorizer(new MeshExtensionProvider { EnvoyExtAuthzGrpc = grpc ?? new() });

    private static CheckVerdict Read(ExternalAuthorizer authorizer, CheckResponse answer, int status = 200, int? grpcStatus = 0, byte flag = 0)
    {
        var message = answer.ToByteArray();
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return authorizer.Read(new FilterCallResponse(status, new HeaderDictionary(), frame, grpcStatus));
    }

    [Theory]
    [InlineData("x-user", true)]
    [InlineData("X-USER", true)]
    [InlineData("x-users", false)]
    [InlineData("x-a-", true)]
    [InlineData("X-A-b", true)]
    [InlineData("x-a", false)]
    [InlineData("trace-id", true)]
    [InlineData("-ID", true)]
    [InlineData("id", false)]
    [InlineData("more", true)]
    // An asterisk at the beginning is the one that counts.
    [InlineData("x-b*", true)]
    [InlineData("x-bc", false)]
    public void Names_of_headers(string name, bool expected) =>
        Assert.Equal(expected, new HeaderPatterns(["x-user", "x-a-*", "*-id", "*b*"], "More").Has(name));

    [Theory]
    [InlineData("", "?b=2")]
    [InlineData("?a=1", "?a=1&b=2")]
    [InlineData("?z=%20&b=1&a=1&b=3", "?a=1&b=2&z=%20")]
    [InlineData("?gone=1&z", "?b=2&z=")]
    public void A_changed_query_is_written_in_the_order_of_its_names(string query, string expected) =>
        Assert.Equal(expected, new QueryMutation([new("b", "2")], ["gone"]).Apply(query));

    [Fact]
    public void A_query_of_which_nothing_is_left_has_no_question_mark() => Assert.Equal("", new QueryMutation([], ["a"]).Apply("?a=1"));

    [Theory]
    [InlineData(10u, false, 11, false, 10)]
    [InlineData(10u, false, 11, true, 11)]
    [InlineData(10u, true, 10, false, 4000)]
    // Only a check of the whole body has a larger buffer than a stream has: 1 MiB.
    [InlineData(2_000_000u, true, 1_048_577, true, 1_048_577)]
    [InlineData(2_000_000u, true, 1_048_577, false, 1_048_576)]
    [InlineData(uint.MaxValue, false, int.MaxValue, false, 5_000_000)]
    public void How_much_of_a_body_is_held(uint most, bool partial, int enough, bool tooLarge, int length)
    {
        var body = CheckedBody.Of(new EnvoyExternalAuthorizationRequestBody { MaxRequestBytes = most, AllowPartialMessage = partial })!;
        Assert.Equal((enough, tooLarge), (body.Enough, body.IsTooLarge(new BufferedBody(new byte[length], false))));
    }

    [Fact]
    public void The_time_for_an_answer_is_ten_minutes_unless_given()
    {
        var request = PolicyMesh.Request();
        Assert.Equal(TimeSpan.FromMinutes(10), Grpc().Ask(request, null, "HTTP/1.1").Timeout);
        Assert.Equal(TimeSpan.FromSeconds(0.5), Grpc(new() { Timeout = new Duration("0.5s") }).Ask(request, null, "HTTP/1.1").Timeout);
    }

    [Fact]
    public void Several_lines_of_a_header_are_one_in_the_question()
    {
        var request = PolicyMesh.Request(headers: "x-a: 1\nx-a: 2\nX-Envoy-Auth-Partial-Body: true");
        request.SourcePort = 40000;
        var http = Authorizer(new() { EnvoyExtAuthzHttp = new() { IncludeRequestHeadersInCheck = ["x-*"] } }).Ask(request, null, "HTTP/1.1");
        Assert.Equal(["1,2"], http.Headers["x-a"].ToArray());
        Assert.Empty(http.Headers["x-envoy-auth-partial-body"].ToArray());

        var message = CheckRequest.Parser.ParseFrom(Grpc().Ask(request, null, "HTTP/2").Body.Span[5..]).Attributes;
        var (source, destination) = (message.Source.Address.SocketAddress, message.Destination.Address.SocketAddress);
        Assert.Equal(("1,2", "HTTP/2"), (message.Request.Http.Headers["x-a"], message.Request.Http.Protocol));
        Assert.Equal(("127.0.0.1", 40000u, 8080u), (source.Address, source.PortValue, destination.PortValue));
        Assert.False(message.Request.Http.Headers.ContainsKey("x-envoy-auth-partial-body"));
    }

    [Fact]
    public void What_frames_a_request_cannot_be_changed_and_its_host_can()
    {
        var request = PolicyMesh.Request(headers: "content-length: 5\nx-a: 1");
        new CheckVerdict(CheckStatus.Allowed)
        {
            Headers = [new("content-length", "0", HeaderAction.Set), new(":path", "/x", HeaderAction.Set), new("host", "other", HeaderAction.Set)],
            Remove = ["content-length", "host", ":method", "x-a"],
        }.Apply(request);
        Assert.Equal(("other", "/", "5", false), (request.Authority, request.Path, (string?)request.Headers["content-length"], request.Headers.ContainsKey("x-a")));
    }

    [Theory]
    [InlineData(200, 0, 0, true)]
    [InlineData(200, 0, 1, false)]
    [InlineData(200, 14, 0, false)]
    [InlineData(200, null, 0, false)]
    [InlineData(503, 0, 0, false)]
    public void Only_a_whole_answer_of_gRPC_is_one(int status, int? grpcStatus, byte flag, bool allowed) =>
        Assert.Equal(allowed ? CheckStatus.Allowed : CheckStatus.Failed, Read(Grpc(), new CheckResponse(), status, grpcStatus, flag).Status);

    [Fact]
    public void An_answer_that_is_no_message_is_a_failure()
    {
        byte[] frame = [0, 0, 0, 0, 2, 0xff, 0xff];
        Assert.Equal(CheckStatus.Failed, Grpc().Read(new FilterCallResponse(200, new HeaderDictionary(), frame, 0)).Status);
        Assert.Equal(CheckStatus.Failed, Grpc().Read(new FilterCallResponse(200, new HeaderDictionary(), Encoding.UTF8.GetBytes("no"), 0)).Status);
    }

    [Fact]
    public void A_policy_whose_authorizer_is_there_asks_before_tokens_are_looked_at()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Join(Providers(Http("a")), Service, Custom("a"), PolicyMesh.Authorization("{action: DENY, rules: [{}]}", "deny")));
        Assert.Equal(["ExternalAuthorizationFilter", "RbacFilter"], chain.Filters.Select(filter => filter.GetType().Name));
        Assert.Empty(mesh.Findings);
    }

    [Fact]
    public void What_no_rule_covers_costs_no_question()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Join(Providers(Http("a")), Service, Custom("a", rules: "[{to: [{operation: {paths: [/admin]}}]}]")));
        var filter = Assert.IsType<ExternalAuthorizationFilter>(Assert.Single(chain.Filters));
        var context = new PolicyContext(PolicyMesh.Request()) { Route = new RouteScope("ping", "", null, null) { IsMatched = true }, Callbacks = new NoCalls() };
        Assert.Null(PolicyMesh.Evaluate(chain, context));
        Assert.Equal((1, 0), (filter.Counters.Disabled, filter.Counters.Failed));
        Assert.True(filter.Covers(PolicyMesh.Request(path: "/admin")));
    }

    [Theory]
    [InlineData("", "no external authorizer \"a\" is configured")]
    [InlineData("{name: b, envoyExtAuthzHttp: {service: auth.default.svc.cluster.local, port: 8080}}", "no external authorizer \"a\" is configured")]
    [InlineData("{name: a, zipkin: {service: z, port: 1}}", "no external authorizer \"a\" is configured")]
    [InlineData("{name: a, envoyExtAuthzHttp: {service: auth.default.svc.cluster.local}}", "envoyExtAuthzHttp.port: port is missing")]
    [InlineData("{name: a, envoyExtAuthzHttp: {service: nobody.example, port: 80}}", "there is no service nobody.example")]
    [InlineData("{name: a, envoyExtAuthzGrpc: {service: x/auth.default.svc.cluster.local, port: 80}}", "there is no service x/auth")]
    public void A_policy_whose_authorizer_is_not_there_says_why(string provider, string reason)
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Join(Providers(provider), Service, Custom("a")));
        Assert.Equal((403, "rbac_access_denied_matched_policy[istio-ext-authz-a-ns[default]-policy[policy]-rule[0]-deny-due-to-bad-CUSTOM-action]"),
            (PolicyMesh.Evaluate(chain, PolicyMesh.Request())!.Status, PolicyMesh.Evaluate(chain, PolicyMesh.Request())!.Details));
        Assert.Equal(("GWY033", "spec.provider"), (Assert.Single(mesh.Findings).Code, mesh.Findings[0].Field));
        Assert.Contains(reason, mesh.Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_executed_otherwise_than_it_seems_is_told()
    {
        using var mesh = new PolicyMesh();
        mesh.Compile(PolicyMesh.Join(
            Providers($"{Http("a", ", clearRouteCache: true")}, {{name: b, envoyExtAuthzGrpc: {{service: auth.default.svc.cluster.local, port: 8080}}}}, "
                + "{name: c, envoyExtAuthzGrpc: {service: auth.default.svc.cluster.local, port: 9000}}, "
                + "{name: d, envoyExtAuthzHttp: {service: auth.default.svc.cluster.local, port: 1}}"),
            Service));
        Assert.All(mesh.Codes, code => Assert.Equal("GWY041", code));
        Assert.Equal(
            ["spec.meshConfig.extensionProviders[0].envoyExtAuthzHttp.clearRouteCache", "spec.meshConfig.extensionProviders[1].envoyExtAuthzGrpc.port",
                "spec.meshConfig.extensionProviders[3].envoyExtAuthzHttp.port"],
            mesh.Findings.Select(finding => finding.Field));
    }

    [Fact]
    public void Two_authorizers_of_one_workload_and_one_that_asks_itself_are_told()
    {
        using var mesh = new PolicyMesh();
        var policies = mesh.Compile(PolicyMesh.Join(
            Providers($"{Http("a")}, {Http("b")}"), Service, Custom("a", "all"), Custom("b", "ping", selector: "{matchLabels: {app: ping}}")));
        var auth = PolicyMesh.Workload("auth-a", "default", 8080, ("app", "auth"));
        policies.Report([(PolicyMesh.Ping, []), (PolicyMesh.Ping, []), (auth, [Key])], mesh.Findings);
        Assert.Equal(
            [("all", "GWY033"), ("ping", "GWY033"), ("all", "GWY041")], mesh.Findings.Select(finding => (finding.Name, finding.Code)));
        Assert.Equal(["RbacFilter", "RbacFilter"], policies.For(PolicyMesh.Ping).Filters.Select(filter => filter.GetType().Name));
        Assert.Equal([Key], policies.AuthorizersOf(auth));
        Assert.Empty(policies.AuthorizersOf(PolicyMesh.Ping));
    }

    [Fact]
    public void Counters_live_on_over_a_reload()
    {
        using var mesh = new PolicyMesh();
        var yaml = PolicyMesh.Join(Providers(Http("a")), Service, Custom("a"));
        var first = (ExternalAuthorizationFilter)mesh.Chain(yaml).Filters[0];
        first.Counters.Count(CheckStatus.Denied);
        Assert.Equal(1, ((ExternalAuthorizationFilter)mesh.Chain(yaml).Filters[0]).Counters.Denied);
        GC.KeepAlive(first);
    }

    private sealed class NoCalls : IFilterCallbacks
    {
        public string Protocol => "HTTP/1.1";

        public bool HasBody => false;

        public ValueTask<BufferedBody> BufferBodyAsync(int enough, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public ValueTask<FilterCallResponse?> CallAsync(Cluster cluster, FilterCall call, CancellationToken cancellationToken) =>
            throw new InvalidOperationException();
    }
}
