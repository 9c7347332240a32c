using Istio.Documents;

namespace Istio.Networking;

/// <summary>Writes a rule for HTTP requests in C#, in Istio's words. Each call returns a changed copy.</summary>
public static class HTTPRouteExtensions
{
    /// <summary>Adds conditions that must all hold; of several calls, one must hold.</summary>
    public static HTTPRoute Match(this HTTPRoute route, Func<HTTPMatchRequest, HTTPMatchRequest> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return route with { Match = route.Match.Add(conditions(new HTTPMatchRequest())) };
    }

    /// <summary>Replaces the matched prefix (or the whole path of another match), the authority, or both.</summary>
    public static HTTPRoute Rewrite(this HTTPRoute route, string? uri = null, string? authority = null) =>
        route with
        {
            Rewrite = (route.Rewrite ?? new()) with
            {
                Uri = uri ?? route.Rewrite?.Uri,
                Authority = authority ?? route.Rewrite?.Authority
            }
        };

    /// <summary>Replaces what a regular expression (RE2) matches in the path; <c>\1</c> in the replacement is its first group.</summary>
    public static HTTPRoute RewriteRegex(this HTTPRoute route, string match, string rewrite) =>
        route with { Rewrite = (route.Rewrite ?? new()) with { UriRegexRewrite = new() { Match = match, Rewrite = rewrite } } };

    /// <summary>Adds a destination.</summary>
    /// <param name="route">The rule.</param>
    /// <param name="host">The service.</param>
    /// <param name="subset">A subset of a DestinationRule; absent means all endpoints.</param>
    /// <param name="port">The service's port; may be absent when it has one only.</param>
    /// <param name="weight">Share relative to the other destinations.</param>
    /// <param name="headers">Header changes for this destination.</param>
    public static HTTPRoute RouteTo(
        this HTTPRoute route, string host, string? subset = null, int? port = null, int? weight = null,
        Func<Headers, Headers>? headers = null) =>
        route with
        {
            Route = route.Route.Add(new()
            {
                Destination = DestinationTo(host, subset, port),
                Weight = weight,
                Headers = headers?.Invoke(new Headers()),
            }),
        };

    /// <summary>Divides requests over subsets of a service: <c>Split("ping", 8080, ("v1", 90), ("v2", 10))</c>.</summary>
    public static HTTPRoute Split(this HTTPRoute route, string host, int? port, params ReadOnlySpan<(string Subset, int Weight)> shares)
    {
        foreach (var (subset, weight) in shares)
        {
            route = route.RouteTo(host, subset, port, weight);
        }

        return route;
    }

    /// <summary>Divides requests over subsets of a service with one port: <c>Split("ping", ("v1", 90), ("v2", 10))</c>.</summary>
    public static HTTPRoute Split(this HTTPRoute route, string host, params ReadOnlySpan<(string Subset, int Weight)> shares) =>
        route.Split(host, null, shares);

    /// <summary>Limits the time of the whole request, retries included.</summary>
    public static HTTPRoute Timeout(this HTTPRoute route, TimeSpan timeout) => route with { Timeout = timeout };

    /// <summary>Repeats failed attempts.</summary>
    /// <param name="route">The rule.</param>
    /// <param name="attempts">Number of retries after the first attempt; 0 turns retrying off.</param>
    /// <param name="on">Conditions, see <see cref="RetryOn"/>; absent means Istio's default.</param>
    /// <param name="perTryTimeout">Time for each attempt.</param>
    /// <param name="backoff">Base of the back-off between attempts; default 25 ms.</param>
    public static HTTPRoute Retry(
        this HTTPRoute route, int attempts, IEnumerable<string>? on = null, TimeSpan? perTryTimeout = null, TimeSpan? backoff = null) =>
        route with
        {
            Retries = new()
            {
                Attempts = attempts,
                RetryOn = on is null ? null : string.Join(',', on),
                PerTryTimeout = perTryTimeout,
                Backoff = backoff,
            },
        };

    /// <summary>Holds a share of the requests back before forwarding.</summary>
    public static HTTPRoute Delay(this HTTPRoute route, TimeSpan fixedDelay, double percent) =>
        route with
        {
            Fault = (route.Fault ?? new()) with
            {
                Delay = new()
                {
                    FixedDelay = fixedDelay,
                    Percentage = new() { Value = percent }
                }
            }
        };

    /// <summary>Answers a share of the requests with an error instead of forwarding.</summary>
    public static HTTPRoute Abort(this HTTPRoute route, int httpStatus, double percent) =>
        route with
        {
            Fault = (route.Fault ?? new()) with
            {
                Abort = new()
                {
                    HttpStatus = httpStatus,
                    Percentage = new() { Value = percent }
                }
            }
        };

    /// <summary>Sends copies of requests to another destination, whose answers are dropped.</summary>
    /// <param name="route">The rule.</param>
    /// <param name="host">The service.</param>
    /// <param name="subset">A subset of a DestinationRule.</param>
    /// <param name="port">The service's port.</param>
    /// <param name="percent">Share of requests to copy; absent means all.</param>
    public static HTTPRoute Mirror(this HTTPRoute route, string host, string? subset = null, int? port = null, double? percent = null) =>
        route with
        {
            Mirror = DestinationTo(host, subset, port),
            MirrorPercentage = percent is { } value ? new() { Value = value } : null,
        };

    /// <summary>Answers cross-origin preflight requests and adds the CORS response headers.</summary>
    public static HTTPRoute Cors(this HTTPRoute route, Func<CorsPolicy, CorsPolicy> policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return route with { CorsPolicy = policy(route.CorsPolicy ?? new()) };
    }

    /// <summary>Changes headers before the request is forwarded.</summary>
    public static HTTPRoute RequestHeaders(this HTTPRoute route, Func<HeaderOperations, HeaderOperations> changes) =>
        route with { Headers = (route.Headers ?? new()).Request(changes) };

    /// <summary>Changes headers before the response is returned.</summary>
    public static HTTPRoute ResponseHeaders(this HTTPRoute route, Func<HeaderOperations, HeaderOperations> changes) =>
        route with { Headers = (route.Headers ?? new()).Response(changes) };

    /// <summary>Answers with a redirect.</summary>
    /// <param name="route">The rule.</param>
    /// <param name="uri">Replaces the whole path.</param>
    /// <param name="authority">Replaces the host.</param>
    /// <param name="scheme">Replaces the scheme.</param>
    /// <param name="port">Replaces the port.</param>
    /// <param name="code">301 (default), 302, 303, 307 or 308.</param>
    public static HTTPRoute Redirect(
        this HTTPRoute route, string? uri = null, string? authority = null, string? scheme = null, int? port = null, int? code = null) =>
        route with
        {
            Redirect = new()
            {
                Uri = uri,
                Authority = authority,
                Scheme = scheme,
                Port = checked((uint?)port),
                RedirectCode = checked((uint?)code)
            },
        };

    /// <summary>Answers with a fixed response.</summary>
    public static HTTPRoute DirectResponse(this HTTPRoute route, int status, string? body = null) =>
        route with { DirectResponse = new() { Status = checked((uint)status), Body = body is null ? null : new() { Text = body } } };

    /// <summary>Lets another VirtualService continue with the rules.</summary>
    public static HTTPRoute DelegateTo(this HTTPRoute route, string name, string? @namespace = null) =>
        route with { Delegate = new() { Name = name, Namespace = @namespace } };

    private static Destination DestinationTo(string host, string? subset, int? port) =>
        new() { Host = host, Subset = subset, Port = port is { } number ? new() { Number = checked((uint)number) } : null };
}
