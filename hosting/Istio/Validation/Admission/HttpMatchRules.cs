using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// The conditions of an HTTP route.
/// Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
/// </summary>
internal static class HttpMatchRules
{
    public static void Check(Place at, HTTPMatchRequest match, bool gatewaysOnly)
    {
        // An empty prefix is everything for a path, but Envoy has no empty prefix for any other text.
        CheckString(at["uri"], match.Uri, mayBeEmptyPrefix: true);
        CheckString(at["scheme"], match.Scheme);
        CheckString(at["method"], match.Method);
        CheckString(at["authority"], match.Authority);
        CheckHeaders(at["headers"], match.Headers, gatewaysOnly);
        CheckHeaders(at["withoutHeaders"], match.WithoutHeaders, gatewaysOnly);
        foreach (var (name, value) in match.QueryParams)
        {
            CheckString(at["queryParams"][name], value);
        }

        if (match.Port is { } port and not 0)
        {
            SharedRules.CheckPort(at["port"], port);
        }

        SharedRules.CheckLabels(at["sourceLabels"], match.SourceLabels);
        SharedRules.CheckGatewayNames(at["gateways"], match.Gateways);
        if (match.SourceNamespace is { Length: > 0 } space && !DnsNames.IsLabel(space))
        {
            at["sourceNamespace"].Reject($"\"{space}\" is not a namespace; use letters, digits and hyphens.");
        }
    }

    /// <summary>One of exact, prefix and regex, the last in RE2's syntax.</summary>
    public static void CheckString(Place at, StringMatch? match, bool mayBeEmptyPrefix = false)
    {
        if (match is null)
        {
            return;
        }

        var kinds = new[] { ("exact", match.Exact), ("prefix", match.Prefix), ("regex", match.Regex) }
            .Where(kind => kind.Item2 is not null).Select(kind => kind.Item1).ToArray();
        if (kinds.Length > 1)
        {
            at.Reject($"{string.Join(" and ", kinds)} exclude each other; keep one of them.");
        }

        if (match.Prefix is "" && !mayBeEmptyPrefix)
        {
            at["prefix"].Reject("The prefix is empty; write the beginning to look for, or {} for any value.");
        }

        if (match.Regex is { } regex)
        {
            at["regex"].Reject(Regexes.CheckPattern(regex));
        }
    }

    private static void CheckHeaders(Place at, EquatableDictionary<StringMatch> headers, bool gatewaysOnly)
    {
        foreach (var (name, value) in headers)
        {
            at[name].Reject(HttpHeaders.CheckMatchName(name));
            if (HttpHeaders.IsClaim(name) && !gatewaysOnly)
            {
                at[name].Reject(
                    $"\"{name}\" matches a claim of a token, which only a gateway reads; bind the VirtualService to gateways, without "
                    + "mesh.");
            }

            // "*" alone is no regex but Istio's word for presence.
            if (value.Regex != "*")
            {
                CheckString(at[name], value);
            }
        }
    }
}
