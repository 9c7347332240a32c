using Gateway.Clusters;
using Gateway.Ingress;
using Gateway.Policies;
using Gateway.Registry;
using Gateway.Routing;

namespace Gateway.Explain;

/// <summary>Says for each door that a request may come to what becomes of it there.</summary>
internal sealed class Explanation
{
    // The local ports of the doors; in the cluster each has an address of its own.
    private const int IngressPort = 8080;
    private const int IstioPort = 8081;
    private const int IstioTlsPort = 8443;

    private readonly ExplainedMesh _mesh;
    private readonly ExplainedRequest _request;
    private readonly TextWriter _output;

    public Explanation(ExplainedMesh mesh, ExplainedRequest request, TextWriter output) =>
        (_mesh, _request, _output) = (mesh, request, output);

    /// <summary>Writes the explanation.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        _output.WriteLine($"{_request.Method} {_request.Target} for {_request.Authority}");
        var isExplained = WriteIngress();
        foreach (var (server, title) in Servers())
        {
            var client = new ClusterClient(server.Namespace, Labels(server.Selector), IsGateway: true);
            await WriteRoutesAsync(title, server.Routes, server.Port, client,
                new ProxyPlace(ListenerKind.Gateway, server.Gateway, server.Namespace, server.Selector, server.Port), cancellationToken);
            isExplained = true;
        }

        if (FindService() is { } found)
        {
            await WriteRoutesAsync($"Mesh, a call to {found.Service.Name} port {found.Port}",
                _mesh.Routes.Services[(found.Service.Name, found.Port)], found.Port, new ClusterClient(found.Service.Namespace),
                null, cancellationToken);
            isExplained = true;
        }

        if (!isExplained)
        {
            Line("");
            Line("No door takes it: no Ingress, no Gateway with a server for this port, and no service of this name is in the folder.");
        }
    }

    private static Istio.Documents.EquatableDictionary<string> Labels(IReadOnlyDictionary<string, string> labels) =>
        labels.Aggregate(default(Istio.Documents.EquatableDictionary<string>), (all, label) => all.With(label.Key, label.Value));

    /// <summary>The Ingress door takes plain requests, unless the URL is another door's or a service's.</summary>
    private bool WriteIngress()
    {
        var isMeant = _request.NamesPort ? _request.Port == IngressPort : FindService() is null;
        if (!_mesh.HasIngress || _request.Scheme != "http" || !isMeant)
        {
            return false;
        }

        Line("");
        Line($"Ingress door (locally http://localhost:{IngressPort}), as ingress-nginx");
        var decision = _mesh.Ingress.Decide(_request.Authority, _request.Target);
        if (decision.Location is { } location && location.Path.Length > 0)
        {
            Field("location", location.Path);
        }

        switch (decision.Action)
        {
            case IngressAction.Forward:
                Field("forwards", $"{decision.Target} to {decision.Location!.Service!.Name}");
                var endpoints = string.Join(", ", decision.Location.Service.Endpoints.Select(endpoint => endpoint.Authority));
                Field("endpoints", endpoints.Length > 0 ? endpoints : "none: answered with 503");
                break;
            case IngressAction.Redirect:
                Field("answers", $"301 to {decision.Target}");
                break;
            case IngressAction.Health:
                Field("answers", "200, the health check");
                break;
            default:
                Field("answers", $"{decision.Status}");
                break;
        }

        return true;
    }

    /// <summary>The servers of the Istio door that the request comes to: one for each table.</summary>
    private IEnumerable<(GatewayServer Server, string Title)> Servers()
    {
        var isTls = _request.Scheme == "https";
        var local = isTls ? IstioTlsPort : IstioPort;
        var candidates = _mesh.Routes.Servers.Where(server => (server.Tls is not null && server.Protocol == "HTTPS") == isTls).ToArray();
        var named = candidates.Where(server => server.Port == _request.Port).ToArray();
        var isMeant = !_request.NamesPort || _request.Port == local || named.Length > 0;
        if (!isMeant || candidates.Length == 0 || (FindService() is not null && named.Length == 0))
        {
            return [];
        }

        // The door's local address stands for the usual port, or for the lowest one there is.
        var usual = isTls ? 443 : 80;
        var port = named.Length > 0 ? _request.Port
            : candidates.Any(server => server.Port == usual) ? usual : candidates.Min(server => server.Port);
        var taking = candidates.Where(server => server.Port == port)
            .Where(server => !isTls || server.Hosts.Any(host => HostNames.IsSubset(_request.Host.ToLowerInvariant(), host)))
            .OrderByDescending(server => server.Hosts.Where(host => HostNames.IsSubset(_request.Host.ToLowerInvariant(), host))
                .Select(host => host.Length).DefaultIfEmpty().Max())
            .Take(1);
        return taking.Select(server =>
            (server, $"Istio door (locally {_request.Scheme}://localhost:{local}), Gateway {server.Gateway} port {server.Port}"));
    }

    /// <summary>The service that the URL names, when it names one.</summary>
    private (ServiceHost Service, int Port)? FindService()
    {
        var labels = _request.Host.Split('.');
        var name = labels switch
        {
            [var only] => ServiceHosts.FullName(only, Istio.Documents.ResourceDocument.DefaultNamespace),
            [_, _] or [_, _, "svc"] => ServiceHosts.FullName(labels[0], labels[1]),
            _ => _request.Host,
        };
        if (_request.Scheme != "http" || (_mesh.Hosts.Find(name) ?? _mesh.Hosts.Find(_request.Host)) is not { } service)
        {
            return null;
        }

        var ports = service.Ports.Where(port => _mesh.Routes.Services.ContainsKey((service.Name, port.Number))).ToArray();
        var port = ports.FirstOrDefault(port => port.Number == _request.Port) ?? (_request.NamesPort ? null : ports.FirstOrDefault());
        return port is null ? null : (service, port.Number);
    }

    private async Task WriteRoutesAsync(
        string title, RouteTable table, int port, ClusterClient client, ProxyPlace? place, CancellationToken cancellationToken)
    {
        Line("");
        Line(title);
        if (!_mesh.Routes.Normalization.TryNormalize(_request.Target, out var path, out var query))
        {
            Field("answers", "400: the path holds %00");
            return;
        }

        var target = path + query;
        if (target != _request.Target)
        {
            Field("normalised", $"{target} ({_mesh.Routes.Normalization})");
        }

        var request = _request.ToHead(path, query, port);
        var policies = new PolicyExplanation(_mesh, Field);
        if (place is not null && !await policies.WriteGatewayAsync(place, request, cancellationToken))
        {
            return;
        }

        var routes = new RouteExplanation(Field, _mesh.Clusters(client));
        if (routes.Write(table, request)?.Forward is { } forward)
        {
            await policies.WriteEndpointsAsync(forward, request, routes.Clusters, cancellationToken);
        }
    }

    private void Field(string name, string text) => Line($"  {name,-12} {text}");

    private void Line(string text) => _output.WriteLine(text.TrimEnd());
}
