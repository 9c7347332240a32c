using System.Collections.Immutable;
using Gateway.Routing.VirtualServices;
using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using k8s.Models;
using K8sRoute = Istio.GatewayApi.HTTPRoute;

namespace Gateway.Routing.GatewayApi;

/// <summary>Makes VirtualServices of HTTPRoutes, one for each host of each listener they bind to.</summary>
/// <remarks>istio, pilot/pkg/config/kube/gateway/route_collections.go.</remarks>
internal sealed class HttpRouteReader
{
    private readonly ResourceSet _resources;
    private readonly ImmutableArray<BoundListener> _listeners;
    private readonly ReferenceGrants _grants;
    private readonly List<Finding> _findings;
    private readonly List<(string Key, VirtualServiceRules Service)> _services = [];

    private HttpRouteReader(ResourceSet resources, ImmutableArray<BoundListener> listeners, List<Finding> findings)
    {
        _resources = resources;
        _listeners = listeners;
        _findings = findings;
        _grants = new ReferenceGrants(resources);
    }

    /// <summary>Reads the routes of a set; those of several HTTPRoutes for one host of one listener are merged and ordered anew.</summary>
    public static ImmutableArray<VirtualServiceRules> Read(
        ResourceSet resources, ImmutableArray<BoundListener> listeners, List<Finding> findings)
    {
        var reader = new HttpRouteReader(resources, listeners, findings);
        foreach (var (document, route) in resources.OfType<K8sRoute>())
        {
            reader.Add(document, route);
        }

        return [.. reader._services.GroupBy(pair => pair.Key, pair => pair.Service).Select(group => Merge(group.Key, group))];
    }

    private static VirtualServiceRules Merge(string key, IEnumerable<VirtualServiceRules> services)
    {
        var ordered = services.OrderBy(service => service.Created).ThenBy(service => service.Namespace, StringComparer.Ordinal)
            .ThenBy(service => service.Document.Name, StringComparer.Ordinal).ToArray();
        return ordered[0] with
        {
            Name = key.Replace('/', '~'),
            Rules = [.. Order(ordered.SelectMany(service => service.Rules))],
        };
    }

    /// <summary>
    /// The Gateway API's precedence as Istio sorts by it: exact, prefix, regex; the longer path; a method; more headers; more query
    /// parameters; else as before.
    /// </summary>
    private static IEnumerable<RuleSource> Order(IEnumerable<RuleSource> rules) => rules
        .OrderByDescending(rule => Uri(rule) switch { { Exact: not null } => 3, { Prefix: not null } => 2, _ => 1 })
        .ThenByDescending(rule => (Uri(rule).Exact ?? Uri(rule).Prefix ?? Uri(rule).Regex ?? "").Length)
        .ThenByDescending(rule => rule.Rule.Match[0].Method is not null)
        .ThenByDescending(rule => rule.Rule.Match[0].Headers.Count)
        .ThenByDescending(rule => rule.Rule.Match[0].QueryParams.Count);

    private static StringMatch Uri(RuleSource rule) => rule.Rule.Match[0].Uri!;

    private void Add(ResourceDocument document, K8sRoute route)
    {
        var forGateways = new Lazy<List<RuleSource>?>(() => new RuleConverter(document, _grants, _findings).Convert(route.Spec.Rules));
        var forMesh = new Lazy<List<RuleSource>?>(() => new RuleConverter(document, null, _findings).Convert(route.Spec.Rules));
        for (var i = 0; i < route.Spec.ParentRefs.Count; i++)
        {
            var (parent, field) = (route.Spec.ParentRefs[i], $"spec.parentRefs[{i}]");
            switch (parent)
            {
                case { Kind: null or "" or "Gateway", Group: null or "gateway.networking.k8s.io" }:
                    AddToGateway(document, route, parent, field, forGateways);
                    break;
                case { Kind: "Service", Group: "" } or { Kind: "ServiceEntry", Group: "networking.istio.io" }:
                    AddToMesh(document, route, parent, field, forMesh);
                    break;
                default:
                    _findings.Report(document, field, RoutingCodes.Attachment,
                        $"a parent of kind {parent.Kind} is none of Istio's; it is ignored");
                    break;
            }
        }
    }

