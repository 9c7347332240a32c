using Istio.Documents;
using Istio.GatewayApi;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What the Gateway API's schema checks in the filters of an HTTPRoute.
/// Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproutefilter
/// </summary>
internal static class GatewayApiFilterRules
{
    private static readonly string[] Once =
    [
        HTTPRouteFilterType.RequestHeaderModifier, HTTPRouteFilterType.ResponseHeaderModifier, HTTPRouteFilterType.RequestRedirect,
        HTTPRouteFilterType.URLRewrite, HTTPRouteFilterType.Cors,
    ];

    public static void Check(Place at, EquatableArray<HTTPRouteFilter> filters, bool hasOnePrefix)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < filters.Count; i++)
        {
            var (filter, place) = (filters[i], at[i]);
            CheckType(place, filter);
            if (filter.Type is { } type && Once.Contains(type) && !seen.Add(type))
            {
                place.Reject($"{type} can be used once; merge the two filters.");
            }

            CheckExternalAuth(place["externalAuth"], filter.ExternalAuth);
            CheckHeaders(place["requestHeaderModifier"], filter.RequestHeaderModifier);
            CheckHeaders(place["responseHeaderModifier"], filter.ResponseHeaderModifier);
            CheckMirror(place["requestMirror"], filter.RequestMirror);
            CheckRedirect(place["requestRedirect"], filter.RequestRedirect, hasOnePrefix);
            GatewayApiCorsRules.Check(place["cors"], filter.Cors);
            CheckHost(place["urlRewrite"]["hostname"], filter.UrlRewrite?.Hostname);
            CheckPath(place["urlRewrite"]["path"], filter.UrlRewrite?.Path, hasOnePrefix);
        }

        if (seen.IsSupersetOf([HTTPRouteFilterType.RequestRedirect, HTTPRouteFilterType.URLRewrite]))
        {
            at.Reject("RequestRedirect and URLRewrite exclude each other; keep one of the two.");
        }
    }

    private static void CheckType(Place at, HTTPRouteFilter filter)
    {
        if (filter.Type is null)
        {
            at["type"].Reject("type is missing; say what the filter does, such as URLRewrite.");
            return;
        }

        (string Type, string Member, bool Present)[] members =
        [
            (HTTPRouteFilterType.RequestHeaderModifier, "requestHeaderModifier", filter.RequestHeaderModifier is not null),
            (HTTPRouteFilterType.ResponseHeaderModifier, "responseHeaderModifier", filter.ResponseHeaderModifier is not null),
            (HTTPRouteFilterType.RequestMirror, "requestMirror", filter.RequestMirror is not null),
            (HTTPRouteFilterType.RequestRedirect, "requestRedirect", filter.RequestRedirect is not null),
            (HTTPRouteFilterType.URLRewrite, "urlRewrite", filter.UrlRewrite is not null),
            (HTTPRouteFilterType.Cors, "cors", filter.Cors is not null),
            (HTTPRouteFilterType.ExternalAuth, "externalAuth", filter.ExternalAuth is not null),
            (HTTPRouteFilterType.ExtensionRef, "extensionRef", filter.ExtensionRef is not null),
        ];
        foreach (var (type, member, present) in members)
        {
            if (type == filter.Type && !present)
            {
                at[member].Reject($"A filter of type {type} needs {member}; add it.");
            }
            else if (type != filter.Type && present)
            {
                at[member].Reject($"A filter of type {filter.Type} cannot have {member}; use a filter of its own with type {type}.");
            }
        }
    }

    /// <summary>The protocol decides which of two members is wanted.</summary>
    private static void CheckExternalAuth(Place at, HTTPExternalAuthFilter? filter)
    {
        if (filter is null)
        {
            return;
        }

        SharedRules.Required(at, "protocol", filter.Protocol is not null, "use HTTP or GRPC.");
        SharedRules.Required(at, "backendRef", filter.BackendRef is not null, "name the authorizer's Service and port.");
        if (filter.BackendRef is { } backend)
        {
            SharedRules.Required(at["backendRef"], "name", !string.IsNullOrEmpty(backend.Name), "name the authorizer's Service.");
            GatewayApiReferences.Check(at["backendRef"], backend.Group, backend.Kind);
            GatewayApiReferences.CheckNamespace(at["backendRef"], backend.Namespace);
            SharedRules.Required(at["backendRef"], "port",
                backend.Port is not null || !string.IsNullOrEmpty(backend.Group) || backend.Kind is not (null or "Service"),
                "a Service needs a port.");
        }

        (string Protocol, string Member, bool Present)[] members =
        [
            (HTTPExternalAuthProtocol.Grpc, "grpc", filter.Grpc is not null),
            (HTTPExternalAuthProtocol.Http, "http", filter.Http is not null),
        ];
        foreach (var (protocol, member, present) in members)
        {
            if (filter.Protocol == protocol && !present)
            {
                at[member].Reject($"Protocol {protocol} needs {member}; add it, for example {member}: {{}}.");
            }
            else if (filter.Protocol is { } other && other != protocol && present)
            {
                at[member].Reject($"Protocol {other} cannot have {member}; remove it, or use protocol {protocol}.");
            }
        }
    }

    private static void CheckHeaders(Place at, HTTPHeaderFilter? filter)
    {
        foreach (var (operation, headers) in new[] { ("set", filter?.Set), ("add", filter?.Add) })
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < (headers?.Count ?? 0); i++)
            {
                CheckHeader(at[operation][i], headers!.Value[i], names);
            }
        }
    }

    private static void CheckHeader(Place at, HTTPHeader header, HashSet<string> names)
    {
        if (header.Name is not { } name || !HttpHeaders.IsToken(name))
        {
            at["name"].Reject($"\"{header.Name}\" is not a header name; use letters, digits and hyphens.");
        }
        else if (!names.Add(name))
        {
            at["name"].Reject($"\"{name}\" is named twice; keep one.");
        }

        if (string.IsNullOrEmpty(header.Value))
        {
            at["value"].Reject("value is missing; write the header's value.");
        }
        else if (!IsValue(header.Value))
        {
            at["value"].Reject($"\"{header.Value}\" is not a header value; use printable ASCII, with single spaces inside only.");
        }
    }

    /// <summary>Visible characters, with at most one space or tab between two of them.</summary>
    private static bool IsValue(string value)
    {
        var wasSpace = true;
        foreach (var c in value)
        {
            var isSpace = c is ' ' or '\t';
            if ((isSpace && wasSpace) || !(isSpace || c is >= '!' and <= '~'))
            {
                return false;
            }

            wasSpace = isSpace;
        }

        return !wasSpace;
    }

    private static void CheckMirror(Place at, HTTPRequestMirrorFilter? mirror)
    {
        if (mirror is null)
        {
            return;
        }

        if (mirror.BackendRef is { } backend)
        {
            GatewayApiRouteRules.CheckBackend(at["backendRef"], backend.Name, backend.Group, backend.Kind, backend.Port);
        }
        else
        {
            at["backendRef"].Reject("backendRef is missing; say where the copies go.");
        }

        if (mirror is { Percent: not null, Fraction: not null })
        {
            at["fraction"].Reject("percent and fraction exclude each other; keep one of the two.");
        }

        SharedRules.CheckPercent(at["percent"], mirror.Percent);
        if (mirror.Fraction is { } fraction
            && (fraction.Numerator is null or < 0 || fraction.Denominator < 1 || fraction.Numerator > (fraction.Denominator ?? 100)))
        {
            at["fraction"].Reject(
                $"{fraction.Numerator}/{fraction.Denominator ?? 100} is not a share; the numerator is 0 up to the denominator.");
        }
    }

    private static void CheckRedirect(Place at, HTTPRequestRedirectFilter? redirect, bool hasOnePrefix)
    {
        if (redirect is null)
        {
            return;
        }

        if (redirect.Scheme is not (null or "http" or "https"))
        {
            at["scheme"].Reject($"\"{redirect.Scheme}\" is not possible; use http or https.");
        }

        if (redirect.StatusCode is not (null or 301 or 302 or 303 or 307 or 308))
        {
            at["statusCode"].Reject($"{redirect.StatusCode} is not a redirect; use 301, 302, 303, 307 or 308.");
        }

        if (redirect.Port is { } port)
        {
            SharedRules.CheckPort(at["port"], port);
        }

        CheckHost(at["hostname"], redirect.Hostname);
        CheckPath(at["path"], redirect.Path, hasOnePrefix);
    }

    private static void CheckHost(Place at, string? hostname)
    {
        if (hostname is not null && (hostname.StartsWith('*') || GatewayApiRouteRules.CheckHostname(hostname) is not null))
        {
            at.Reject($"\"{hostname}\" is not one host name; use lower-case labels joined by dots.");
        }
    }

    private static void CheckPath(Place at, HTTPPathModifier? path, bool hasOnePrefix)
    {
        if (path is null)
        {
            return;
        }

        if (path.Type is null)
        {
            at["type"].Reject("type is missing; use ReplaceFullPath or ReplacePrefixMatch.");
        }
        else if ((path.Type == HTTPPathModifierType.ReplaceFullPath) != (path.ReplaceFullPath is not null)
            || (path.Type == HTTPPathModifierType.ReplacePrefixMatch) != (path.ReplacePrefixMatch is not null))
        {
            at.Reject($"type {path.Type} needs {FieldName(path.Type)}, and no other; correct the field.");
        }

        if (path.ReplacePrefixMatch is not null && !hasOnePrefix)
        {
            at["replacePrefixMatch"].Reject(
                "replacePrefixMatch needs exactly one match of type PathPrefix; split the rule, or use ReplaceFullPath.");
        }
    }

    private static string FieldName(string type) => type == HTTPPathModifierType.ReplaceFullPath ? "replaceFullPath" : "replacePrefixMatch";
}
