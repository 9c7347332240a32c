using Istio.Documents;
using Istio.GatewayApi;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What the Gateway API's schema checks in an HTTPRoute.
/// Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproute
/// </summary>
internal static class GatewayApiRouteRules
{
    private const int MaxParents = 32;
    private const int MaxHostnames = 16;
    private const int MaxRules = 16;
    private const int MaxMatches = 128;

    private static readonly string[] NotNormal = ["//", "/./", "/../", "%2f", "%2F", "#"];

    public static void Check(Place at, HTTPRoute route)
    {
        var (place, spec) = (at["spec"], route.Spec);
        CheckCount(place["parentRefs"], spec.ParentRefs.Count, MaxParents);
        CheckCount(place["hostnames"], spec.Hostnames.Count, MaxHostnames);
        CheckCount(place["rules"], spec.Rules.Count, MaxRules);
        if (spec.Rules.Sum(rule => rule.Matches.Count) is var matches and > MaxMatches)
        {
            place["rules"].Reject($"The rules have {matches} matches together; at most {MaxMatches} are allowed.");
        }

        for (var i = 0; i < spec.ParentRefs.Count; i++)
        {
            CheckParent(place["parentRefs"][i], spec.ParentRefs[i]);
        }

        for (var i = 0; i < spec.Hostnames.Count; i++)
        {
            place["hostnames"][i].Reject(CheckHostname(spec.Hostnames[i]));
        }

        for (var i = 0; i < spec.Rules.Count; i++)
        {
            CheckRule(place["rules"][i], spec.Rules[i]);
        }
    }

    /// <summary>A lower-case DNS name, with a wildcard at most as its whole first label; no IP address.</summary>
    public static string? CheckHostname(string hostname) =>
        IpAddresses.IsAddress(hostname) ? $"\"{hostname}\" is an IP address; write a DNS name."
        : DnsNames.IsSubdomain(hostname.StartsWith("*.", StringComparison.Ordinal) ? hostname[2..] : hostname) ? null
        : $"\"{hostname}\" is not a host name; use lower-case labels joined by dots, at most with *. in front.";

