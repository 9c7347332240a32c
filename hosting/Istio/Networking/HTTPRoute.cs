using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>One rule for HTTP requests: what it matches and what happens to the request.</summary>
public sealed record HTTPRoute : SchemaObject
{
    /// <summary>A name for access logs and for EnvoyFilter patches.</summary>
    public string? Name { get; init; }

    /// <summary>Conditions; the rule applies when one of them holds. Absent matches every request.</summary>
    public EquatableArray<HTTPMatchRequest> Match { get; init; }

    /// <summary>Where the request goes, divided by weight. Not together with a redirect or a direct response.</summary>
    public EquatableArray<HTTPRouteDestination> Route { get; init; }

    /// <summary>Answers with a redirect instead of forwarding.</summary>
    public HTTPRedirect? Redirect { get; init; }

    /// <summary>Answers with a fixed response instead of forwarding.</summary>
    public HTTPDirectResponse? DirectResponse { get; init; }

    /// <summary>Another VirtualService that continues with the rules; only where route and redirect are absent.</summary>
    public DelegateReference? Delegate { get; init; }

    /// <summary>Changes path or authority before forwarding. Not together with a redirect.</summary>
    public HTTPRewrite? Rewrite { get; init; }

    /// <summary>Time for the whole request, retries included. Absent: none.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>When and how often a failed attempt is repeated. Absent: 2 retries on connection failures and refused streams.</summary>
    public HTTPRetry? Retries { get; init; }

    /// <summary>Delays or aborts injected at the client side. Retries and timeouts of the same rule do not act on them.</summary>
    public HTTPFaultInjection? Fault { get; init; }

    /// <summary>A destination that gets a copy of the requests; its answers are dropped.</summary>
    public Destination? Mirror { get; init; }

    /// <summary>Several destinations that get copies. Not together with mirror.</summary>
    public EquatableArray<HTTPMirrorPolicy> Mirrors { get; init; }

    /// <summary>Deprecated: share of requests to copy, in percent; use mirrorPercentage.</summary>
    public uint? MirrorPercent { get; init; }

    /// <summary>Deprecated: as mirrorPercent, in its older spelling.</summary>
    [JsonPropertyName("mirror_percent")]
    public uint? MirrorPercentSnakeCase { get; init; }

    /// <summary>Share of requests to copy. Absent: all.</summary>
    public Percent? MirrorPercentage { get; init; }

    /// <summary>Answers cross-origin preflight requests and adds the CORS response headers.</summary>
    public CorsPolicy? CorsPolicy { get; init; }

    /// <summary>Header changes for requests of this rule and their responses.</summary>
    public Headers? Headers { get; init; }
}

/// <summary>Names the VirtualService that continues with the rules.</summary>
public sealed record DelegateReference : SchemaObject
{
    /// <summary>Name of the VirtualService.</summary>
    public string? Name { get; init; }

    /// <summary>Its namespace; absent means the same one.</summary>
    public string? Namespace { get; init; }
}

/// <summary>A destination and its share of the requests.</summary>
public sealed record HTTPRouteDestination : SchemaObject
{
    /// <summary>The service, subset and port.</summary>
    public Destination? Destination { get; init; }

    /// <summary>Share relative to the sum of all weights. A single destination gets everything.</summary>
    public int? Weight { get; init; }

    /// <summary>Header changes for requests that go to this destination.</summary>
    public Headers? Headers { get; init; }
}

/// <summary>A service in the registry, optionally a subset of it.</summary>
public sealed record Destination : SchemaObject
{
    /// <summary>Service name; a short one is completed with the namespace of the resource, not of the service.</summary>
    public string? Host { get; init; }

    /// <summary>Name of a subset that a DestinationRule of the host defines.</summary>
    public string? Subset { get; init; }

    /// <summary>The port; required only when the service has more than one.</summary>
    public PortSelector? Port { get; init; }
}

/// <summary>Names a port by its number.</summary>
public sealed record PortSelector : SchemaObject
{
    /// <summary>Port number, 1 to 65535.</summary>
    public uint? Number { get; init; }
}

