using System.Collections.Frozen;
using System.Globalization;
using Gateway.Clusters;
using Gateway.Clusters.Retries;
using Gateway.Requests;
using Gateway.Routing;
using Istio.Networking;
using HeaderOperations = Gateway.Routing.HeaderOperations;
using Route = Gateway.Routing.Route;

namespace Gateway.Explain;

/// <summary>Says which route of a table takes a request, why the earlier ones do not, and what it does.</summary>
internal sealed class RouteExplanation
{
    // More refusals than this tell nobody anything.
    private const int MostRefusals = 40;

    // The words of retryOn; retriable-status-codes says nothing beside the codes themselves.
    private static readonly (RetryConditions Condition, string Word)[] RetryTexts =
    [
        (RetryConditions.Status5xx, "5xx"), (RetryConditions.GatewayError, "gateway-error"),
        (RetryConditions.ConnectFailure, "connect-failure"), (RetryConditions.RefusedStream, "refused-stream"),
        (RetryConditions.Reset, "reset"), (RetryConditions.ResetBeforeRequest, "reset-before-request"),
        (RetryConditions.Retriable4xx, "retriable-4xx"), (RetryConditions.EnvoyRateLimited, "envoy-ratelimited"),
        (RetryConditions.RetriableHeaders, "retriable-headers"),
        (RetryConditions.Http3PostConnectFailure, "http3-post-connect-failure"),
        (RetryConditions.GrpcCancelled, "cancelled"), (RetryConditions.GrpcDeadlineExceeded, "deadline-exceeded"),
        (RetryConditions.GrpcInternal, "internal"), (RetryConditions.GrpcResourceExhausted, "resource-exhausted"),
        (RetryConditions.GrpcUnavailable, "unavailable"),
    ];

    private readonly Action<string, string> _write;

    /// <summary>Makes an explanation.</summary>
    /// <param name="write">Writes a field: its name and text.</param>
    /// <param name="clusters">The clusters of the client.</param>
    public RouteExplanation(Action<string, string> write, FrozenDictionary<ClusterKey, ClusterDefinition> clusters) =>
        (_write, Clusters) = (write, clusters);

    /// <summary>The clusters of the client.</summary>
    public FrozenDictionary<ClusterKey, ClusterDefinition> Clusters { get; }

    /// <summary>Writes the explanation.</summary>
    /// <returns>The route; null when none takes the request.</returns>
    public Route? Write(RouteTable table, RequestHead request)
    {
        if (table.FindHost(request.Authority) is not { } host)
        {
            var domains = table.VirtualHosts.SelectMany(known => known.Domains).ToArray();
            _write("answers", $"404, flag NR: no host is {request.Authority}; "
                + (domains.Length == 0 ? "there are no hosts" : $"the hosts are {string.Join(", ", domains)}"));
            return null;
        }

        _write("host", host.Domains.Contains("*")
            ? $"{host.Name}, which takes every host"
            : $"{host.Name} ({string.Join(", ", host.Domains)})");
        var route = host.Find(request);
        WriteRefusals(host, route, request);
        if (route is null)
        {
            _write("answers", "404, flag NR: no rule takes it");
            return null;
        }

        WriteTaken(route, request);
        return route;
    }

    private void WriteRefusals(VirtualHost host, Route? taken, RequestHead request)
    {
        var refusals = host.Routes.TakeWhile(route => route != taken)
            .Select(route => (route.Source, Reason: route.Matcher.Mismatch(request))).Where(pair => pair.Reason is not null).ToArray();
        foreach (var (source, reason) in refusals.Take(MostRefusals))
        {
            _write("not", $"{source}: {reason}");
        }

        if (refusals.Length > MostRefusals)
        {
            _write("not", $"and {refusals.Length - MostRefusals} more rules");
        }
    }

