using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.GatewayApi;

/// <summary>One thing that is done to requests or responses: the type and the member that belongs to it.</summary>
public sealed record HTTPRouteFilter : SchemaObject
{
    /// <summary>Which member counts.</summary>
    [AllowedValues(
        HTTPRouteFilterType.RequestHeaderModifier, HTTPRouteFilterType.ResponseHeaderModifier, HTTPRouteFilterType.RequestMirror,
        HTTPRouteFilterType.RequestRedirect, HTTPRouteFilterType.URLRewrite, HTTPRouteFilterType.Cors,
        HTTPRouteFilterType.ExternalAuth, HTTPRouteFilterType.ExtensionRef)]
    public string? Type { get; init; }

    /// <summary>Changes headers before the request is forwarded.</summary>
    public HTTPHeaderFilter? RequestHeaderModifier { get; init; }

    /// <summary>Changes headers before the response is returned.</summary>
    public HTTPHeaderFilter? ResponseHeaderModifier { get; init; }

    /// <summary>Sends copies of requests to another service.</summary>
    public HTTPRequestMirrorFilter? RequestMirror { get; init; }

    /// <summary>Answers with a redirect.</summary>
    public HTTPRequestRedirectFilter? RequestRedirect { get; init; }

    /// <summary>Changes host or path before the request is forwarded.</summary>
    public HTTPURLRewriteFilter? UrlRewrite { get; init; }

    /// <summary>Cross-origin resource sharing.</summary>
    public HTTPCORSFilter? Cors { get; init; }

    /// <summary>Experimental: asks an external authorizer.</summary>
    public HTTPExternalAuthFilter? ExternalAuth { get; init; }

    /// <summary>A filter of the implementation's own.</summary>
    public LocalObjectReference? ExtensionRef { get; init; }
}

/// <summary>Changes to headers.</summary>
public sealed record HTTPHeaderFilter : SchemaObject
{
    /// <summary>Headers to overwrite.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPHeader> Set { get; init; }

    /// <summary>Values to append to headers.</summary>
    [MaxLength(16)]
    public EquatableArray<HTTPHeader> Add { get; init; }

    /// <summary>Names of headers to remove.</summary>
    [MaxLength(16)]
    public EquatableArray<string> Remove { get; init; }
}

/// <summary>A header.</summary>
public sealed record HTTPHeader : SchemaObject
{
    /// <summary>Name, without case.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }

    /// <summary>Value.</summary>
    [MaxLength(4096)]
    public string? Value { get; init; }
}

/// <summary>Sends copies of requests to another service, whose answers are dropped.</summary>
public sealed record HTTPRequestMirrorFilter : SchemaObject
{
    /// <summary>Where the copies go.</summary>
    public BackendObjectReference? BackendRef { get; init; }

    /// <summary>Share of requests to copy, in percent; absent means all.</summary>
    public int? Percent { get; init; }

    /// <summary>Share of requests to copy, as a fraction. Not together with percent.</summary>
    public Fraction? Fraction { get; init; }
}

/// <summary>A fraction.</summary>
public sealed record Fraction : SchemaObject
{
    /// <summary>The upper number.</summary>
    public int? Numerator { get; init; }

    /// <summary>The lower number; default 100.</summary>
    public int? Denominator { get; init; }
}

/// <summary>A redirect response.</summary>
public sealed record HTTPRequestRedirectFilter : SchemaObject
{
    /// <summary>The scheme in the Location header, http or https; absent keeps the request's.</summary>
    public string? Scheme { get; init; }

    /// <summary>The host in the Location header; absent keeps the request's.</summary>
    [MaxLength(253)]
    public string? Hostname { get; init; }

    /// <summary>The path in the Location header; absent keeps the request's.</summary>
    public HTTPPathModifier? Path { get; init; }

    /// <summary>The port in the Location header; absent follows from scheme or listener.</summary>
    public int? Port { get; init; }

    /// <summary>Status code: 301, 302 (default), 303, 307 or 308.</summary>
    public int? StatusCode { get; init; }
}

