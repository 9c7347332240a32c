using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using HTTPRoute = Istio.GatewayApi.HTTPRoute;
using IstioRoute = Istio.Networking.HTTPRoute;
using GatewayApiHeader = Istio.GatewayApi.HTTPHeader;

namespace Hosting.Istio.Publishing.Components;

/// <summary>A VirtualService that a gateway executes, as an HTTPRoute.</summary>
internal static class VirtualServiceRoutes
{
    private const string IgnoreCase = "(?i)";

    /// <summary>Translates a VirtualService; null when none of its routes can be said.</summary>
    public static HTTPRoute? Translate(VirtualService service, ServicePorts services, Action<string>? report)
    {
        var rules = new List<HTTPRouteRule>();
        for (var i = 0; i < service.Spec.Http.Count; i++)
        {
            if (Unsayable(service.Spec.Http[i], services) is { } reason)
            {
                report?.Invoke($"VirtualService {service.Metadata.Name} spec.http[{i}]: the Gateway API cannot say it: {reason}.");
                continue;
            }

            if (Lost(service.Spec.Http[i]) is { } lost)
            {
                report?.Invoke($"{lost} of VirtualService {service.Metadata.Name} spec.http[{i}]: the Gateway API has no such thing.");
            }

            rules.Add(Rule(service.Spec.Http[i], services));
        }

        return rules.Count == 0 ? null : new HTTPRoute
        {
            Metadata = new() { Name = service.Metadata.Name },
            Spec = new()
            {
                ParentRefs = [.. service.Spec.Gateways.Where(gateway => gateway != "mesh")
                    .Select(gateway => new ParentReference { Name = gateway.Split('/')[^1] })],
                Hostnames = Lists.OrAbsent(service.Spec.Hosts.Where(host => host != "*")),
                Rules = [.. rules],
            },
        };
    }

    private static string? Unsayable(IstioRoute route, ServicePorts services) => route switch
    {
        { Delegate: not null } => "it delegates to another VirtualService",
        { Fault: not null } => "it injects a fault",
        { DirectResponse: not null } => "it answers by itself",
        { CorsPolicy: not null } => "it has a CORS policy",
        { Redirect: not null } => "it redirects",
        { Mirror: not null } or { Mirrors.IsEmpty: false } => "it mirrors requests",
        { Rewrite.UriRegexRewrite: { } regex } when !IsPrefixTakenOff(route, regex) => "it rewrites by a regular expression",
        _ when route.Match.Any(IsUnseen) => "it matches what an HTTPRoute does not see",
        _ when route.Match.Any(match => match.Method is { Exact: null }) => "it matches a method by a pattern",
        _ when route.Route.Any(destination => destination.Destination?.Subset is not null) => "it chooses a subset, and a Service has none",
        _ when route.Route.Any(destination => PortOf(destination, services) is null) => "its destination is no service of the application",
        _ => null,
    };

    private static bool IsUnseen(HTTPMatchRequest match) => !match.WithoutHeaders.IsEmpty || !match.SourceLabels.IsEmpty
        || match is not { Authority: null, Scheme: null, Port: null, IgnoreUriCase: null or false };

    /// <summary>What a route has besides, which it still works without.</summary>
    private static string? Lost(IstioRoute route) =>
        string.Join(" and ", new[]
        {
            route.Retries is null ? null : "the retries",
            route.Match.Any(match => match.Uri?.Regex?.StartsWith(IgnoreCase, StringComparison.Ordinal) == true)
                ? "the indifference to case"
                : null,
        }.OfType<string>()) is { Length: > 0 } lost ? lost : null;

    private static HTTPRouteRule Rule(IstioRoute route, ServicePorts services) => new()
    {
        Matches = Lists.OrAbsent(route.Match.Select(match => Match(match, route))),
        Filters = Lists.OrAbsent(Filters(route)),
        BackendRefs = [.. route.Route.Select(destination => new HTTPBackendRef
        {
            Name = ServicePorts.ServiceOf(destination.Destination!.Host!),
            Port = PortOf(destination, services),
            Weight = route.Route.Count > 1 ? destination.Weight ?? 0 : null,
        })],
        Timeouts = route.Timeout is { } timeout ? new() { Request = timeout } : null,
    };

    private static int? PortOf(HTTPRouteDestination destination, ServicePorts services) => services.Find(
        ServicePorts.ServiceOf(destination.Destination?.Host ?? ""),
        ServicePorts.Text(destination.Destination?.Port?.Number));