/// <summary>Changes to path and authority before forwarding.</summary>
public sealed record HTTPRewrite : SchemaObject
{
    /// <summary>Replaces the path, or the matched prefix of it when the match is a prefix.</summary>
    public string? Uri { get; init; }

    /// <summary>Replaces the Host/Authority header.</summary>
    public string? Authority { get; init; }

    /// <summary>Replaces the part of the path that a regular expression matches. Not together with uri.</summary>
    public RegexRewrite? UriRegexRewrite { get; init; }
}

/// <summary>A regular expression (RE2) and its replacement.</summary>
public sealed record RegexRewrite : SchemaObject
{
    /// <summary>What to replace in the path; write (?i) for case-insensitive matching.</summary>
    public string? Match { get; init; }

    /// <summary>The replacement; \1 to \9 stand for groups, \0 for the whole match.</summary>
    public string? Rewrite { get; init; }
}

/// <summary>A redirect response.</summary>
public sealed record HTTPRedirect : SchemaObject
{
    /// <summary>Replaces the whole path in the Location header.</summary>
    public string? Uri { get; init; }

    /// <summary>Replaces the matched prefix of the path in the Location header. Not together with uri.</summary>
    public string? PrefixRewrite { get; init; }

    /// <summary>Replaces the authority in the Location header.</summary>
    public string? Authority { get; init; }

    /// <summary>The port in the Location header. Not together with derivePort.</summary>
    public uint? Port { get; init; }

    /// <summary>How the port in the Location header is found when it is not given.</summary>
    [AllowedValues(RedirectPortSelection.FromProtocolDefault, RedirectPortSelection.FromRequestPort)]
    public string? DerivePort { get; init; }

    /// <summary>The scheme in the Location header, http or https; absent keeps the request's.</summary>
    public string? Scheme { get; init; }

    /// <summary>Status code: 301 (default), 302, 303, 307 or 308.</summary>
    public uint? RedirectCode { get; init; }
}

/// <summary>A fixed response.</summary>
public sealed record HTTPDirectResponse : SchemaObject
{
    /// <summary>Status code, 200 to 599.</summary>
    public uint? Status { get; init; }

    /// <summary>The body; absent means none.</summary>
    public HTTPBody? Body { get; init; }
}

/// <summary>A body, as text or as bytes.</summary>
public sealed record HTTPBody : SchemaObject
{
    /// <summary>The body as text.</summary>
    [JsonPropertyName("string")]
    public string? Text { get; init; }

    /// <summary>The body as base64 of its bytes.</summary>
    public string? Bytes { get; init; }
}

/// <summary>When and how often an attempt is repeated.</summary>
public sealed record HTTPRetry : SchemaObject
{
    /// <summary>Number of retries after the first attempt; 0 turns retrying off.</summary>
    public int? Attempts { get; init; }

    /// <summary>Time for each attempt; absent means the rule's timeout.</summary>
    public Duration? PerTryTimeout { get; init; }

    /// <summary>Conditions separated by commas, as Envoy's x-envoy-retry-on, and status codes.</summary>
    public string? RetryOn { get; init; }

    /// <summary>Whether a retry may go to another locality.</summary>
    public bool? RetryRemoteLocalities { get; init; }

    /// <summary>Whether a retry avoids hosts tried before; default true.</summary>
    public bool? RetryIgnorePreviousHosts { get; init; }

    /// <summary>Base of the exponential back-off between attempts; default 25ms.</summary>
    public Duration? Backoff { get; init; }
}

/// <summary>Cross-origin resource sharing.</summary>
public sealed record CorsPolicy : SchemaObject
{
    /// <summary>Deprecated: exact origins; use allowOrigins.</summary>
    public EquatableArray<string> AllowOrigin { get; init; }

    /// <summary>Origins that may call; the matched one is echoed in the response.</summary>
    public EquatableArray<StringMatch> AllowOrigins { get; init; }

    /// <summary>Methods named in Access-Control-Allow-Methods.</summary>
    public EquatableArray<string> AllowMethods { get; init; }

    /// <summary>Headers named in Access-Control-Allow-Headers.</summary>
    public EquatableArray<string> AllowHeaders { get; init; }

    /// <summary>Headers named in Access-Control-Expose-Headers.</summary>
    public EquatableArray<string> ExposeHeaders { get; init; }