/// <summary>Changes host or path before the request is forwarded.</summary>
public sealed record HTTPURLRewriteFilter : SchemaObject
{
    /// <summary>Replaces the Host header.</summary>
    [MaxLength(253)]
    public string? Hostname { get; init; }

    /// <summary>Replaces the path or its matched prefix.</summary>
    public HTTPPathModifier? Path { get; init; }
}

/// <summary>A change to a path: the type and the member that belongs to it.</summary>
public sealed record HTTPPathModifier : SchemaObject
{
    /// <summary>Which member counts.</summary>
    [AllowedValues(HTTPPathModifierType.ReplaceFullPath, HTTPPathModifierType.ReplacePrefixMatch)]
    public string? Type { get; init; }

    /// <summary>The new path.</summary>
    [MaxLength(1024)]
    public string? ReplaceFullPath { get; init; }

    /// <summary>What takes the place of the matched prefix; only with a PathPrefix match.</summary>
    [MaxLength(1024)]
    public string? ReplacePrefixMatch { get; init; }
}

/// <summary>Cross-origin resource sharing.</summary>
public sealed record HTTPCORSFilter : SchemaObject
{
    /// <summary>Origins that may call: scheme://host[:port], a wildcard label in the host, or "*".</summary>
    [MaxLength(64)]
    public EquatableArray<string> AllowOrigins { get; init; }

    /// <summary>Whether the request may carry credentials; default false.</summary>
    public bool? AllowCredentials { get; init; }

    /// <summary>Methods named in Access-Control-Allow-Methods.</summary>
    [MaxLength(9)]
    public EquatableArray<string> AllowMethods { get; init; }

    /// <summary>Headers named in Access-Control-Allow-Headers.</summary>
    [MaxLength(64)]
    public EquatableArray<string> AllowHeaders { get; init; }

    /// <summary>Headers named in Access-Control-Expose-Headers.</summary>
    [MaxLength(64)]
    public EquatableArray<string> ExposeHeaders { get; init; }

    /// <summary>Seconds a preflight answer may be cached; default 5.</summary>
    public int? MaxAge { get; init; }
}

/// <summary>Names a service.</summary>
public sealed record BackendObjectReference : SchemaObject
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

    /// <summary>Namespace; absent means the route's own.</summary>
    [MaxLength(63)]
    public string? Namespace { get; init; }

    /// <summary>Port; required for a Service.</summary>
    public int? Port { get; init; }
}

/// <summary>Names a resource in the same namespace.</summary>
public sealed record LocalObjectReference : SchemaObject
{
    /// <summary>API group; empty for the core group.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }

    /// <summary>Name.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }
}

/// <summary>Kinds of filters.</summary>
public static class HTTPRouteFilterType
{
    /// <summary>Changes request headers.</summary>
    public const string RequestHeaderModifier = "RequestHeaderModifier";

    /// <summary>Changes response headers.</summary>
    public const string ResponseHeaderModifier = "ResponseHeaderModifier";

    /// <summary>Sends copies.</summary>
    public const string RequestMirror = "RequestMirror";

    /// <summary>Redirects.</summary>
    public const string RequestRedirect = "RequestRedirect";

    /// <summary>Changes host or path.</summary>
    public const string URLRewrite = "URLRewrite";

    /// <summary>Cross-origin resource sharing.</summary>
    public const string Cors = "CORS";

    /// <summary>Experimental: asks an external authorizer.</summary>
    public const string ExternalAuth = "ExternalAuth";

    /// <summary>A filter of the implementation's own.</summary>
    public const string ExtensionRef = "ExtensionRef";
}

/// <summary>Kinds of path changes.</summary>
public static class HTTPPathModifierType
{
    /// <summary>The whole path.</summary>
    public const string ReplaceFullPath = "ReplaceFullPath";

    /// <summary>The matched prefix.</summary>
    public const string ReplacePrefixMatch = "ReplacePrefixMatch";
}
