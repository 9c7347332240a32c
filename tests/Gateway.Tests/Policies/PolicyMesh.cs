using System.Collections.Immutable;
using System.Net;
using Gateway.Policies;
using Gateway.Registry;
using Gateway.Requests;
using Istio.Documents;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Policies;

/// <summary>Policies written as YAML, compiled, and asked about requests; in virtual time, with seeded chance.</summary>
internal sealed class PolicyMesh : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly PolicyCompiler _compiler;

    public PolicyMesh(HttpMessageHandler? keys = null, FakeTimeProvider? time = null, int seed = 1)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        _http = new HttpMessageInvoker(keys ?? new SocketsHttpHandler());
        _compiler = new PolicyCompiler(Time, new Random(seed), _http, NullLogger<PolicyCompiler>.Instance);
    }

    public FakeTimeProvider Time { get; }

    public List<Finding> Findings { get; } = [];

    /// <summary>The gateway of an installation by default.</summary>
    public static ProxyPlace Gateway { get; } = new(ListenerKind.Gateway, "istio-ingressgateway", "istio-system",
        new Dictionary<string, string> { ["istio"] = "ingressgateway" }, 80);

    /// <summary>A replica of ping.</summary>
    public static ProxyPlace Ping { get; } = Workload("ping-a", "default", 8080, ("app", "ping"));

    public static ProxyPlace Workload(string name, string space, int port, params (string Key, string Value)[] labels) =>
        new(ListenerKind.SidecarInbound, name, space, labels.ToDictionary(label => label.Key, label => label.Value), port);

    public PolicySet Compile(string yaml)
    {
        var resources = ResourceReader.ReadText(yaml, "mesh.yaml");
        Assert.Empty(resources.Findings);
        return _compiler.Compile(resources, ServiceHosts.Build(resources, []), Findings);
    }

    public PolicyChain Chain(string yaml, ProxyPlace? place = null) => Compile(yaml).For(place ?? Ping);

    public static string Authorization(string spec, string name = "policy", string space = "default", string annotations = "{}") => $$"""
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: {{name}}, namespace: {{space}}, annotations: {{annotations}} }
        spec: {{spec}}

        """;

    public static string Join(params IEnumerable<string> documents) => string.Join("---\n", documents);

    /// <summary>A request; headers are lines such as <c>x-user: a</c>.</summary>
    public static RequestHead Request(string method = "GET", string authority = "ping", string path = "/", string headers = "")
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var request = new RequestHead
        {
            Method = method,
            Authority = authority,
            Path = query < 0 ? path : path[..query],
            Query = query < 0 ? "" : path[query..],
            DestinationPort = 8080,
            SourceAddress = IPAddress.Loopback,
        };
        foreach (var line in headers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', 1);
            var (name, value) = (line[..colon].Trim(), line[(colon + 1)..].Trim());
            request.Headers[name] = StringValues.Concat(request.Headers[name], value);
        }

        return request;
    }

    /// <summary>Runs a request through a chain that answers at once.</summary>
    public static LocalReply? Evaluate(PolicyChain chain, RequestHead request, RouteScope route = default) =>
        Evaluate(chain, new PolicyContext(request) { Route = route });

    public static LocalReply? Evaluate(PolicyChain chain, PolicyContext context)
    {
        var answer = chain.EvaluateAsync(context, TestContext.Current.CancellationToken);
        Assert.True(answer.IsCompletedSuccessfully);
        return answer.IsCompletedSuccessfully ? answer.Result : null;
    }

    public ImmutableArray<string> Codes => [.. Findings.Select(finding => finding.Code)];

    public void Dispose()
    {
        _compiler.Dispose();
        _http.Dispose();
    }
}
