using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.GatewayApi;

/// <summary>
/// Routes HTTP requests from a Gateway's listeners to services. Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproute
/// </summary>
public sealed record HTTPRoute : Resource<HTTPRouteSpec>
{
    /// <summary>An empty resource of version gateway.networking.k8s.io/v1.</summary>
    public HTTPRoute()
        : base("gateway.networking.k8s.io/v1", nameof(HTTPRoute))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public RouteStatus? Status { get; init; }
}

/// <summary>The gateways, the hosts and the rules.</summary>
public sealed record HTTPRouteSpec : SchemaObject
{
    /// <summary>The Gateways (or Services, for traffic within the mesh) that the route binds to.</summary>
    [MaxLength(32)]
    public EquatableArray<ParentReference> ParentRefs { get; init; }

    /// <summary>Hosts that the route is for; a leading wildcard label is allowed. Absent: those of the listener.</summary>
    [MaxLength(16)]
    public EquatableArray<string> Hostnames { get; init; }

    /// <summary>The rules. The most specific match wins, whatever the order. Absent: everything, to no service.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPRouteRule> Rules { get; init; }

    /// <summary>Experimental: whether the route also binds to the default gateways; All or None.</summary>
    public string? UseDefaultGateways { get; init; }
}

/// <summary>The resource that a route binds to.</summary>
public sealed record ParentReference : SchemaObject
{
    /// <summary>API group; default gateway.networking.k8s.io.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind; default Gateway.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }

    /// <summary>Namespace; absent means the route's own.</summary>
    [MaxLength(63)]
    public string? Namespace { get; init; }

    /// <summary>Name.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Name of a listener, or of a service's port. Absent: all that allow the route.</summary>
    [MaxLength(253)]
    public string? SectionName { get; init; }

    /// <summary>Port of the listeners or the service. Absent: all that allow the route.</summary>
    public int? Port { get; init; }
}

/// <summary>One rule: what it matches and what happens to the request.</summary>
public sealed record HTTPRouteRule : SchemaObject
{
    /// <summary>A name, unique in the route.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Conditions; the rule applies when one of them holds. Absent: every path.</summary>
    [MaxLength(64)]
    public EquatableArray<HTTPRouteMatch> Matches { get; init; }

    /// <summary>What is done to requests and responses.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPRouteFilter> Filters { get; init; }

    /// <summary>Where requests go, divided by weight. None: 500, unless a filter redirects.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPBackendRef> BackendRefs { get; init; }

    /// <summary>Time limits.</summary>
    public HTTPRouteTimeouts? Timeouts { get; init; }

    /// <summary>Experimental: when and how often a failed attempt is repeated.</summary>
    public HTTPRouteRetry? Retry { get; init; }

    /// <summary>Experimental: keeps a session on one endpoint.</summary>
    public SessionPersistence? SessionPersistence { get; init; }
}

/// <summary>Conditions on a request, which must all hold.</summary>
public sealed record HTTPRouteMatch : SchemaObject
{
    /// <summary>A condition on the path; default the prefix "/".</summary>
    public HTTPPathMatch? Path { get; init; }

    /// <summary>Conditions on headers, which must all hold.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPHeaderMatch> Headers { get; init; }

    /// <summary>Conditions on query parameters, which must all hold.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPQueryParamMatch> QueryParams { get; init; }

    /// <summary>The HTTP method.</summary>
    [AllowedValues(
        HTTPMethod.Get, HTTPMethod.Head, HTTPMethod.Post, HTTPMethod.Put, HTTPMethod.Delete, HTTPMethod.Connect, HTTPMethod.Options,
        HTTPMethod.Trace, HTTPMethod.Patch)]
    public string? Method { get; init; }
}

/// <summary>A condition on the path.</summary>
public sealed record HTTPPathMatch : SchemaObject
{
    /// <summary>How the value is compared; default PathPrefix.</summary>
    [AllowedValues(PathMatchType.Exact, PathMatchType.PathPrefix, PathMatchType.RegularExpression)]
    public string? Type { get; init; }

    /// <summary>The path; default "/".</summary>
    [MaxLength(1024)]
    public string? Value { get; init; }
}

/// <summary>A condition on a header.</summary>
public sealed record HTTPHeaderMatch : SchemaObject
{
    /// <summary>How the value is compared; default Exact.</summary>
    [AllowedValues(HeaderMatchType.Exact, HeaderMatchType.RegularExpression)]
    public string? Type { get; init; }

    /// <summary>Name of the header, without case.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }

    /// <summary>The value.</summary>
    [MaxLength(4096)]
    public string? Value { get; init; }
}

/// <summary>A condition on a query parameter.</summary>
public sealed record HTTPQueryParamMatch : SchemaObject
{
    /// <summary>How the value is compared; default Exact.</summary>
    [AllowedValues(HeaderMatchType.Exact, HeaderMatchType.RegularExpression)]
    public string? Type { get; init; }

