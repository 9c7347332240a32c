using System.Net;
using System.Text;
using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in an HTTP route of a VirtualService.
/// Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
/// </summary>
internal static class HttpRouteRules
{
    private const int Kilobyte = 1024;

    public static void Check(Place at, HTTPRoute route, bool isDelegate, bool gatewaysOnly)
    {
        CheckConflicts(at, route, isDelegate);
        for (var i = 0; i < route.Match.Count; i++)
        {
            HttpMatchRules.Check(at["match"][i], route.Match[i], gatewaysOnly);
        }

        HeaderRules.Check(at["headers"], route.Headers);
        CheckDestinations(at["route"], route.Route);
        if (route.Redirect is { } redirect)
        {
            CheckRedirect(at["redirect"], redirect, route.Match);
        }

        if (route.DirectResponse is { } response)
        {
            CheckDirectResponse(at["directResponse"], response);
        }

        if (route.Rewrite is { } rewrite)
        {
            CheckRewrite(at["rewrite"], rewrite);
        }

        CheckAuthority(at, route);
        if (route.Fault is { } fault)
        {
            FaultRules.Check(at["fault"], fault);
        }

        if (route.Retries is { } retries)
        {
            RetryRules.Check(at["retries"], retries);
        }

        if (route.CorsPolicy is { } cors)
        {
            CorsRules.Check(at["corsPolicy"], cors);
        }

        CheckMirrors(at, route);
        SharedRules.CheckDuration(at["timeout"], route.Timeout);
    }

    private static void CheckConflicts(Place at, HTTPRoute route, bool isDelegate)
    {
        if (route.Delegate is not null && !isDelegate)
        {
            Exclude(at, "delegate", ("redirect", route.Redirect is not null), ("route", !route.Route.IsAbsent));
            return;
        }

        if (route.Delegate is not null)
        {
            at["delegate"].Reject("A delegate cannot delegate again; put the rules here.");
        }

        if (route.Redirect is not null)
        {
            Exclude(at, "redirect", ("route", !route.Route.IsEmpty), ("fault", route.Fault is not null),
                ("rewrite", route.Rewrite is not null),
                ("directResponse", route.DirectResponse is not null));
        }
        else if (route.DirectResponse is not null)
        {
            Exclude(at, "directResponse", ("route", !route.Route.IsEmpty), ("fault", route.Fault is not null),
                ("rewrite", route.Rewrite is not null));
        }
        else if (route.Route.IsEmpty)
        {
            at.Reject("The rule does nothing with the request; add route, redirect or directResponse.");
        }

        if (route.Mirror is not null && !route.Mirrors.IsEmpty)
        {
            at["mirror"].Reject("mirror and mirrors exclude each other; move mirror into mirrors.");
        }
    }

    private static void Exclude(Place at, string member, params ReadOnlySpan<(string Name, bool Present)> others)
    {
        foreach (var (name, present) in others)
        {
            if (present)
            {
                at[name].Reject($"{name} and {member} exclude each other; keep one of the two.");
            }
        }
    }

    private static void CheckDestinations(Place at, EquatableArray<HTTPRouteDestination> route)
    {
        for (var i = 0; i < route.Count; i++)
        {
            RouteDestinationRules.CheckRequired(at[i], route[i].Destination);
            RouteDestinationRules.CheckWeight(at[i]["weight"], route[i].Weight);
            HeaderRules.Check(at[i]["headers"], route[i].Headers);
        }

        RouteDestinationRules.CheckTotal(at, route.Count, route.Sum(destination => (long)(destination.Weight ?? 0)));
    }

    private static void CheckRedirect(Place at, HTTPRedirect redirect, EquatableArray<HTTPMatchRequest> matches)
    {
        var hasPrefixRewrite = !string.IsNullOrEmpty(redirect.PrefixRewrite);
        if (!string.IsNullOrEmpty(redirect.Uri) && hasPrefixRewrite)
        {
            at["prefixRewrite"].Reject("uri and prefixRewrite exclude each other; keep one of the two.");
        }

        if (hasPrefixRewrite && matches.Any(match => match.Uri is { Prefix: null }))
        {
            at["prefixRewrite"].Reject(
                "prefixRewrite replaces a matched prefix, and a match of this rule is exact or a regex; match by prefix, or use uri.");
        }

        if (redirect.Port is not null && redirect.DerivePort is not null)
        {
            at["derivePort"].Reject("port and derivePort exclude each other; keep one of the two.");
        }

        if (string.IsNullOrEmpty(redirect.Uri) && !hasPrefixRewrite && string.IsNullOrEmpty(redirect.Authority)
            && redirect.Port is null && redirect.DerivePort is null && string.IsNullOrEmpty(redirect.Scheme))
        {
            at.Reject("The redirect leads nowhere else; add uri, prefixRewrite, authority, scheme or port.");
        }

        if (redirect.RedirectCode is not (null or 0 or (>= 300 and <= 399)))
        {
            at["redirectCode"].Reject($"{redirect.RedirectCode} is not a redirect; use 301, 302, 303, 307 or 308.");
        }

        if (redirect.Scheme is not (null or "" or "http" or "https"))
        {
            at["scheme"].Reject($"\"{redirect.Scheme}\" is not possible; use http or https.");
        }

        if (redirect.Port is { } port and not 0)
        {
            SharedRules.CheckPort(at["port"], port);
        }
    }