    private void WriteTaken(Route route, RequestHead request)
    {
        if (route == Route.ToHttps)
        {
            _write("answers", $"301 to {route.Redirect!.Location(request)}: the Gateway's server has httpsRedirect");
            return;
        }

        var name = route.Name.Length > 0 ? $" \"{route.Name}\"" : "";
        _write("rule", route.Source.Resource is null
            ? "none for this service: Istio's default route"
            : $"{route.Source}{name}: {route.Matcher}");
        if (route.Delegate is { } reference)
        {
            var space = string.IsNullOrEmpty(reference.Namespace) ? "" : $"{reference.Namespace}/";
            _write("delegate", $"found by delegate {space}{reference.Name}");
        }

        if (route.Redirect is { } redirect)
        {
            _write("answers", $"{redirect.Status} to {redirect.Location(request)}");
        }
        else if (route.DirectResponse is { } response)
        {
            _write("answers", $"{response.Status} with {response.Body.Length} bytes");
        }
        else
        {
            WriteForward(route, route.Forward!, request);
        }

        WriteHeaders("response", route.ResponseHeaders);
        WriteFaults(route.Rule?.Fault);
    }

    private void WriteForward(Route route, ForwardAction forward, RequestHead request)
    {
        var (path, authority) = (request.Path + request.Query, request.Authority);
        WriteHeaders("request", route.RequestHeaders);
        foreach (var cluster in forward.Clusters)
        {
            _write("share", $"{Percent(forward.Share(cluster))} to {Cluster(cluster.Key, forward.ClusterNotFoundStatus)}");
            WriteHeaders("  request", cluster.RequestHeaders);
            WriteHeaders("  response", cluster.ResponseHeaders);
        }

        route.PrepareRequest(request, forward.Clusters[0]);
        _write("path", path == request.Path + request.Query ? $"{path}, as it came" : $"{path} -> {request.Path}{request.Query}");
        if (authority != request.Authority)
        {
            _write("authority", $"{authority} -> {request.Authority}");
        }

        _write("timeout", forward.Timeout is { } timeout ? Text(timeout) : "none");
        _write("retries", Retries(forward.Retry, forward.Timeout));
        foreach (var mirror in forward.Mirrors)
        {
            _write("copy", $"{Percent((double)mirror.Numerator / mirror.Denominator)} to {Cluster(mirror.Key, null)}");
        }
    }

    private string Cluster(ClusterKey key, int? notFound)
    {
        var subset = key.Subset.Length > 0 ? $" subset {key.Subset}" : "";
        if (!Clusters.TryGetValue(key, out var cluster))
        {
            return $"{key.Host} port {key.Port}{subset}: no such cluster"
                + (notFound is null ? "" : $", answered with {notFound}, flag NC");
        }

        var endpoints = cluster.Hosts.Length switch
        {
            0 => "no endpoint, answered with 503, flag UH",
            1 => "1 endpoint",
            var count => $"{count} endpoints",
        };
        return $"{key.Host} port {key.Port}{subset}: {endpoints}";
    }

    private void WriteHeaders(string name, HeaderOperations operations)
    {
        foreach (var header in operations.Remove)
        {
            _write(name, $"removes {header}");
        }

        foreach (var (header, value) in operations.Set)
        {
            _write(name, $"sets {header}: {value}");
        }

        foreach (var (header, value) in operations.Add)
        {
            _write(name, $"adds {header}: {value}");
        }
    }

    private void WriteFaults(HTTPFaultInjection? fault)
    {
        if (fault?.Delay is { FixedDelay: { } delay } delayed)
        {
            _write("fault", $"delays {Percent((delayed.Percentage?.Value ?? delayed.Percent ?? 0) / 100)} of the requests by {delay}");
        }

        if (fault?.Abort is { } abort)
        {
            var answer = abort.HttpStatus is { } status ? $"{status}" : $"gRPC status {abort.GrpcStatus}";
            _write("fault", $"answers {Percent((abort.Percentage?.Value ?? 0) / 100)} of the requests with {answer}; they are not retried");
        }
    }

    private static string Retries(RetryPolicy retry, TimeSpan? timeout)
    {
        if (retry.Attempts == 0)
        {
            return "none";
        }

        var words = string.Join(", ", [.. Words(retry.Conditions), .. retry.StatusCodes.Select(code => $"{code}")]);
        var perTry = retry.PerTryTimeoutWithin(timeout) is { } time ? $", each attempt at most {Text(time)}" : "";
        return $"at most {retry.Attempts} on {words}{perTry}; base back-off {retry.BackoffMilliseconds}ms";
    }

    private static IEnumerable<string> Words(RetryConditions conditions) =>
        RetryTexts.Where(pair => conditions.HasFlag(pair.Condition)).Select(pair => pair.Word);

    private static string Percent(double share) => (share * 100).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static string Text(TimeSpan time) => Istio.Documents.Duration.FromTimeSpan(time).Text;
}