    private static void CheckParent(Place at, ParentReference parent)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(parent.Name),
            "name the Gateway, or the Service, that the route attaches to.");
        if (parent.Port is { } port)
        {
            SharedRules.CheckPort(at["port"], port);
        }
    }

    private static void CheckRule(Place at, HTTPRouteRule rule)
    {
        CheckCount(at["matches"], rule.Matches.Count, 64);
        CheckCount(at["filters"], rule.Filters.Count, 16);
        CheckCount(at["backendRefs"], rule.BackendRefs.Count, 16);
        for (var i = 0; i < rule.Matches.Count; i++)
        {
            CheckMatch(at["matches"][i], rule.Matches[i]);
        }

        var hasOnePrefix = rule.Matches.Count == 0
            || (rule.Matches.Count == 1 && rule.Matches[0].Path?.Type is null or PathMatchType.PathPrefix);
        GatewayApiFilterRules.Check(at["filters"], rule.Filters, hasOnePrefix);
        if (rule.Filters.Any(filter => filter.RequestRedirect is not null) && !rule.BackendRefs.IsEmpty)
        {
            at["backendRefs"].Reject("A redirected request reaches no backend; remove backendRefs, or the RequestRedirect filter.");
        }

        for (var i = 0; i < rule.BackendRefs.Count; i++)
        {
            var (backend, place) = (rule.BackendRefs[i], at["backendRefs"][i]);
            CheckBackend(place, backend.Name, backend.Group, backend.Kind, backend.Port);
            if (backend.Weight is < 0 or > 1_000_000)
            {
                place["weight"].Reject($"{backend.Weight} is not a weight; write 0 to 1000000.");
            }

            GatewayApiFilterRules.Check(place["filters"], backend.Filters, hasOnePrefix);
        }

        CheckTimeouts(at["timeouts"], rule.Timeouts);
        for (var i = 0; i < (rule.Retry?.Codes.Count ?? 0); i++)
        {
            if (rule.Retry!.Codes[i] is < 400 or > 599)
            {
                at["retry"]["codes"][i].Reject($"{rule.Retry.Codes[i]} is not an error status; write 400 to 599.");
            }
        }
    }

    /// <summary>A reference to a backend; a Service needs a port.</summary>
    public static void CheckBackend(Place at, string? name, string? group, string? kind, int? port)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(name), "name the Service that gets the requests.");
        if (port is { } number)
        {
            SharedRules.CheckPort(at["port"], number);
        }
        else if (string.IsNullOrEmpty(group) && kind is null or "Service")
        {
            at["port"].Reject("port is missing; a reference to a Service needs its port.");
        }
    }

    private static void CheckMatch(Place at, HTTPRouteMatch match)
    {
        if (match.Path is { } path)
        {
            CheckPath(at["path"]["value"], path.Type ?? PathMatchType.PathPrefix, path.Value ?? "/");
        }

        CheckCount(at["headers"], match.Headers.Count, 16);
        CheckCount(at["queryParams"], match.QueryParams.Count, 16);
        for (var i = 0; i < match.Headers.Count; i++)
        {
            CheckValue(at["headers"][i], match.Headers[i].Name, match.Headers[i].Type, match.Headers[i].Value);
        }

        for (var i = 0; i < match.QueryParams.Count; i++)
        {
            CheckValue(at["queryParams"][i], match.QueryParams[i].Name, match.QueryParams[i].Type, match.QueryParams[i].Value);
        }
    }

    private static void CheckPath(Place at, string type, string value)
    {
        if (type == PathMatchType.RegularExpression)
        {
            at.Reject(Regexes.CheckPattern(value));
        }
        else if (!value.StartsWith('/'))
        {
            at.Reject($"\"{value}\" is not a path; paths begin with a slash.");
        }
        else if (NotNormal.FirstOrDefault(part => value.Contains(part, StringComparison.Ordinal)) is { } part)
        {
            at.Reject($"\"{value}\" contains {part}, which no normalised path has; remove it.");
        }
        else if (value.EndsWith("/..", StringComparison.Ordinal) || value.EndsWith("/.", StringComparison.Ordinal))
        {
            at.Reject($"\"{value}\" ends in dots, which no normalised path does; remove them.");
        }
    }

    private static void CheckValue(Place at, string? name, string? type, string? value)
    {
        if (name is null || !HttpHeaders.IsToken(name))
        {
            at["name"].Reject($"\"{name}\" is not a name; use letters, digits and hyphens.");
        }

        if (string.IsNullOrEmpty(value))
        {
            at["value"].Reject("value is missing; write what to compare with.");
        }
        else if (type == HeaderMatchType.RegularExpression)
        {
            at["value"].Reject(Regexes.CheckPattern(value));
        }
    }

    private static void CheckTimeouts(Place at, HTTPRouteTimeouts? timeouts)
    {
        CheckDuration(at["request"], timeouts?.Request);
        CheckDuration(at["backendRequest"], timeouts?.BackendRequest);
        if (timeouts?.Request?.Value is { Ticks: > 0 } request && timeouts.BackendRequest?.Value > request)
        {
            at["backendRequest"].Reject(
                $"backendRequest ({timeouts.BackendRequest}) is longer than request ({timeouts.Request}); make it shorter.");
        }
    }

    // GEP-2257: up to four parts, each of up to five digits and h, m, s or ms; no fractions.
    private static void CheckDuration(Place at, Duration? duration)
    {
        if (duration is { } written
            && (written.Value is not { Ticks: >= 0 } || written.Text.ContainsAny('.', '-', '+') || written.Text == "0"
            || written.Text.Contains("us", StringComparison.Ordinal) || written.Text.Contains("ns", StringComparison.Ordinal)))
        {
            at.Reject($"\"{written.Text}\" is not a duration of the Gateway API; write whole h, m, s and ms, such as 1m30s or 500ms.");
        }
    }

    public static void CheckCount(Place at, int count, int limit)
    {
        if (count > limit)
        {
            at.Reject($"There are {count} entries; at most {limit} are allowed.");
        }
    }
}
