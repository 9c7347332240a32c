using Gateway.Routing.VirtualServices;
using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using K8sRule = Istio.GatewayApi.HTTPRouteRule;
using Rule = Istio.Networking.HTTPRoute;

namespace Gateway.Routing.GatewayApi;

/// <summary>Makes a VirtualService's rule of a rule of an HTTPRoute and one of its matches.</summary>
/// <remarks>istio, pilot/pkg/config/kube/gateway/conversion.go, <c>convertHTTPRoute</c>.</remarks>
/// <param name="document">The HTTPRoute.</param>
/// <param name="grants">Who may name backends elsewhere; null where Istio does not ask, within the mesh.</param>
/// <param name="findings">Receives what Istio does not take.</param>
internal sealed class RuleConverter(ResourceDocument document, ReferenceGrants? grants, List<Finding> findings)
{
    // What Istio repeats as soon as there is a retry stanza.
    private const string RetriedWithStanza = "connect-failure,refused-stream,unavailable,cancelled";
    private const int DefaultAttempts = 2;

    private static readonly HTTPRouteMatch AnyPath = new();

    /// <summary>The rules, one for each match; null when something is not supported, which takes the whole route with it.</summary>
    public List<RuleSource>? Convert(EquatableArray<K8sRule> rules)
    {
        var converted = new List<RuleSource>();
        K8sRule[] all = rules.IsAbsent ? [new K8sRule()] : [.. rules];
        for (var i = 0; i < all.Length; i++)
        {
            var field = $"spec.rules[{i}]";
            if (Actions(all[i], field) is not { } actions)
            {
                return null;
            }

            var name = string.IsNullOrEmpty(all[i].Name) ? $"{document.Namespace}.{document.Name}.{i}" : all[i].Name;
            HTTPRouteMatch[] matches = all[i].Matches.IsEmpty ? [AnyPath] : [.. all[i].Matches];
            converted.AddRange(matches.Select((match, index) =>
                new RuleSource(actions with { Name = name, Match = [Match(match)] }, document, field)
                {
                    MatchFields = [$"{field}.matches[{index}]"],
                }));
        }

        return converted;
    }

    private static HTTPMatchRequest Match(HTTPRouteMatch match) => new()
    {
        Uri = Path(match.Path),
        Method = match.Method is null ? null : new StringMatch { Exact = match.Method },
        Headers = Texts(match.Headers.Select(header => (header.Name, header.Type, header.Value))),
        QueryParams = Texts(match.QueryParams.Select(query => (query.Name, query.Type, query.Value))),
    };

    private static StringMatch Path(HTTPPathMatch? path)
    {
        var value = path?.Value ?? "/";
        return path?.Type switch
        {
            PathMatchType.Exact => new StringMatch { Exact = value },
            PathMatchType.RegularExpression => new StringMatch { Regex = value },
            _ => new StringMatch { Prefix = value != "/" && value.EndsWith('/') ? value[..^1] : value },
        };
    }

    private static EquatableDictionary<StringMatch> Texts(IEnumerable<(string? Name, string? Type, string? Value)> matches) =>
        matches.Aggregate(default(EquatableDictionary<StringMatch>), (all, match) => all.With(
            match.Name ?? "",
            match.Type == HeaderMatchType.RegularExpression
                ? new StringMatch { Regex = match.Value }
                : new StringMatch { Exact = match.Value ?? "" }));

    private Rule? Actions(K8sRule rule, string field)
    {
        var converted = new Rule();
        for (var i = 0; i < rule.Filters.Count; i++)
        {
            if (Apply(rule.Filters[i], converted, $"{field}.filters[{i}]") is not { } next)
            {
                return null;
            }

            converted = next;
        }

        converted = Timeouts(rule, converted with { Retries = Retry(rule.Retry) });
        if (rule.BackendRefs.Sum(backend => backend.Weight ?? 1) == 0 && converted.Redirect is null)
        {
            // No backend, or only such of weight 0.
            return converted with { DirectResponse = new HTTPDirectResponse { Status = StatusCodes.Status500InternalServerError } };
        }

        return Backends(rule.BackendRefs, $"{field}.backendRefs") is { } destinations ? converted with { Route = destinations } : null;
    }

    private Rule? Apply(HTTPRouteFilter filter, Rule rule, string field)
    {
        var headers = rule.Headers ?? new Headers();
        switch (filter.Type)
        {
            case HTTPRouteFilterType.RequestHeaderModifier:
                return rule with { Headers = headers with { Request = Headers(filter.RequestHeaderModifier) } };
            case HTTPRouteFilterType.ResponseHeaderModifier:
                return rule with { Headers = headers with { Response = Headers(filter.ResponseHeaderModifier) } };
            case HTTPRouteFilterType.RequestRedirect:
                return rule with { Redirect = FilterConverter.Redirect(filter.RequestRedirect) };
            case HTTPRouteFilterType.URLRewrite:
                return rule with { Rewrite = FilterConverter.Rewrite(filter.UrlRewrite) };
            case HTTPRouteFilterType.Cors:
                return rule with { CorsPolicy = FilterConverter.Cors(filter.Cors) };
            case HTTPRouteFilterType.RequestMirror when filter.RequestMirror is { } mirror:
                return Mirror(mirror, $"{field}.requestMirror") is { } policy ? rule with { Mirrors = rule.Mirrors.Add(policy) } : rule;
            default:
                findings.Report(document, $"{field}.type", RoutingCodes.Attachment,
                    $"Istio does not support the filter {filter.Type}; the whole route is left out");
                return null;
        }
    }

