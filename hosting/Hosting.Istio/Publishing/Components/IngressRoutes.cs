using System.Text.RegularExpressions;
using Istio.Documents;
using Istio.GatewayApi;
using k8s.Models;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// An Ingress as an HTTPRoute. ingress-nginx's regular expressions have no counterpart, except the one that everybody writes:
/// <c>/api/v1(/|$)(.*)</c> rewritten to <c>/$2</c> is a prefix that is taken off.
/// </summary>
internal static partial class IngressRoutes
{
    private const string RewriteTarget = "nginx.ingress.kubernetes.io/rewrite-target";
    private const string UseRegex = "nginx.ingress.kubernetes.io/use-regex";

    /// <summary>Translates an Ingress; null when none of its paths can be said.</summary>
    public static HTTPRoute? Translate(V1Ingress ingress, ServicePorts services, Action<string>? report)
    {
        var rules = (ingress.Spec.Rules ?? []).SelectMany(rule => (rule.Http?.Paths ?? [])
            .Select(path => Rule(ingress, path, services, report)).OfType<HTTPRouteRule>()).ToList();
        return rules.Count == 0 ? null : new HTTPRoute
        {
            Metadata = new() { Name = ingress.Metadata.Name },
            Spec = new()
            {
                ParentRefs = [new() { Name = ingress.Metadata.Name }],
                Hostnames = Lists.OrAbsent((ingress.Spec.Rules ?? []).Select(rule => rule.Host).OfType<string>().Distinct()),
                Rules = [.. rules],
            },
        };
    }

    private static HTTPRouteRule? Rule(V1Ingress ingress, V1HTTPIngressPath path, ServicePorts services, Action<string>? report)
    {
        if (path.Backend.Service is not { } service
            || services.Find(service.Name, service.Port?.Name ?? ServicePorts.Text(service.Port?.Number)) is not { } port)
        {
            report?.Invoke($"Ingress {ingress.Metadata.Name} path {path.Path}: its backend is no service of the application.");
            return null;
        }

        if (Match(ingress, path) is not { } match)
        {
            report?.Invoke($"Ingress {ingress.Metadata.Name} path {path.Path}: the Gateway API rewrites no path by an expression.");
            return null;
        }

        return new HTTPRouteRule
        {
            Matches = [new() { Path = match.Path }],
            Filters = match.Rewrite is null
                ? default
                : [new() { Type = HTTPRouteFilterType.URLRewrite, UrlRewrite = new() { Path = match.Rewrite } }],
            BackendRefs = [new() { Name = service.Name, Port = port }],
        };
    }

    private static (HTTPPathMatch Path, HTTPPathModifier? Rewrite)? Match(V1Ingress ingress, V1HTTPIngressPath path)
    {
        var target = ingress.GetAnnotation(RewriteTarget);
        if (target is not null || ingress.GetAnnotation(UseRegex) == "true")
        {
            return PrefixTakenOff().Match(path.Path ?? "/") is { Success: true } prefix && target is "/$2"
                ? (Prefix(prefix.Groups[1].Value), Replace("/"))
                : null;
        }

        return path.PathType == "Exact"
            ? (new HTTPPathMatch { Type = PathMatchType.Exact, Value = path.Path }, null)
            : (Prefix(path.Path ?? "/"), null);
    }

    private static HTTPPathMatch Prefix(string path) => new() { Type = PathMatchType.PathPrefix, Value = path };

    private static HTTPPathModifier Replace(string prefix) =>
        new() { Type = HTTPPathModifierType.ReplacePrefixMatch, ReplacePrefixMatch = prefix };

    [GeneratedRegex(@"^(/[A-Za-z0-9/_~-]*[A-Za-z0-9_~-])\(/\|\$\)\(\.\*\)$")]
    private static partial Regex PrefixTakenOff();
}
