using Gateway.Policies.Faults;
using Gateway.Requests;
using Istio.Documents;
using Istio.Networking;
using CorsPolicy = Gateway.Policies.Cors.CorsPolicy;

namespace Gateway.Routing;

/// <summary>
/// A rule of a VirtualService or an HTTPRoute, for one of its matches: which requests it takes and what happens to them. Exactly one of
/// <see cref="Redirect"/>, <see cref="DirectResponse"/> and <see cref="Forward"/> is there.
/// </summary>
internal sealed class Route
{
    /// <summary>What Envoy answers plain requests with where TLS is required.</summary>
    public static readonly Route ToHttps = new()
    {
        Name = "",
        Source = default,
        Matcher = RouteMatcher.Any,
        Redirect = RedirectAction.ToHttps,
    };

    /// <summary>The rule's name and, after a dot, the match's; empty when it has none.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is written.</summary>
    public required RouteSource Source { get; init; }

    /// <summary>The rule as it is written, delegates merged; null for a route of Istio's own.</summary>
    public HTTPRoute? Rule { get; init; }

    /// <summary>The reference by which the rule was found, when another VirtualService delegates to it.</summary>
    public DelegateReference? Delegate { get; init; }

    /// <summary>Which requests it takes.</summary>
    public required RouteMatcher Matcher { get; init; }

    /// <summary>Answers with a redirect.</summary>
    public RedirectAction? Redirect { get; init; }

    /// <summary>Answers with a fixed response.</summary>
    public DirectResponseAction? DirectResponse { get; init; }

    /// <summary>Forwards.</summary>
    public ForwardAction? Forward { get; init; }

    /// <summary>Changes of the request's headers.</summary>
    public HeaderOperations RequestHeaders { get; init; } = HeaderOperations.None;

    /// <summary>Changes of the response's headers; also of a redirect's or a direct response's.</summary>
    public HeaderOperations ResponseHeaders { get; init; } = HeaderOperations.None;

    /// <summary>Faults to inject.</summary>
    public FaultPolicy? Fault { get; init; }

    /// <summary>Cross-origin resource sharing.</summary>
    public CorsPolicy? Cors { get; init; }

    /// <summary>
    /// Makes the request what the destination gets, once for all attempts: headers of the destination and of the rule, authority, path.
    /// </summary>
    /// <remarks>
    /// The order is that of Envoy's <c>finalizeRequestHeaders</c> (source/common/router/config_impl.cc): the destination's changes go
    /// first, so that the rule's win.
    /// </remarks>
    public void PrepareRequest(RequestHead request, WeightedCluster cluster)
    {
        cluster.RequestHeaders.Apply(request.Headers, request);
        RequestHeaders.Apply(request.Headers, request);
        if ((Forward!.Rewrite?.Authority ?? cluster.HostRewrite) is { } authority)
        {
            request.Authority = authority;
        }

        Forward.Rewrite?.ApplyToPath(request);
    }

    /// <summary>Makes the headers of a response what the client gets.</summary>
    /// <param name="headers">The response's headers.</param>
    /// <param name="request">The request.</param>
    /// <param name="cluster">The destination that answered; null for a redirect or a direct response.</param>
    public void FinishResponse(IHeaderDictionary headers, RequestHead request, WeightedCluster? cluster)
    {
        cluster?.ResponseHeaders.Apply(headers, request);
        ResponseHeaders.Apply(headers, request);
    }
}

/// <summary>Where a route is written.</summary>
/// <param name="Resource">Kind, namespace and name, such as <c>VirtualService default/ping</c>; null for a route of Istio's own.</param>
/// <param name="Field">The rule, such as <c>spec.http[0]</c>.</param>
/// <param name="Location">File and line, such as <c>mesh/routes.yaml:12</c>.</param>
internal readonly record struct RouteSource(string? Resource, string Field, string Location)
{
    /// <summary>The resource's namespace.</summary>
    public string? Namespace { get; private init; }

    /// <summary>A field of a document.</summary>
    public static RouteSource Of(ResourceDocument document, string field) =>
        new($"{document.Kind} {document.Namespace}/{document.Name}", field, document.Locate(field).ToString())
        {
            Namespace = document.Namespace,
        };

    public override string ToString() => Resource is null ? "default" : $"{Resource} {Field} ({Location})";
}
