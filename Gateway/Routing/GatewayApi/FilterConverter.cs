using System.Text;
using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using HTTPHeader = Istio.GatewayApi.HTTPHeader;

namespace Gateway.Routing.GatewayApi;

/// <summary>Makes of an HTTPRoute's filters what a VirtualService says in their place.</summary>
/// <remarks>istio, pilot/pkg/config/kube/gateway/conversion.go.</remarks>
internal static class FilterConverter
{
    // Any origin, as Istio writes it: scheme, host and perhaps a port.
    private const string AnyOrigin = @"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s?#]+$";

    // Defaults of the Gateway API's schema.
    private const uint DefaultRedirect = StatusCodes.Status302Found;
    private const int DefaultMaxAge = 5;

    /// <summary>Headers by lower-case name; of two with one name the first counts.</summary>
    public static EquatableDictionary<string> Headers(EquatableArray<HTTPHeader> headers) =>
        headers.Aggregate(default(EquatableDictionary<string>), (all, header) =>
            (header.Name ?? "").ToLowerInvariant() is var name && all.ContainsKey(name) ? all : all.With(name, header.Value ?? ""));

    /// <summary>A redirect; without port and scheme it keeps the port of the request.</summary>
    public static HTTPRedirect? Redirect(HTTPRequestRedirectFilter? filter) => filter is null ? null : new HTTPRedirect
    {
        RedirectCode = (uint?)filter.StatusCode ?? DefaultRedirect,
        Authority = filter.Hostname,
        Scheme = filter.Scheme,
        Port = (uint?)filter.Port,
        DerivePort = filter.Port is not null ? null
            : filter.Scheme is null ? RedirectPortSelection.FromRequestPort : RedirectPortSelection.FromProtocolDefault,
        Uri = filter.Path?.Type == HTTPPathModifierType.ReplaceFullPath ? filter.Path.ReplaceFullPath : null,
        PrefixRewrite = filter.Path?.Type == HTTPPathModifierType.ReplacePrefixMatch ? filter.Path.ReplacePrefixMatch : null,
    };

    /// <summary>A rewrite; a replacement by nothing or a slash takes the prefix away.</summary>
    public static HTTPRewrite? Rewrite(HTTPURLRewriteFilter? filter)
    {
        var rewrite = new HTTPRewrite { Authority = filter?.Hostname };
        rewrite = filter?.Path switch
        {
            { Type: HTTPPathModifierType.ReplacePrefixMatch, ReplacePrefixMatch: var prefix } =>
                rewrite with { Uri = WithoutSlash(prefix ?? "") is { Length: > 0 } replacement ? replacement : "/" },
            { Type: HTTPPathModifierType.ReplaceFullPath, ReplaceFullPath: var path } =>
                rewrite with { UriRegexRewrite = new Istio.Networking.RegexRewrite { Match = "/.*", Rewrite = path ?? "" } },
            _ => rewrite,
        };
        return rewrite == new HTTPRewrite() ? null : rewrite;
    }

    /// <summary>Cross-origin rules; a preflight from another origin is answered here.</summary>
    public static CorsPolicy? Cors(HTTPCORSFilter? filter) => filter is null ? null : new CorsPolicy
    {
        AllowOrigins = [.. filter.AllowOrigins.Where(origin => origin.Length > 0).Select(Origin)],
        AllowCredentials = filter.AllowCredentials == true ? true : null,
        AllowMethods = filter.AllowMethods,
        AllowHeaders = filter.AllowHeaders,
        ExposeHeaders = filter.ExposeHeaders,
        MaxAge = (filter.MaxAge ?? DefaultMaxAge) is > 0 and var seconds ? new Duration($"{seconds}s") : null,
        UnmatchedPreflights = UnmatchedPreflightHandling.Ignore,
    };

    private static StringMatch Origin(string origin)
    {
        var star = origin.IndexOf('*', StringComparison.Ordinal);
        return origin == "*" ? new StringMatch { Regex = AnyOrigin }
            : star < 0 ? new StringMatch { Exact = origin }
            : star == origin.Length - 1 ? new StringMatch { Prefix = origin[..^1] }
            : new StringMatch { Regex = $"^{Pattern(origin)}$" };
    }

    private static string Pattern(string origin)
    {
        var pattern = new StringBuilder();
        foreach (var c in origin)
        {
            pattern.Append(c == '*' ? ".*" : char.IsAsciiLetterOrDigit(c) || c is '/' or ':' or '-' ? $"{c}" : $"\\{c}");
        }

        return pattern.ToString();
    }

    private static string WithoutSlash(string text) => text.EndsWith('/') ? text[..^1] : text;
}
