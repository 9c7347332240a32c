using System.Buffers;
using System.Text.RegularExpressions;
using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using Istio.Re2;
using Istio.Validation.Syntax;

namespace Istio.Validation.Traps;

/// <summary>
/// An Ingress and a route of a gateway that send one path to one service, but not with the same path: found by sending a sample path
/// through both.
/// </summary>
internal static class IngressTranslation
{
    private static readonly SearchValues<char> Special = SearchValues.Create("([{.*+?\\|^$");

    public static void Check(Mesh mesh)
    {
        var paths = OutsideTraffic.Paths(mesh).Where(path => path.Service.Length > 0).ToArray();
        if (paths.Length == 0)
        {
            return;
        }

        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>()
            .Where(pair => VirtualServiceRoutes.IsForGateway(pair.Resource.Spec)))
        {
            foreach (var path in paths.Where(path => SharesHost(path.Host, service.Spec.Hosts)))
            {
                Compare(path, sample => Route(mesh.At(document)["spec"]["http"], service.Spec, sample, path.Service, document.Namespace));
            }
        }

        foreach (var (document, route) in mesh.Resources.OfType<GatewayApi.HTTPRoute>())
        {
            foreach (var path in paths.Where(path => SharesHost(path.Host, route.Spec.Hostnames)))
            {
                Compare(path, sample => Route(mesh.At(document)["spec"]["rules"], route.Spec, sample, path.Service, document.Namespace));
            }
        }
    }

    private static bool SharesHost(string host, EquatableArray<string> hosts) =>
        host.Length == 0 || hosts.IsEmpty || hosts.Any(other => DnsNames.Overlap(other, host));

    private static void Compare(IngressPath path, Func<string, (Place At, string Path)?> route)
    {
        foreach (var sample in Samples(path))
        {
            if (ThroughIngress(path, sample) is { } seen && route(sample) is { } other && other.Path != seen)
            {
                other.At.Report(TrapCodes.IngressDisagrees,
                    $"Ingress {path.At.Document.Name} sends {sample} to {path.Path.Backend.Service.Name} as {seen}, this rule as "
                    + $"{other.Path}; make the rewrites equal.");
                return;
            }
        }
    }

    private static IEnumerable<string> Samples(IngressPath path)
    {
        var literal = LiteralPrefix(path).TrimEnd('/');
        return [literal + "/ping", literal.Length == 0 ? "/" : literal];
    }

    /// <summary>The text with which every path that the Ingress takes begins.</summary>
    public static string LiteralPrefix(IngressPath path) => path.IsRegex ? LiteralPrefix(path.Path.Path ?? "/") : path.Path.Path ?? "/";

    /// <summary>The text with which every match of an expression begins, as far as the first special character; flags in front are left
    /// out.</summary>
    public static string LiteralPrefix(string expression)
    {
        var text = expression.TrimStart('^');
        text = text.StartsWith("(?i)", StringComparison.Ordinal) ? text[4..].TrimStart('^') : text;
        var special = text.AsSpan().IndexOfAny(Special);
        return special < 0 ? text : text[..special];
    }

    /// <summary>The path as the service sees it; null when the Ingress does not take it.</summary>
    private static string? ThroughIngress(IngressPath path, string sample)
    {
        if (!path.IsRegex)
        {
            var prefix = (path.Path.Path ?? "/").TrimEnd('/');
            return sample == prefix || (path.Path.PathType != "Exact" && sample.StartsWith(prefix + "/", StringComparison.Ordinal))
                ? sample
                : null;
        }

        if (IngressTraps.Compile(path.Path.Path ?? "/", out _)?.Match(sample) is not { Success: true } match)
        {
            return null;
        }

        // nginx: rewrite "(?i)<path>" <target> break; the whole path becomes the target.
        return string.IsNullOrEmpty(path.RewriteTarget) ? sample : match.Result(Regex.Replace(path.RewriteTarget, @"\$([0-9])", "$${$1}"));
    }

    private static (Place At, string Path)? Route(Place at, VirtualServiceSpec spec, string sample, string service, string space)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            var route = spec.Http[i];
            var match = route.Match.IsEmpty ? new HTTPMatchRequest() : route.Match.FirstOrDefault(candidate => Takes(candidate, sample));
            if (match is null)
            {
                continue;
            }

            if (route.Route.All(destination => Mesh.Resolve(destination.Destination?.Host ?? "", space) != service))
            {
                return null;
            }

            return route.Rewrite is { } rewrite ? (at[i]["rewrite"], Rewritten(match, rewrite, sample)) : (at[i], sample);
        }

        return null;
    }

    private static bool Takes(HTTPMatchRequest match, string sample)
    {
        if (match is not { Headers.IsEmpty: true, QueryParams.IsEmpty: true, Method: null or { Exact: "GET" } })
        {
            return false;
        }

        var comparison = match.IgnoreUriCase == true ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return match.Uri switch
        {
            null => true,
            { Exact: { } exact } => string.Equals(sample, exact, comparison),
            { Prefix: { } prefix } => sample.StartsWith(prefix, comparison),
            { Regex: { } regex } => Re2Pattern.TryParse(regex, out var pattern, out _) && pattern.IsFullMatch(sample),
            _ => true,
        };
    }

    private static string Rewritten(HTTPMatchRequest match, HTTPRewrite rewrite, string sample)
    {
        if (rewrite.UriRegexRewrite is { Match: { } pattern, Rewrite: { } substitution })
        {
            return Re2Rewrite.TryParse(pattern, substitution, out var replacement, out _) ? replacement.Replace(sample) : sample;
        }

        return string.IsNullOrEmpty(rewrite.Uri) ? sample
            : match.Uri?.Prefix is { } prefix ? rewrite.Uri + sample[prefix.Length..]
            : match.Uri?.Regex is not null ? sample
            : rewrite.Uri;
    }

    private static (Place At, string Path)? Route(Place at, HTTPRouteSpec spec, string sample, string service, string space)
    {
        (int Index, string Prefix)? best = null;
        for (var i = 0; i < spec.Rules.Count; i++)
        {
            var prefixes = spec.Rules[i].Matches.IsEmpty ? ["/"]
                : spec.Rules[i].Matches.Where(match => match is { Headers.IsEmpty: true, QueryParams.IsEmpty: true })
                    .Where(match => match.Path?.Type is null or PathMatchType.PathPrefix).Select(match => match.Path?.Value ?? "/");
            foreach (var prefix in prefixes.Where(prefix => (sample + "/").StartsWith(prefix.TrimEnd('/') + "/", StringComparison.Ordinal)))
            {
                best = best is null || prefix.Length > best.Value.Prefix.Length ? (i, prefix) : best;
            }
        }

        if (best is not { } found
            || spec.Rules[found.Index].BackendRefs.All(backend => Mesh.Resolve(backend.Name ?? "", backend.Namespace ?? space) != service))
        {
            return null;
        }

        var path = spec.Rules[found.Index].Filters.Select(filter => filter.UrlRewrite?.Path)
            .FirstOrDefault(modifier => modifier is not null);
        var rest = sample[found.Prefix.TrimEnd('/').Length..];
        var result = path?.ReplaceFullPath
            ?? (path?.ReplacePrefixMatch is { } replacement ? Joined(replacement.TrimEnd('/'), rest) : sample);
        return (at[found.Index], result);
    }

    private static string Joined(string prefix, string rest) => prefix.Length + rest.Length == 0 ? "/" : prefix + rest;
}