    private static Istio.Networking.HeaderOperations? Headers(HTTPHeaderFilter? filter) => filter is null ? null : new()
    {
        Set = FilterConverter.Headers(filter.Set),
        Add = FilterConverter.Headers(filter.Add),
        Remove = filter.Remove,
    };

    private HTTPMirrorPolicy? Mirror(HTTPRequestMirrorFilter mirror, string field)
    {
        var backend = mirror.BackendRef ?? new BackendObjectReference();
        if (Destination(backend.Group, backend.Kind, backend.Name, backend.Namespace, backend.Port, $"{field}.backendRef")
            is not { } destination)
        {
            return null;
        }

        // A copy to what is not allowed is no copy.
        double? percent = mirror.Fraction is { } fraction
            ? 100.0 * (fraction.Numerator ?? 0) / (fraction.Denominator ?? 100)
            : mirror.Percent;
        return string.IsNullOrEmpty(destination.Host) ? null : new HTTPMirrorPolicy
        {
            Destination = destination,
            Percentage = percent is null ? null : new Percent { Value = percent },
        };
    }

    private static HTTPRetry? Retry(HTTPRouteRetry? retry)
    {
        if (retry is null)
        {
            return null;
        }

        var attempts = retry.Attempts ?? DefaultAttempts;
        return new HTTPRetry
        {
            Attempts = attempts,
            RetryOn = attempts == 0 ? null : string.Join(',', [RetriedWithStanza, .. retry.Codes.Select(code => $"{code}")]),
            Backoff = retry.Backoff,
        };
    }

    private static Rule Timeouts(K8sRule rule, Rule converted)
    {
        var request = NullIfZero(rule.Timeouts?.Request);
        var backend = NullIfZero(rule.Timeouts?.BackendRequest);
        if (backend is not null && converted.Retries is { } retries)
        {
            return converted with { Timeout = request, Retries = retries with { PerTryTimeout = backend } };
        }

        return converted with { Timeout = backend ?? request };
    }

    private static Duration? NullIfZero(Duration? duration) => duration?.Value is { Ticks: not 0 } ? duration : null;

    private EquatableArray<HTTPRouteDestination>? Backends(EquatableArray<HTTPBackendRef> backends, string field)
    {
        var destinations = new List<HTTPRouteDestination>();
        for (var i = 0; i < backends.Count; i++)
        {
            var backend = backends[i];
            var at = $"{field}[{i}]";
            if (backend.Weight is 0)
            {
                continue;
            }

            if (Destination(backend.Group, backend.Kind, backend.Name, backend.Namespace, backend.Port, at) is not { } destination
                || !TryReadFilters(backend, at, out var headers))
            {
                return null;
            }

            destinations.Add(new HTTPRouteDestination { Destination = destination, Weight = backend.Weight ?? 1, Headers = headers });
        }

        return [.. destinations];
    }

    private bool TryReadFilters(HTTPBackendRef backend, string field, out Headers? headers)
    {
        headers = null;
        for (var i = 0; i < backend.Filters.Count; i++)
        {
            var filter = backend.Filters[i];
            switch (filter.Type)
            {
                case HTTPRouteFilterType.RequestHeaderModifier:
                    headers = (headers ?? new Headers()) with { Request = Headers(filter.RequestHeaderModifier) };
                    break;
                case HTTPRouteFilterType.ResponseHeaderModifier:
                    headers = (headers ?? new Headers()) with { Response = Headers(filter.ResponseHeaderModifier) };
                    break;
                default:
                    findings.Report(document, $"{field}.filters[{i}].type", RoutingCodes.Attachment,
                        $"Istio does not support the filter {filter.Type} at a backend; the whole route is left out");
                    return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The destination of a backend; without a host when the backend is not allowed, which is answered with 500; null for what takes the
    /// whole route with it.
    /// </summary>
    private Destination? Destination(string? group, string? kind, string? name, string? space, int? port, string field)
    {
        var owner = string.IsNullOrEmpty(space) ? document.Namespace : space;
        var isHostname = group == "networking.istio.io" && kind == "Hostname";
        if (!isHostname && (!string.IsNullOrEmpty(group) || kind is not (null or "" or "Service")))
        {
            findings.Report(document, field, RoutingCodes.Attachment,
                $"a backend of kind {kind} is not executed here; its share is answered with 500");
            return new Destination();
        }

        if (port is null || (!isHostname && name?.Contains('.') == true))
        {
            findings.Report(document, field, RoutingCodes.Attachment, port is null
                ? "a backend needs a port; the whole route is left out"
                : $"\"{name}\" is a host name where the name of a Service is expected; the whole route is left out");
            return null;
        }

        if (!isHostname && grants?.Allows(document.Namespace, owner, name ?? "") == false)
        {
            findings.Report(document, field, RoutingCodes.Attachment,
                $"no ReferenceGrant in namespace {owner} allows Service {name}; its share is answered with 500");
            return new Destination();
        }

        return new Destination
        {
            Host = isHostname ? name : VirtualServiceReader.ResolveHost(name ?? "", owner),
            Port = new PortSelector { Number = (uint)port },
        };
    }
}
