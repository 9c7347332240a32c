using System.Collections.Immutable;
using System.Text;
using Gateway.Clusters.Retries;
using Gateway.Policies.Faults;
using Istio.Documents;
using Istio.Networking;
using CorsPolicy = Gateway.Policies.Cors.CorsPolicy;

namespace Gateway.Routing.VirtualServices;

/// <summary>Compiles the rules of a VirtualService for one listener.</summary>
/// <remarks>istio, pilot/pkg/networking/core/route/route.go, <c>BuildHTTPRoutesForVirtualService</c> and <c>TranslateRoute</c>.</remarks>
internal sealed class RuleCompiler
{
    private readonly ProxyListener _listener;
    private readonly List<Finding> _findings;
    private readonly MatchCompiler _matches;
    private readonly HeaderCompiler _headers;
    private readonly ForwardCompiler _forwards;

    private RuleCompiler(ProxyListener listener, List<Finding> findings)
    {
        _listener = listener;
        _findings = findings;
        _matches = new MatchCompiler(findings);
        _headers = new HeaderCompiler(findings);
        _forwards = new ForwardCompiler(listener, findings);
    }

    /// <summary>The routes of a VirtualService at a listener, up to the first one that takes every request.</summary>
    public static ImmutableArray<Route> Compile(VirtualServiceRules service, ProxyListener listener, List<Finding> findings)
    {
        var compiler = new RuleCompiler(listener, findings);
        var routes = ImmutableArray.CreateBuilder<Route>();
        foreach (var source in service.Rules)
        {
            if (!compiler.Add(routes, source, service))
            {
                break;
            }
        }

        return routes.ToImmutable();
    }

