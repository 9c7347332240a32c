using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Gateway.Mesh;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Routing.VirtualServices;

/// <summary>Reads VirtualServices: completes short names, puts delegates in their places, orders them as Istio does.</summary>
/// <remarks>istio, pilot/pkg/model/virtualservice.go and virtualservice_controller.go.</remarks>
internal sealed class VirtualServiceReader
{
    private const string ClusterDomain = ".svc.cluster.local";

    private readonly List<Finding> _findings;
    private readonly Dictionary<(string Namespace, string Name), (ResourceDocument Document, VirtualServiceSpec Spec)> _delegates = [];

    private readonly bool _keepsMissing;

    private VirtualServiceReader(List<Finding> findings, bool keepsMissing) => (_findings, _keepsMissing) = (findings, keepsMissing);

    /// <summary>Reads all of a set.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="findings">Receives what is wrong.</param>
    /// <param name="keepsMissing">
    /// Whether a rule stays that delegates to a VirtualService that is not there, as it may be where the delegate is kept elsewhere. Istio
    /// leaves such a rule out.
    /// </param>
    public static ImmutableArray<VirtualServiceRules> Read(ResourceSet resources, List<Finding> findings, bool keepsMissing = false)
    {
        var reader = new VirtualServiceReader(findings, keepsMissing);
        var roots = new List<(ResourceDocument Document, VirtualService Service)>();
        var seen = new HashSet<(string, string)>();
        foreach (var (document, service) in resources.OfType<VirtualService>())
        {
            if (!seen.Add((document.Namespace, document.Name)))
            {
                findings.Report(document, "metadata.name", GatewayCodes.Duplicate,
                    $"there is another VirtualService {document.Namespace}/{document.Name}; remove one of the two");
            }
            else if (service.Spec.Hosts.IsEmpty)
            {
                reader._delegates[(document.Namespace, document.Name)] = (document, service.Spec);
            }
            else
            {
                roots.Add((document, service));
            }
        }

        return [.. roots.Select(root => reader.Read(root.Document, root.Service))];
    }

    /// <summary>When a resource was created; the beginning of time when the document does not say.</summary>
    public static DateTimeOffset Created(ObjectMeta metadata) =>
        DateTimeOffset.TryParse(metadata.CreationTimestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
            ? created
            : DateTimeOffset.MinValue;

    /// <summary>A host without dots is a service of the resource's namespace; any other stands for itself.</summary>
    public static string ResolveHost(string host, string @namespace) =>
        host.Length == 0 || host == "*" || host.Contains('.') || IPAddress.TryParse(host, out _)
            ? host
            : $"{host}.{@namespace}{ClusterDomain}";

    /// <summary>A Gateway's namespace and name: <c>ns/name</c>, <c>./name</c>, <c>name</c>, or the old form <c>name.ns...</c>.</summary>
    public static string ResolveGateway(string gateway, string @namespace)
    {
        if (gateway == VirtualServiceRules.Mesh)
        {
            return gateway;
        }

        if (gateway.Contains('/'))
        {
            return gateway.StartsWith("./", StringComparison.Ordinal) ? @namespace + gateway[1..] : gateway;
        }

        return gateway.Split('.') is [var name, var owner, ..] ? $"{owner}/{name}" : $"{@namespace}/{gateway}";
    }

    private VirtualServiceRules Read(ResourceDocument document, VirtualService service)
    {
        var space = document.Namespace;
        var rules = service.Spec.Http.SelectMany((rule, index) =>
            Expand(new RuleSource(Resolve(rule, space), document, $"spec.http[{index}]")));
        return new VirtualServiceRules(
            document,
            [.. service.Spec.Hosts.Select(host => ResolveHost(host, space))],
            service.Spec.Gateways.IsEmpty
                ? [VirtualServiceRules.Mesh]
                : [.. service.Spec.Gateways.Select(gateway => ResolveGateway(gateway, space))],
            [.. rules])
        {
            Created = Created(service.Metadata),
            ExportTo = [.. service.Spec.ExportTo],
        };
    }

    private IEnumerable<RuleSource> Expand(RuleSource root)
    {
        if (root.Rule.Delegate is not { } reference)
        {
            return [root];
        }

        var space = string.IsNullOrEmpty(reference.Namespace) ? root.Document.Namespace : reference.Namespace;
        if (!_delegates.TryGetValue((space, reference.Name ?? ""), out var found))
        {
            _findings.Report(root.Document, $"{root.Field}.delegate", RoutingCodes.Delegate,
                $"there is no VirtualService {space}/{reference.Name} without hosts; the rule is left out");
            return _keepsMissing ? [root] : [];
        }

        if (!IsExported(found.Spec.ExportTo, space, root.Document.Namespace))
        {
            _findings.Report(root.Document, $"{root.Field}.delegate", RoutingCodes.Delegate,
                $"VirtualService {space}/{reference.Name} is not exported to namespace {root.Document.Namespace}; the rule is left out");
            return [];
        }

        return Merge(root, found.Document, found.Spec);
    }

    private IEnumerable<RuleSource> Merge(RuleSource root, ResourceDocument document, VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            var leaf = new RuleSource(Resolve(spec.Http[i], document.Namespace), document, $"spec.http[{i}]") { Root = root };
            if (!DelegateMerge.TryMerge(root.Rule, leaf.Rule, out var merged))
            {
                _findings.Report(document, $"{leaf.Field}.match", RoutingCodes.Delegate,
                    $"the matches are no part of those of {root.Document.Namespace}/{root.Document.Name} {root.Field}; "
                    + "the rule is left out");
                continue;
            }

            // The matches are the delegate's where it has some; merged ones have no one place.
            yield return leaf with
            {
                Rule = merged,
                MatchFields = [.. merged.Match.Select((_, index) => leaf.Rule.Match.Count == merged.Match.Count
                    ? leaf.MatchField(index)
                    : $"{leaf.Field}.match")],
            };
        }
    }

    private static bool IsExported(EquatableArray<string> exportTo, string owner, string viewer) =>
        exportTo.IsEmpty || exportTo.Contains("*") || exportTo.Contains(viewer) || (owner == viewer && exportTo.Contains("."));

    private static HTTPRoute Resolve(HTTPRoute rule, string space) => rule with
    {
        Match = rule.Match.IsEmpty ? rule.Match : [.. rule.Match.Select(match => match.Gateways.IsEmpty
            ? match
            : match with { Gateways = [.. match.Gateways.Select(gateway => ResolveGateway(gateway, space))] })],
        Route = rule.Route.IsEmpty
            ? rule.Route
            : [.. rule.Route.Select(route => route with { Destination = Resolve(route.Destination, space) })],
        Mirror = Resolve(rule.Mirror, space),
        Mirrors = rule.Mirrors.IsEmpty
            ? rule.Mirrors
            : [.. rule.Mirrors.Select(mirror => mirror with { Destination = Resolve(mirror.Destination, space) })],
    };

    private static Destination? Resolve(Destination? destination, string space) =>
        destination is null ? null : destination with { Host = ResolveHost(destination.Host ?? "", space) };
}
