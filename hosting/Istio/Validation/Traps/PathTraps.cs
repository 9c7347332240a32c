using Istio.Networking;

namespace Istio.Validation.Traps;

/// <summary>
/// Prefixes of a VirtualService compare and replace characters, not segments of the path.
/// Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite
/// </summary>
internal static class PathTraps
{
    public static void Check(Place at, HTTPRoute route)
    {
        for (var i = 0; i < route.Match.Count; i++)
        {
            if (route.Match[i].Uri is not { Prefix: { Length: > 0 } prefix })
            {
                continue;
            }

            // A prefix that ends in another character, such as "/v1." or "/item-", is meant as raw text.
            if (char.IsLetterOrDigit(prefix[^1]))
            {
                at["match"][i]["uri"]["prefix"].Report(TrapCodes.PrefixMatchesMore,
                    $"\"{prefix}\" also matches {prefix}x and every longer word; match exact: {prefix} and prefix: {prefix}/ instead.");
            }

            CheckRewrite(at["rewrite"]["uri"], prefix, route.Rewrite?.Uri);
            CheckRewrite(at["redirect"]["prefixRewrite"], prefix, route.Redirect?.PrefixRewrite);
        }
    }

    private static void CheckRewrite(Place at, string prefix, string? rewrite)
    {
        if (string.IsNullOrEmpty(rewrite) || prefix.EndsWith('/') == rewrite.EndsWith('/'))
        {
            return;
        }

        var (path, result) = prefix.EndsWith('/') ? (prefix + "ping", rewrite + "ping") : (prefix + "/ping", rewrite + "/ping");
        at.Report(TrapCodes.RewriteSlashes, prefix.EndsWith('/')
            ? $"\"{rewrite}\" in place of \"{prefix}\" turns {path} into {result}; end the rewrite with a slash too."
            : $"\"{rewrite}\" in place of \"{prefix}\" turns {path} into {result}; match exact: {prefix} and prefix: {prefix}/, or use "
                + "uriRegexRewrite.");
    }
}