    /// <summary>Name of the parameter, exactly.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }

    /// <summary>The value.</summary>
    [MaxLength(1024)]
    public string? Value { get; init; }
}

/// <summary>A service and its share of the requests.</summary>
public sealed record HTTPBackendRef : SchemaObject
{
    /// <summary>API group; default the core group.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind; default Service.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }

    /// <summary>Name.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Namespace; another one needs a ReferenceGrant there. Absent means the route's own.</summary>
    [MaxLength(63)]
    public string? Namespace { get; init; }

    /// <summary>Port of the service; required for a Service.</summary>
    public int? Port { get; init; }

    /// <summary>Share relative to the sum of all weights; default 1, 0 means none.</summary>
    public int? Weight { get; init; }

    /// <summary>What is done to requests for this service and their responses.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPRouteFilter> Filters { get; init; }
}

/// <summary>Time limits of a rule.</summary>
public sealed record HTTPRouteTimeouts : SchemaObject
{
    /// <summary>For the whole request as the client sees it; 0s means none.</summary>
    public Duration? Request { get; init; }

    /// <summary>For one attempt; at most the request's.</summary>
    public Duration? BackendRequest { get; init; }
}

/// <summary>Experimental: when and how often a failed attempt is repeated.</summary>
public sealed record HTTPRouteRetry : SchemaObject
{
    /// <summary>Status codes, 400 to 599, that are repeated.</summary>
    public EquatableArray<int> Codes { get; init; }

    /// <summary>Number of retries.</summary>
    public int? Attempts { get; init; }

    /// <summary>Shortest time between attempts.</summary>
    public Duration? Backoff { get; init; }
}

/// <summary>Experimental: keeps a session on one endpoint.</summary>
public sealed record SessionPersistence : SchemaObject
{
    /// <summary>Name of the cookie or header.</summary>
    public string? SessionName { get; init; }

    /// <summary>Longest life of a session.</summary>
    public Duration? AbsoluteTimeout { get; init; }

    /// <summary>Longest pause in a session.</summary>
    public Duration? IdleTimeout { get; init; }

    /// <summary>Cookie (default) or Header.</summary>
    public string? Type { get; init; }

    /// <summary>Settings of the cookie.</summary>
    public CookieConfig? CookieConfig { get; init; }

    /// <summary>The cookie of type Cookie.</summary>
    public CookieConfig? Cookie { get; init; }

    /// <summary>The header of type Header.</summary>
    public SessionHeader? Header { get; init; }
}

/// <summary>Experimental: a header that names the session.</summary>
public sealed record SessionHeader : SchemaObject
{
    /// <summary>Its name.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }
}

/// <summary>Settings of a session's cookie.</summary>
public sealed record CookieConfig : SchemaObject
{
    /// <summary>Name of the cookie.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }

    /// <summary>Path of the cookie; default /.</summary>
    [MaxLength(1024)]
    public string? Path { get; init; }

    /// <summary>Permanent or Session (default).</summary>
    [AllowedValues("Permanent", "Session")]
    public string? LifetimeType { get; init; }
}

/// <summary>The methods that can be matched.</summary>
public static class HTTPMethod
{
    /// <summary>GET.</summary>
    public const string Get = "GET";

    /// <summary>HEAD.</summary>
    public const string Head = "HEAD";

    /// <summary>POST.</summary>
    public const string Post = "POST";

    /// <summary>PUT.</summary>
    public const string Put = "PUT";

    /// <summary>DELETE.</summary>
    public const string Delete = "DELETE";

    /// <summary>CONNECT.</summary>
    public const string Connect = "CONNECT";

    /// <summary>OPTIONS.</summary>
    public const string Options = "OPTIONS";

    /// <summary>TRACE.</summary>
    public const string Trace = "TRACE";

    /// <summary>PATCH.</summary>
    public const string Patch = "PATCH";
}

/// <summary>How a path is compared.</summary>
public static class PathMatchType
{
    /// <summary>The whole path, with case.</summary>
    public const string Exact = "Exact";

    /// <summary>Path segments from the beginning, with case: /foo matches /foo and /foo/bar, not /foobar.</summary>
    public const string PathPrefix = "PathPrefix";

    /// <summary>As the implementation defines it; Istio: RE2 on the whole path.</summary>
    public const string RegularExpression = "RegularExpression";
}

/// <summary>How a header's or query parameter's value is compared.</summary>
public static class HeaderMatchType
{
    /// <summary>The whole value, with case.</summary>
    public const string Exact = "Exact";

    /// <summary>As the implementation defines it; Istio: RE2 on the whole value.</summary>
    public const string RegularExpression = "RegularExpression";
}