    private void AddToGateway(
        ResourceDocument document, K8sRoute route, ParentReference parent, string field, Lazy<List<RuleSource>?> rules)
    {
        var owner = $"{(string.IsNullOrEmpty(parent.Namespace) ? document.Namespace : parent.Namespace)}/{parent.Name}";
        var siblings = _listeners.Where(listener => listener.Owner == owner).ToArray();
        EquatableArray<string> hosts = route.Spec.Hostnames.IsEmpty ? ["*"] : route.Spec.Hostnames;
        var accepted = siblings.Where(listener => Accepts(listener, parent, hosts, document.Namespace)).ToArray();
        if (accepted.Length == 0)
        {
            _findings.Report(document, field, RoutingCodes.Attachment, siblings.Length == 0
                ? $"there is no Gateway {owner} of class istio"
                : $"no listener of Gateway {owner} takes the route; compare sectionName, port, hostnames and allowedRoutes");
            return;
        }

        foreach (var listener in accepted.Where(_ => rules.Value is not null))
        {
            foreach (var host in hosts.Where(host => IsAllowedByIsolation(host, listener, siblings)))
            {
                var gateway = listener.Gateway.Name;
                _services.Add(($"{gateway}/{host}", new VirtualServiceRules(document, [host], [gateway], [.. rules.Value!])
                {
                    Created = VirtualServiceReader.Created(route.Metadata),
                    HasGatewaySemantics = true,
                }));
            }
        }
    }

    private static bool Accepts(BoundListener listener, ParentReference parent, EquatableArray<string> hosts, string space)
    {
        var kinds = listener.Listener.AllowedRoutes?.Kinds ?? default;
        return (parent.Port is null or 0 || parent.Port == listener.Listener.Port)
            && (string.IsNullOrEmpty(parent.SectionName) || parent.SectionName == listener.Listener.Name)
            && listener.Listener.Protocol is "HTTP" or "HTTPS"
            && (kinds.IsEmpty || kinds.Any(kind => kind is { Kind: "HTTPRoute", Group: null or "gateway.networking.k8s.io" }))
            && HostNames.ForNamespace(listener.Hosts, space).Any(own => hosts.Any(host => HostNames.Overlap(own, host)));
    }

    /// <summary>A host belongs to the listener with the most specific name for it, and to no other on the same port.</summary>
    private static bool IsAllowedByIsolation(string host, BoundListener listener, BoundListener[] siblings)
    {
        var own = listener.Listener.Hostname ?? "";
        if (own.Length > 0 && !own.StartsWith('*'))
        {
            return true;
        }

        return (own.Length == 0 || HostNames.Overlap(host, own)) && !siblings.Any(other => other != listener
            && other.Listener.Port == listener.Listener.Port && other.Listener.Protocol == listener.Listener.Protocol
            && (other.Listener.Hostname ?? "") is var name && name != own && name.Length >= own.Length && HostNames.IsSubset(host, name));
    }

    private void AddToMesh(ResourceDocument document, K8sRoute route, ParentReference parent, string field, Lazy<List<RuleSource>?> rules)
    {
        var space = string.IsNullOrEmpty(parent.Namespace) ? document.Namespace : parent.Namespace;
        string[] hosts = parent.Kind == "Service"
            ? [.. _resources.OfType<V1Service>().Where(pair => pair.Document.Name == parent.Name && pair.Document.Namespace == space)
                .Select(pair => VirtualServiceReader.ResolveHost(pair.Document.Name, space)).Take(1)]
            : [.. _resources.OfType<ServiceEntry>().Where(pair => pair.Document.Name == parent.Name && pair.Document.Namespace == space)
                .SelectMany(pair => pair.Resource.Spec.Hosts)];
        if (hosts.Length == 0)
        {
            _findings.Report(document, field, RoutingCodes.Attachment, $"there is no {parent.Kind} {space}/{parent.Name}");
            return;
        }

        var port = parent.Port is { } number ? (uint)number : (uint?)null;
        foreach (var host in hosts.Where(_ => rules.Value is not null))
        {
            _services.Add(($"{document.Namespace}{(port is null ? "" : $"/{port}")}/{host}",
                new VirtualServiceRules(document, [host], [VirtualServiceRules.Mesh], [.. rules.Value!.Select(rule => ForPort(rule, port))])
                {
                    Created = VirtualServiceReader.Created(route.Metadata),
                    HasGatewaySemantics = true,
                }));
        }
    }

    private static RuleSource ForPort(RuleSource source, uint? port) => port is null ? source
        : source with { Rule = source.Rule with { Match = [.. source.Rule.Match.Select(match => match with { Port = port })] } };
}