    /// <summary>Adds the routes of a rule; false when no later rule can be reached.</summary>
    private bool Add(ImmutableArray<Route>.Builder routes, RuleSource source, VirtualServiceRules service)
    {
        var actions = new Lazy<RuleActions?>(() => Actions(source));
        if (source.Rule.Match.IsEmpty)
        {
            if (actions.Value is { } all)
            {
                routes.Add(Route(source, service, RouteMatcher.Any, null, source.Field, all));
            }

            return false;
        }

        for (var i = 0; i < source.Rule.Match.Count; i++)
        {
            var (match, field) = (source.Rule.Match[i], source.MatchField(i));
            if (!IsForListener(match, source.Document, field)
                || _matches.Compile(match, source.Document, field, service.HasGatewaySemantics) is not { } matcher
                || actions.Value is not { } found)
            {
                continue;
            }

            routes.Add(Route(source, service, matcher, match, field, found));
            if (matcher.IsCatchAll)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a match is for this port, Gateway and proxy at all.</summary>
    private bool IsForListener(HTTPMatchRequest match, ResourceDocument document, string field)
    {
        if (match.Port is not (null or 0) && match.Port != _listener.Port)
        {
            return false;
        }

        if (!match.Gateways.IsEmpty)
        {
            return match.Gateways.Contains(_listener.Gateway);
        }

        if (!match.SourceLabels.IsEmpty && _listener.Labels is null)
        {
            _findings.Report(document, $"{field}.sourceLabels", RoutingCodes.Caller,
                "which workload calls is not known here, so the match takes no request");
            return false;
        }

        return match.SourceLabels.All(label => _listener.Labels!.TryGetValue(label.Key, out var value) && value == label.Value)
            && (string.IsNullOrEmpty(match.SourceNamespace) || match.SourceNamespace == _listener.Namespace);
    }

    private Route Route(
        RuleSource source, VirtualServiceRules service, RouteMatcher matcher, HTTPMatchRequest? match, string field, RuleActions actions)
    {
        var rule = source.Rule;
        var clusters = actions.Clusters;
        var (request, response) = (actions.RequestHeaders, actions.ResponseHeaders);
        var rewrite = clusters.IsEmpty ? null : _forwards.Rewrite(source, matcher.Path, service.HasGatewaySemantics);
        if (clusters is [var single])
        {
            // A rule with one destination is one route to Envoy: both levels are one list of operations, the destination's last.
            request = request.Then(single.RequestHeaders);
            response = response.Then(single.ResponseHeaders);
            clusters = [single with { RequestHeaders = HeaderOperations.None, ResponseHeaders = HeaderOperations.None }];
        }

        return new Route
        {
            Name = string.IsNullOrEmpty(match?.Name) ? rule.Name ?? "" : $"{rule.Name}.{match.Name}",
            Source = RouteSource.Of(source.Document, field),
            Rule = rule,
            Delegate = source.Root?.Rule.Delegate ?? rule.Delegate,
            Matcher = matcher,
            Redirect = rule.Redirect is null ? null : Redirect(rule.Redirect, matcher.Path),
            DirectResponse = actions.DirectResponse,
            Forward = clusters.IsEmpty ? null : new ForwardAction(clusters)
            {
                Rewrite = rewrite,
                Timeout = rule.Timeout?.Value is { Ticks: > 0 } timeout ? timeout : null,
                Retry = RetryPolicy.Compile(rule.Retries),
                Mirrors = actions.Mirrors,
                ClusterNotFoundStatus = service.HasGatewaySemantics
                    ? StatusCodes.Status500InternalServerError
                    : StatusCodes.Status503ServiceUnavailable,
            },
            RequestHeaders = request,
            ResponseHeaders = response,
            Fault = actions.Fault,
            Cors = actions.Cors,
        };
    }

    /// <summary>What a rule does, whatever its match; null when it cannot be executed.</summary>
    private RuleActions? Actions(RuleSource source)
    {
        var rule = source.Rule;
        var (headers, headersField) = source.Locate("headers", other => other.Headers);
        var (fault, faultField) = source.Locate("fault", other => other.Fault);
        var (cors, corsField) = source.Locate("corsPolicy", other => other.CorsPolicy);
        var actions = new RuleActions
        {
            RequestHeaders = _headers.Compile(rule.Headers?.Request, headers, $"{headersField}.request"),
            ResponseHeaders = _headers.Compile(rule.Headers?.Response, headers, $"{headersField}.response"),
            Fault = FaultPolicy.Compile(rule.Fault, fault, faultField, _findings),
            Cors = CorsPolicy.Compile(rule.CorsPolicy, cors, corsField, _findings),
        };
        if (rule.Redirect is { } redirect)
        {
            return IsRedirect(redirect, source) ? actions : null;
        }

        if (rule.DirectResponse is { } response)
        {
            return DirectResponse(response, source) is { } direct ? actions with { DirectResponse = direct } : null;
        }

        if (rule.Delegate is not null)
        {
            // Its delegate is elsewhere, and what that does is not known.
            return actions;
        }

        var clusters = _forwards.Destinations(source);
        return clusters.IsEmpty ? null : actions with { Clusters = clusters, Mirrors = _forwards.Mirrors(rule) };
    }

    private bool IsRedirect(HTTPRedirect redirect, RuleSource source)
    {
        if (redirect.RedirectCode is null or 0 or 301 or 302 or 303 or 307 or 308)
        {
            return true;
        }

        var (document, field) = source.Locate("redirect", rule => rule.Redirect);
        _findings.Report(document, $"{field}.redirectCode", RoutingCodes.Rule,
            $"{redirect.RedirectCode} is no redirect that a proxy sends; use 301, 302, 303, 307 or 308");
        return false;
    }

    /// <summary>Compiles a redirect as istio's <c>ApplyRedirect</c> does: a port that is the scheme's default is left out.</summary>
    private RedirectAction Redirect(HTTPRedirect redirect, PathCondition path)
    {
        var port = redirect.Port ?? (redirect.DerivePort == RedirectPortSelection.FromRequestPort ? (uint)_listener.Port : 0);
        var scheme = NullIfEmpty(redirect.Scheme) ?? (_listener.IsTls ? "https" : "http");
        var isDefault = port == 0 || (port == 80 && scheme == "http") || (port == 443 && scheme == "https");
        var prefix = NullIfEmpty(redirect.PrefixRewrite);
        return new RedirectAction
        {
            Status = redirect.RedirectCode is null or 0 ? StatusCodes.Status301MovedPermanently : (int)redirect.RedirectCode,
            Scheme = NullIfEmpty(redirect.Scheme),
            Authority = NullIfEmpty(redirect.Authority),
            Port = isDefault ? null : (int)port,
            Prefix = prefix is null ? null : new PrefixRewrite(prefix, path.PrefixLength),
            Path = prefix is null ? NullIfEmpty(redirect.Uri) : null,
        };
    }

    private DirectResponseAction? DirectResponse(HTTPDirectResponse response, RuleSource source)
    {
        var (document, field) = source.Locate("directResponse", rule => rule.DirectResponse);
        if (response.Status is not (>= 200 and < 600))
        {
            _findings.Report(document, $"{field}.status", RoutingCodes.Rule, $"{response.Status} is no status to answer; use 200 to 599");
            return null;
        }

        try
        {
            return new DirectResponseAction((int)response.Status, response.Body switch
            {
                { Text: { } text } => Encoding.UTF8.GetBytes(text),
                { Bytes: { } bytes } => Convert.FromBase64String(bytes),
                _ => ReadOnlyMemory<byte>.Empty,
            });
        }
        catch (FormatException)
        {
            _findings.Report(document, $"{field}.body.bytes", RoutingCodes.Rule, "the bytes are not base64; write the body as string");
            return null;
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private sealed record RuleActions
    {
        public required HeaderOperations RequestHeaders { get; init; }

        public required HeaderOperations ResponseHeaders { get; init; }

        public FaultPolicy? Fault { get; init; }

        public CorsPolicy? Cors { get; init; }

        public DirectResponseAction? DirectResponse { get; init; }

        public ImmutableArray<WeightedCluster> Clusters { get; init; } = [];

        public ImmutableArray<MirrorPolicy> Mirrors { get; init; } = [];
    }
}
