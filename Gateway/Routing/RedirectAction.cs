using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>Answers with a redirect.</summary>
/// <remarks>Envoy, source/common/http/utility.cc, <c>newUri</c>.</remarks>
internal sealed class RedirectAction
{
    /// <summary>To the same place, by HTTPS: <c>httpsRedirect</c> of a Gateway's server. A port in the authority stays.</summary>
    public static readonly RedirectAction ToHttps = new() { Scheme = "https", KeepsAuthority = true };

    /// <summary>301, 302, 303, 307 or 308.</summary>
    public int Status { get; init; } = StatusCodes.Status301MovedPermanently;

    /// <summary>The new scheme; null keeps the request's.</summary>
    public string? Scheme { get; init; }

    /// <summary>The new authority; null keeps the request's host.</summary>
    public string? Authority { get; init; }

    /// <summary>The new port; null for the one of the authority, unless that is the default of the scheme that is left.</summary>
    public int? Port { get; init; }

    /// <summary>What takes the place of the whole path, and of the query too when it has one; null keeps the path.</summary>
    public string? Path { get; init; }

    /// <summary>What takes the place of the matched prefix.</summary>
    public Rewrite? Prefix { get; init; }

    private bool KeepsAuthority { get; init; }

    /// <summary>The <c>location</c> header for a request.</summary>
    public string Location(RequestHead request)
    {
        var scheme = Scheme ?? request.Scheme;
        var authority = Authority ?? (KeepsAuthority ? request.Authority : RequestHost(request, scheme).ToString());
        var port = Port is { } number ? $":{number}" : "";
        var path = Prefix?.PathOf(request.Path) ?? Path ?? request.Path;
        var query = Path?.Contains('?') == true ? "" : request.Query;
        return $"{scheme}://{authority}{port}{(path.StartsWith('/') ? "" : "/")}{path}{query}";
    }

    /// <summary>The host without a port that the redirect replaces, or that was the default of a scheme it leaves.</summary>
    private ReadOnlySpan<char> RequestHost(RequestHead request, string scheme)
    {
        var host = DomainIndex.WithoutPort(request.Authority);
        var port = request.Authority.AsSpan(host.Length);
        var isDefault = port is ":443" && request.Scheme == "https" || port is ":80" && request.Scheme == "http";
        return Port is not null || (isDefault && scheme != request.Scheme) ? host : request.Authority;
    }
}