    private static void CheckDirectResponse(Place at, HTTPDirectResponse response)
    {
        SharedRules.Required(at, "status", response.Status is not null, "a direct response needs a status code.");
        if (response.Status is { } status)
        {
            CheckStatus(at["status"], status);
        }

        if (response.Body is not { } body)
        {
            return;
        }

        if (body.Text is not null && body.Bytes is not null)
        {
            at["body"]["bytes"].Reject("string and bytes exclude each other; keep one of the two.");
        }

        var size = body.Text is { } text ? Encoding.UTF8.GetByteCount(text) : (body.Bytes?.Length ?? 0) / 4 * 3;
        if (size > Kilobyte * Kilobyte)
        {
            at["body"].Reject($"The body has {size} bytes; at most 1 MiB is allowed.");
        }
        else if (size > 100 * Kilobyte)
        {
            at["body"].Warn($"The body has {size} bytes; more than 100 KiB slows the control plane down.");
        }
    }

    /// <summary>A status that a proxy can answer. Istio takes 600 too.</summary>
    public static void CheckStatus(Place at, long status)
    {
        if (status is < 200 or > 600)
        {
            at.Reject($"{status} is not a status that can be answered; use 200 to 599.");
        }
    }

    private static void CheckRewrite(Place at, HTTPRewrite rewrite)
    {
        if (!string.IsNullOrEmpty(rewrite.Uri) && rewrite.UriRegexRewrite is not null)
        {
            at["uriRegexRewrite"].Reject("uri and uriRegexRewrite exclude each other; keep one of the two.");
        }

        if (string.IsNullOrEmpty(rewrite.Uri) && rewrite.UriRegexRewrite is null && string.IsNullOrEmpty(rewrite.Authority))
        {
            at.Reject("The rewrite changes nothing; add uri, uriRegexRewrite or authority.");
        }

        if (rewrite.UriRegexRewrite is { } regex)
        {
            CheckRegexRewrite(at["uriRegexRewrite"], regex);
        }
    }

    private static void CheckRegexRewrite(Place at, RegexRewrite regex)
    {
        if (string.IsNullOrEmpty(regex.Match) || string.IsNullOrEmpty(regex.Rewrite))
        {
            at.Reject("uriRegexRewrite needs both match and rewrite; add the missing one.");
            return;
        }

        if (Regexes.CheckPattern(regex.Match) is { } fault)
        {
            at["match"].Reject(fault);
        }
        else
        {
            at["rewrite"].Reject(Regexes.CheckSubstitution(regex.Match, regex.Rewrite));
        }
    }

    /// <summary>Only one of rewrite.authority and the header operations may change the authority.</summary>
    private static void CheckAuthority(Place at, HTTPRoute route)
    {
        var current = route.Rewrite?.Authority;
        var request = route.Headers?.Request;
        foreach (var (operation, headers) in new[] { ("set", request?.Set), ("add", request?.Add) })
        {
            foreach (var (name, value) in headers ?? default)
            {
                if (!HttpHeaders.IsAuthority(name))
                {
                    continue;
                }

                if (!string.IsNullOrEmpty(current))
                {
                    at["headers"]["request"][operation][name].Reject(
                        $"The authority is already changed to \"{current}\"; change it in one place.");
                }

                current = value;
            }
        }
    }

    private static void CheckMirrors(Place at, HTTPRoute route)
    {
        if (route.Mirror is { } mirror)
        {
            RouteDestinationRules.Check(at["mirror"], mirror);
        }

        CheckOldPercent(at["mirrorPercent"], route.MirrorPercent);
        CheckOldPercent(at["mirror_percent"], route.MirrorPercentSnakeCase);

        CheckMirrorPercentage(at["mirrorPercentage"], route.MirrorPercentage?.Value);
        for (var i = 0; i < route.Mirrors.Count; i++)
        {
            RouteDestinationRules.CheckRequired(at["mirrors"][i], route.Mirrors[i].Destination);
            CheckMirrorPercentage(at["mirrors"][i]["percentage"], route.Mirrors[i].Percentage?.Value);
        }
    }

    private static void CheckOldPercent(Place at, uint? percent)
    {
        SharedRules.CheckPercent(at, percent);
        if (percent is not null)
        {
            at.Warn($"The field is deprecated; use mirrorPercentage: {{value: {percent}}}.");
        }
    }

    private static void CheckMirrorPercentage(Place at, double? value)
    {
        if (value is < 0 or > 100)
        {
            at["value"].Reject(FormattableString.Invariant($"{value} is not a percentage; write 0 to 100."));
        }
    }
}
