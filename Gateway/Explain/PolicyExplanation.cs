using System.Collections.Frozen;
using System.Net;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Registry;
using Gateway.Requests;
using Gateway.Routing;

namespace Gateway.Explain;

/// <summary>Says whether the caller of a request may call: what the gateway's policies say, and those of each workload behind it.</summary>
internal sealed class PolicyExplanation
{
    private readonly ExplainedMesh _mesh;
    private readonly Action<string, string> _write;

    public PolicyExplanation(ExplainedMesh mesh, Action<string, string> write) => (_mesh, _write) = (mesh, write);

    /// <summary>Runs the gateway's filters; false when one of them answers. The routes then know the claims of a verified token.</summary>
    public async Task<bool> WriteGatewayAsync(ProxyPlace place, RequestHead request, CancellationToken cancellationToken)
    {
        WriteAuthorizers(place, request, "the gateway");
        var reply = await EvaluateAsync(place, request, cancellationToken);
        if (reply is not null)
        {
            _write("policies", $"the gateway answers {Text(reply)}");
        }

        return reply is null;
    }

    /// <summary>Runs the filters of every workload the request may reach, on the rewritten request.</summary>
    public async Task WriteEndpointsAsync(
        ForwardAction forward,
        RequestHead request,
        FrozenDictionary<ClusterKey, ClusterDefinition> clusters,
        CancellationToken cancellationToken)
    {
        var endpoints = forward.Clusters.Where(cluster => clusters.ContainsKey(cluster.Key))
            .SelectMany(cluster => clusters[cluster.Key].Hosts).DistinctBy(endpoint => endpoint.Endpoint).ToArray();
        var asked = new HashSet<string>();
        var verdicts = new List<(HostEndpoint Endpoint, string Verdict)>();
        foreach (var endpoint in endpoints)
        {
            var place = new ProxyPlace(
                ListenerKind.SidecarInbound, endpoint.Workload.Name, endpoint.Workload.Namespace, endpoint.Labels, Port(endpoint.Endpoint));
            if (AuthorizerOf(place, request) is { } authorizer && asked.Add(authorizer.Name))
            {
                WriteAuthorizers(place, request, $"the workload {endpoint.Workload.Name}");
            }

            var reply = await EvaluateAsync(place, request, cancellationToken);
            verdicts.Add((endpoint, reply is null ? "let it through" : $"answer {Text(reply)}"));
        }

        foreach (var group in verdicts.GroupBy(verdict => verdict.Verdict))
        {
            var all = group.Count() == verdicts.Count ? "all" : $"{group.Count()} of {verdicts.Count}";
            var names = string.Join(", ", group.Select(verdict => verdict.Endpoint.Workload.Name is { Length: > 0 } name
                ? name
                : verdict.Endpoint.Endpoint.Authority));
            _write("callee", $"the policies of {all} ({names}) {group.Key}");
        }
    }

    private ExternalAuthorizer? AuthorizerOf(ProxyPlace place, RequestHead request) =>
        _mesh.Policies.For(place).Filters.OfType<ExternalAuthorizationFilter>().FirstOrDefault(filter => filter.Covers(request))?.Authorizer;

    /// <summary>Says who is asked. Nobody is asked in fact, and the rest is told as if the answer allowed the request.</summary>
    private void WriteAuthorizers(ProxyPlace place, RequestHead request, string asking)
    {
        if (AuthorizerOf(place, request) is { } authorizer)
        {
            _write("authorizer", $"{asking} asks {authorizer.Name} by {authorizer.Kind} ({authorizer.Cluster}), which must allow the request; "
                + (authorizer.FailsOpen ? "so it is when that fails" : $"{authorizer.StatusOnError} when that fails"));
        }
    }

    // Faults are told apart from the policies, and waiting for one would tell nothing.
    private async Task<LocalReply?> EvaluateAsync(ProxyPlace place, RequestHead request, CancellationToken cancellationToken) =>
        await _mesh.Policies.For(place).EvaluateAsync(new PolicyContext(request), cancellationToken);

    private static int Port(ServiceEndpoint endpoint) => endpoint.Address switch
    {
        IPEndPoint address => address.Port,
        DnsEndPoint name => name.Port,
        _ => 0,
    };

    private static string Text(LocalReply reply) => $"{reply.Status} \"{reply.Body}\" ({reply.Details})";
}
