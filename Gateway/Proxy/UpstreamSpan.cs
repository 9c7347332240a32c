using System.Diagnostics;
using Gateway.Clusters;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>
/// What traces tell of a proxied request: its response flags on the server's span, as Envoy's tag <c>response_flags</c>, and a span for
/// each attempt, so that retries can be seen. Nothing of it costs anything while nobody collects spans.
/// </summary>
/// <remarks>
/// Envoy source/common/tracing/http_tracer_impl.cc (tags), source/common/router/upstream_request.cc (the span "router CLUSTER egress");
/// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
/// </remarks>
internal static class UpstreamSpan
{
    private const string FlagsTag = "response_flags";
    private const string ClusterTag = "upstream_cluster";

    // Named as the application, whose own source the service defaults collect.
    private static readonly ActivitySource Source = new("Gateway");

    /// <summary>Whether somebody collects spans.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>The span of an attempt, from here on the current one; null when it is not collected.</summary>
    public static Activity? Start(ProxyRequest request, Cluster cluster, UpstreamHost host)
    {
        var span = Source.StartActivity($"router {cluster.Name} egress", ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            var authority = host.Endpoint.Authority;
            span.SetTag("http.request.method", request.Head.Method)
                .SetTag("server.address", authority[..authority.LastIndexOf(':')])
                .SetTag("server.port", host.Endpoint.Port)
                .SetTag(ClusterTag, cluster.Name);
            if (request.Retry.Attempt > 1)
            {
                span.SetTag("http.request.resend_count", request.Retry.Attempt - 1);
            }
        }

        return span;
    }

    /// <summary>Tells how the attempt ended.</summary>
    public static void Tell(Activity span, in AttemptResult result)
    {
        var isAnswer = result.Outcome.Kind == OutcomeKind.Response;
        if (isAnswer)
        {
            span.SetTag("http.response.status_code", result.Outcome.Status);
        }
        else
        {
            var flags = result.Outcome.Kind is OutcomeKind.Timeout or OutcomeKind.PerTryTimeout ? ResponseFlags.UT : result.Flag;
            span.SetTag(FlagsTag, flags.ToText()).SetTag("error.type", result.Outcome.Kind.ToString());
        }

        if (!isAnswer || result.Outcome.Status >= StatusCodes.Status400BadRequest)
        {
            span.SetStatus(ActivityStatusCode.Error, result.Transport.Length > 0 ? result.Transport : null);
        }
    }

    /// <summary>Tells on the server's span how the whole request ended.</summary>
    public static void Tell(ProxyRequest request)
    {
        if (IsOn && Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag(FlagsTag, request.Flags.ToText()).SetTag(ClusterTag, request.Cluster?.Name);
        }
    }
}
