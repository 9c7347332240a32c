using System.Collections.Immutable;
using Gateway.Mesh;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>One patch of an EnvoyFilter that the gateway executes.</summary>
/// <param name="Filter">The EnvoyFilter, as namespace/name.</param>
/// <param name="Index">The patch in it.</param>
/// <param name="Patch">The patch.</param>
/// <param name="Limit">The rate limit that it brings; null for none.</param>
/// <param name="Rules">The rules for descriptors that it gives to routes; empty for none.</param>
internal sealed record EnvoyPatch(
    string Filter, int Index, EnvoyConfigObjectPatch Patch, LocalRateLimit? Limit, ImmutableArray<RateLimitRule> Rules);

/// <summary>The EnvoyFilters of a state of the mesh folder, as far as the gateway executes them.</summary>
/// <remarks>Istio pilot/pkg/model/push_context.go (EnvoyFilters), pilot/pkg/networking/core/envoyfilter</remarks>
internal sealed class EnvoyPatches
{
    private const string ConnectionManager = "envoy.filters.network.http_connection_manager";

    private readonly ImmutableArray<(ResourceDocument Document, EnvoyFilter Filter, ImmutableArray<EnvoyPatch> Patches)> _filters;

    private EnvoyPatches(ImmutableArray<(ResourceDocument, EnvoyFilter, ImmutableArray<EnvoyPatch>)> filters) => _filters = filters;

    /// <summary>Reads all EnvoyFilters.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="findings">Receives the patches that are not executed.</param>
    public static EnvoyPatches Compile(ResourceSet resources, List<Finding> findings)
    {
        var filters = ImmutableArray.CreateBuilder<(ResourceDocument, EnvoyFilter, ImmutableArray<EnvoyPatch>)>();
        foreach (var (document, filter) in PolicyScope.InOrder(resources.OfType<EnvoyFilter>())
            .OrderBy(pair => pair.Resource.Spec.Priority ?? 0)
            .ThenBy(pair => pair.Document.Namespace == PolicyScope.RootNamespace ? 0 : 1))
        {
            filters.Add((document, filter, Read(document, filter, findings)));
        }

        return new EnvoyPatches(filters.ToImmutable());
    }

    /// <summary>The patches that apply to a proxy, in order.</summary>
    public IEnumerable<EnvoyPatch> For(ProxyPlace place)
    {
        var context = place.Listener switch
        {
            ListenerKind.Gateway => PatchContext.Gateway,
            ListenerKind.SidecarInbound => PatchContext.SidecarInbound,
            _ => PatchContext.SidecarOutbound,
        };
        return _filters
            .Where(entry => PolicyScope.Covers(
                entry.Document, entry.Filter.Spec.WorkloadSelector?.Labels, entry.Filter.Spec.TargetRefs, place))
            .SelectMany(entry => entry.Patches)
            .Where(patch => Matches(patch.Patch.Match, context, place.Port));
    }

    private static ImmutableArray<EnvoyPatch> Read(ResourceDocument document, EnvoyFilter filter, List<Finding> findings)
    {
        var name = $"{document.Namespace}/{document.Name}";
        var limits = filter.LocalRateLimits().ToDictionary(found => found.PatchIndex, found => found.Limit);
        var patches = ImmutableArray.CreateBuilder<EnvoyPatch>();
        for (var i = 0; i < filter.Spec.ConfigPatches.Count; i++)
        {
            var patch = filter.Spec.ConfigPatches[i];
            limits.TryGetValue(i, out var limit);
            ImmutableArray<RateLimitRule> rules = [.. patch.RateLimitRules()];
            var isRateLimit = limit is not null || !rules.IsEmpty;
            var fault = isRateLimit ? FaultOf(patch, limit, rules) : FaultOfRemoval(patch);
            if (fault is null)
            {
                patches.Add(new EnvoyPatch(name, i, patch, limit, rules));
            }
            else
            {
                findings.Add(document.At(
                    $"spec.configPatches[{i}]", isRateLimit ? PolicyCodes.RateLimit : PolicyCodes.EnvoyPatch, fault));
            }
        }

        return patches.ToImmutable();
    }

    private static string? FaultOfRemoval(EnvoyConfigObjectPatch patch) =>
        patch is { ApplyTo: PatchTarget.HttpFilter, Patch.Operation: PatchOperation.Remove } && SubFilter(patch) is not null
            ? FaultOfMatch(patch.Match)
            : $"the gateway does not execute {patch.Patch?.Operation} of {patch.ApplyTo}, except for local rate limits";

    private static string? FaultOf(EnvoyConfigObjectPatch patch, LocalRateLimit? limit, ImmutableArray<RateLimitRule> rules)
    {
        var isRoute = patch.ApplyTo is PatchTarget.VirtualHost or PatchTarget.HttpRoute;
        return (limit is null ? null : RateLimitFaults.Find(limit, isRoute)) ?? DescriptorRules.FaultOf(rules)
            ?? FaultOfOperation(patch, isRoute) ?? FaultOfMatch(patch.Match);
    }

    private static string? FaultOfOperation(EnvoyConfigObjectPatch patch, bool isRoute) => (isRoute, patch.Patch?.Operation) switch
    {
        (true, PatchOperation.Merge) => null,
        (true, var operation) => $"{operation} makes a new route, which the gateway does not execute; use MERGE",
        (false, PatchOperation.InsertFirst or PatchOperation.InsertBefore) => null,
        (false, PatchOperation.InsertAfter or PatchOperation.Replace) when SubFilter(patch) is not null => null,
        (false, PatchOperation.Add or PatchOperation.InsertAfter) => "the filter would stand after the router, where Envoy rejects it",
        (false, var operation) => $"the gateway does not execute {operation} of a rate limit; use INSERT_BEFORE",
    };

    private static string? FaultOfMatch(EnvoyConfigObjectMatch? match)
    {
        if (match?.Listener is { Name: { Length: > 0 } } or
            {
                FilterChain: { Name: { Length: > 0 } } or { Sni: { Length: > 0 } }
            or { TransportProtocol: { Length: > 0 } } or { ApplicationProtocols: { Length: > 0 } }
            })
        {
            return "the gateway has no listeners of Envoy to match by name or by TLS; match by context and portNumber";
        }

        if (match?.Listener?.FilterChain?.Filter is { Name: var name } && name != ConnectionManager)
        {
            return $"there is no network filter \"{name}\" to insert into; HTTP filters stand in {ConnectionManager}";
        }

        return match?.RouteConfiguration is { Name: { Length: > 0 } } or { PortName: { Length: > 0 } } or { Gateway: { Length: > 0 } }
            or { Vhost.DomainName: { Length: > 0 } }
            ? "the gateway matches route configurations by portNumber, virtual host name and route name only"
            : null;
    }

    private static bool Matches(EnvoyConfigObjectMatch? match, string context, int port)
    {
        if (match is null)
        {
            return true;
        }

        return (match.Context is null or PatchContext.Any || match.Context == context)
            && match.Proxy?.Metadata.IsEmpty != false
            && (match.Listener?.PortNumber is null or 0 || match.Listener.PortNumber == port)
            && (match.Listener?.FilterChain?.DestinationPort is null or 0 || match.Listener.FilterChain.DestinationPort == port)
            && (match.RouteConfiguration?.PortNumber is null or 0 || match.RouteConfiguration.PortNumber == port);
    }

    /// <summary>The HTTP filter that a patch is placed by; null for none.</summary>
    internal static string? SubFilter(EnvoyConfigObjectPatch patch) => patch.Match?.Listener?.FilterChain?.Filter?.SubFilter?.Name;
}