    private static HTTPRouteMatch Match(HTTPMatchRequest match, IstioRoute route) => new()
    {
        Path = match.Uri switch
        {
            null => null,
            { Exact: { } exact } => new() { Type = PathMatchType.Exact, Value = exact },
            { Regex: { } regex } => PrefixOf(route) is { } prefix
                ? new() { Type = PathMatchType.PathPrefix, Value = prefix }
                : new() { Type = PathMatchType.RegularExpression, Value = regex },

            // Istio's prefix may end within a segment; an HTTPRoute's ends with one.
            { Prefix: { } prefix } => new() { Type = PathMatchType.PathPrefix, Value = prefix.Length > 1 ? prefix.TrimEnd('/') : prefix },
            _ => null,
        },
        Headers = Lists.OrAbsent(match.Headers.Select(header => new HTTPHeaderMatch
        {
            Type = header.Value.Exact is null ? HeaderMatchType.RegularExpression : null,
            Name = header.Key,
            Value = Pattern(header.Value),
        })),
        QueryParams = Lists.OrAbsent(match.QueryParams.Select(parameter => new HTTPQueryParamMatch
        {
            Type = parameter.Value.Exact is null ? HeaderMatchType.RegularExpression : null,
            Name = parameter.Key,
            Value = Pattern(parameter.Value),
        })),
        Method = match.Method?.Exact,
    };

    private static string Pattern(StringMatch match) => match.Exact ?? match.Regex
        ?? (match.Prefix is { } prefix ? System.Text.RegularExpressions.Regex.Escape(prefix) + ".*" : ".*");

    private static IEnumerable<HTTPRouteFilter> Filters(IstioRoute route)
    {
        if (route.Rewrite is { } rewrite)
        {
            yield return new()
            {
                Type = HTTPRouteFilterType.URLRewrite,
                UrlRewrite = new() { Hostname = rewrite.Authority, Path = Modifier(route, rewrite) },
            };
        }

        if (route.Headers?.Request is { } request)
        {
            yield return new() { Type = HTTPRouteFilterType.RequestHeaderModifier, RequestHeaderModifier = Modifier(request) };
        }

        if (route.Headers?.Response is { } response)
        {
            yield return new() { Type = HTTPRouteFilterType.ResponseHeaderModifier, ResponseHeaderModifier = Modifier(response) };
        }
    }

    private static HTTPPathModifier? Modifier(IstioRoute route, HTTPRewrite rewrite)
    {
        var uri = rewrite.UriRegexRewrite is null ? rewrite.Uri : "/";
        return uri is null ? null
            : route.Match.Any(match => match.Uri?.Exact is not null)
                ? new() { Type = HTTPPathModifierType.ReplaceFullPath, ReplaceFullPath = uri }
                : new() { Type = HTTPPathModifierType.ReplacePrefixMatch, ReplacePrefixMatch = uri };
    }

    private static HTTPHeaderFilter Modifier(HeaderOperations operations) => new()
    {
        Set = Lists.OrAbsent(operations.Set.Select(header => new GatewayApiHeader { Name = header.Key, Value = header.Value })),
        Add = Lists.OrAbsent(operations.Add.Select(header => new GatewayApiHeader { Name = header.Key, Value = header.Value })),
        Remove = operations.Remove,
    };

    /// <summary>Whether a rewrite by a regular expression only takes a prefix off: <c>^/api/v1(/|$)(.*)</c> to <c>/\2</c>.</summary>
    private static bool IsPrefixTakenOff(IstioRoute route, RegexRewrite rewrite) =>
        PrefixOf(route) is not null && rewrite.Rewrite is @"/\2";

    private static string? PrefixOf(IstioRoute route)
    {
        const string Rest = "(/|$)(.*)";
        var pattern = route.Rewrite?.UriRegexRewrite?.Match?.TrimEnd('$');
        pattern = pattern?.StartsWith(IgnoreCase, StringComparison.Ordinal) == true ? pattern[IgnoreCase.Length..] : pattern;
        var literal = pattern?.EndsWith(Rest, StringComparison.Ordinal) == true ? pattern[..^Rest.Length].TrimStart('^') : null;
        return literal is { Length: > 1 } && literal[0] == '/'
            && literal.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '~')
            ? literal
            : null;
    }
}