    /// <summary>How long a preflight answer may be cached, in whole seconds.</summary>
    public Duration? MaxAge { get; init; }

    /// <summary>Whether the request may carry credentials.</summary>
    public bool? AllowCredentials { get; init; }

    /// <summary>What happens to preflight requests from other origins; default FORWARD.</summary>
    [AllowedValues(UnmatchedPreflightHandling.Unspecified, UnmatchedPreflightHandling.Forward, UnmatchedPreflightHandling.Ignore)]
    public string? UnmatchedPreflights { get; init; }
}

/// <summary>Faults injected for tests: first the delay, then the abort, drawn independently.</summary>
public sealed record HTTPFaultInjection : SchemaObject
{
    /// <summary>Holds requests back before forwarding.</summary>
    public Delay? Delay { get; init; }

    /// <summary>Answers requests with an error instead of forwarding.</summary>
    public Abort? Abort { get; init; }
}

/// <summary>A delay for a share of the requests.</summary>
public sealed record Delay : SchemaObject
{
    /// <summary>Deprecated: share in percent, 0 to 100; use percentage.</summary>
    public int? Percent { get; init; }

    /// <summary>The delay, at least 1ms.</summary>
    public Duration? FixedDelay { get; init; }

    /// <summary>Reserved: mean of an exponentially distributed delay; Istio does not implement it.</summary>
    public Duration? ExponentialDelay { get; init; }

    /// <summary>Share of requests that are delayed. Absent: none.</summary>
    public Percent? Percentage { get; init; }
}

/// <summary>An error for a share of the requests.</summary>
public sealed record Abort : SchemaObject
{
    /// <summary>HTTP status code of the answer.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>gRPC status name of the answer, for example UNAVAILABLE.</summary>
    public string? GrpcStatus { get; init; }

    /// <summary>Reserved: HTTP/2 error; Istio does not implement it.</summary>
    public string? Http2Error { get; init; }

    /// <summary>Share of requests that are aborted. Absent: none.</summary>
    public Percent? Percentage { get; init; }
}

/// <summary>A share in percent.</summary>
public sealed record Percent : SchemaObject
{
    /// <summary>0.0 to 100.0; absent means 0.</summary>
    public double? Value { get; init; }
}

/// <summary>A destination that gets copies of requests.</summary>
public sealed record HTTPMirrorPolicy : SchemaObject
{
    /// <summary>Where the copies go.</summary>
    public Destination? Destination { get; init; }

    /// <summary>Share of requests to copy. Absent: all; 0: none.</summary>
    public Percent? Percentage { get; init; }
}

/// <summary>Header changes for requests and responses.</summary>
public sealed record Headers : SchemaObject
{
    /// <summary>Changes before the request is forwarded.</summary>
    public HeaderOperations? Request { get; init; }

    /// <summary>Changes before the response is returned.</summary>
    public HeaderOperations? Response { get; init; }
}

/// <summary>Changes to headers.</summary>
public sealed record HeaderOperations : SchemaObject
{
    /// <summary>Headers to overwrite, by name.</summary>
    public EquatableDictionary<string> Set { get; init; }

    /// <summary>Values to append to headers, by name.</summary>
    public EquatableDictionary<string> Add { get; init; }

    /// <summary>Names of headers to remove.</summary>
    public EquatableArray<string> Remove { get; init; }
}

/// <summary>How the port of a redirect is found.</summary>
public static class RedirectPortSelection
{
    /// <summary>80 for http, 443 for https; left out of the Location header.</summary>
    public const string FromProtocolDefault = "FROM_PROTOCOL_DEFAULT";

    /// <summary>The port of the request.</summary>
    public const string FromRequestPort = "FROM_REQUEST_PORT";
}

/// <summary>What happens to a preflight request whose origin does not match.</summary>
public static class UnmatchedPreflightHandling
{
    /// <summary>The default, which is FORWARD.</summary>
    public const string Unspecified = "UNSPECIFIED";

    /// <summary>It is forwarded to the service.</summary>
    public const string Forward = "FORWARD";

    /// <summary>It is answered without CORS headers.</summary>
    public const string Ignore = "IGNORE";
}
