using System.Buffers;
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
    private const int MaxMatches = 128;

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("-._~/%!$&'()*+,;=:@0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] NotNormal = ["//", "/./", "/../", "%2f", "%2F", "#"];

    public static void Check(Place at, HTTPRoute route)
    {
        var (place, spec) = (at["spec"], route.Spec);
        if (spec.Rules.Sum(rule => rule.Matches.Count) is var matches and > MaxMatches)
        {
            place["rules"].Reject($"The rules have {matches} matches together; at most {MaxMatches} are allowed.");
        }

        CheckParents(place["parentRefs"], spec.ParentRefs);

        for (var i = 0; i < spec.Hostnames.Count; i++)
        {
            place["hostnames"][i].Reject(CheckHostname(spec.Hostnames[i]));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Rules.Count; i++)
        {
            CheckRule(place["rules"][i], spec.Rules[i]);
            if (spec.Rules[i].Name is { } name && (!DnsNames.IsSubdomain(name) || !names.Add(name)))
            {
                place["rules"][i]["name"].Reject(DnsNames.IsSubdomain(name)
                    ? $"Two rules have the name \"{name}\"; rename one."
                    : $"\"{name}\" is not the name of a rule; use lower-case letters, digits and hyphens.");
            }
        }
    }

    /// <summary>A lower-case DNS name, with a wildcard at most as its whole first label; no IP address.</summary>
    public static string? CheckHostname(string hostname) =>
        IpAddresses.IsAddress(hostname) ? $"\"{hostname}\" is an IP address; write a DNS name."
        : DnsNames.IsSubdomain(hostname.StartsWith("*.", StringComparison.Ordinal) ? hostname[2..] : hostname) ? null
        : $"\"{hostname}\" is not a host name; use lower-case labels joined by dots, at most with *. in front.";

    private static void CheckParents(Place at, EquatableArray<ParentReference> parents)
    {
        var seen = new Dictionary<(string, string, string?, string), ParentReference>();
        var sections = new HashSet<(string, string, string?, string, string, int)>();
        for (var i = 0; i < parents.Count; i++)
        {
            var (parent, place) = (parents[i], at[i]);
            CheckParent(place, parent);
            var key = (parent.Group ?? "gateway.networking.k8s.io", parent.Kind ?? "Gateway", parent.Name, parent.Namespace ?? "");
            var (section, port) = (parent.SectionName ?? "", parent.Port ?? 0);
            if (!sections.Add((key.Item1, key.Item2, key.Name, key.Item4, section, port)))
            {
                place.Reject($"\"{parent.Name}\" is named twice with the same sectionName and port; remove one.");
            }
            else if (seen.TryGetValue(key, out var first)
                && (string.IsNullOrEmpty(first.SectionName) != (section.Length == 0) || (first.Port ?? 0) == 0 != (port == 0)))
            {
                place.Reject($"\"{parent.Name}\" is named several times; give all of these references a sectionName, or all a port.");
            }

            seen.TryAdd(key, parent);
        }
    }

    private static void CheckParent(Place at, ParentReference parent)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(parent.Name),
            "name the Gateway, or the Service, that the route attaches to.");
        GatewayApiReferences.Check(at, parent.Group, parent.Kind);
        GatewayApiReferences.CheckNamespace(at, parent.Namespace);
        if (parent.SectionName is { } section && !DnsNames.IsSubdomain(section))
        {
            at["sectionName"].Reject($"\"{section}\" is not the name of a listener; use lower-case letters, digits and hyphens.");
        }

        if (parent.Port is { } port)
        {
            SharedRules.CheckPort(at["port"], port);
        }
    }

    private static void CheckRule(Place at, HTTPRouteRule rule)
    {
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
            GatewayApiReferences.CheckNamespace(place, backend.Namespace);
            if (backend.Weight is < 0 or > 1_000_000)
            {
                place["weight"].Reject($"{backend.Weight} is not a weight; write 0 to 1000000.");
            }

            GatewayApiFilterRules.Check(place["filters"], backend.Filters, hasOnePrefix);
        }

        CheckTimeouts(at["timeouts"], rule.Timeouts);
        CheckRetry(at["retry"], rule.Retry);
        CheckSession(at["sessionPersistence"], rule.SessionPersistence);
    }

    private static void CheckRetry(Place at, HTTPRouteRetry? retry)
    {
        for (var i = 0; i < (retry?.Codes.Count ?? 0); i++)
        {
            if (retry!.Codes[i] is < 400 or > 599)
            {
                at["codes"][i].Reject($"{retry.Codes[i]} is not an error status; write 400 to 599.");
            }
        }

        if (retry?.Attempts < 1)
        {
            at["attempts"].Reject($"{retry.Attempts} retries are none; write 1 or more, or remove retry.");
        }

        CheckDuration(at["backoff"], retry?.Backoff);
    }

    private static void CheckSession(Place at, SessionPersistence? session)
    {
        if (session is null)
        {
            return;
        }

        CheckDuration(at["absoluteTimeout"], session.AbsoluteTimeout);
        CheckDuration(at["idleTimeout"], session.IdleTimeout);
        if ((session.Cookie ?? session.CookieConfig)?.LifetimeType == "Permanent" && session.AbsoluteTimeout is null)
        {
            at["absoluteTimeout"].Reject("absoluteTimeout is missing; a permanent cookie needs one.");
        }

        if (session.Type == "Header" && session.Cookie is not null)
        {
            at["cookie"].Reject("Type Header has no cookie; remove it.");
        }

        if (session.Type is null or "Cookie" && session.Header is not null)
        {
            at["header"].Reject("Type Cookie has no header; set type: Header, or remove it.");
        }
    }

    /// <summary>A reference to a backend; a Service needs a port.</summary>
    public static void CheckBackend(Place at, string? name, string? group, string? kind, int? port)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(name), "name the Service that gets the requests.");
        GatewayApiReferences.Check(at, group, kind);
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

        var (headers, parameters) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < match.Headers.Count; i++)
        {
            CheckValue(at["headers"][i], match.Headers[i].Name, match.Headers[i].Type, match.Headers[i].Value, headers);
        }

        for (var i = 0; i < match.QueryParams.Count; i++)
        {
            var parameter = match.QueryParams[i];
            CheckValue(at["queryParams"][i], parameter.Name, parameter.Type, parameter.Value, parameters);
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
        else if (!IsPath(value))
        {
            at.Reject($"\"{value}\" has characters that no path has as they are; write them percent-encoded.");
        }
    }

    /// <summary>RFC 3986 pchar and slashes, with complete percent-encodings.</summary>
    private static bool IsPath(string value)
    {
        for (var i = value.IndexOf('%', StringComparison.Ordinal); i >= 0; i = value.IndexOf('%', i + 1))
        {
            if (i + 2 >= value.Length || !char.IsAsciiHexDigit(value[i + 1]) || !char.IsAsciiHexDigit(value[i + 2]))
            {
                return false;
            }
        }

        return !value.AsSpan().ContainsAnyExcept(PathCharacters);
    }

    private static void CheckValue(Place at, string? name, string? type, string? value, HashSet<string> names)
    {
        if (name is null || !HttpHeaders.IsToken(name))
        {
            at["name"].Reject($"\"{name}\" is not a name; use letters, digits and hyphens.");
        }
        else if (!names.Add(name))
        {
            at["name"].Reject($"\"{name}\" is matched twice; keep one.");
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
}
