using System.Diagnostics.CodeAnalysis;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Routing.VirtualServices;

/// <summary>Puts a delegate's rule in the place of the rule that delegates to it.</summary>
/// <remarks>istio, pilot/pkg/model/virtualservice.go, <c>mergeHTTPRoute</c>.</remarks>
internal static class DelegateMerge
{
    /// <summary>
    /// The delegate's rule with what it does not say itself taken from the other; false when its matches are no part of the other's.
    /// </summary>
    public static bool TryMerge(HTTPRoute root, HTTPRoute leaf, [NotNullWhen(true)] out HTTPRoute? merged)
    {
        merged = null;
        if (!TryMergeMatches(root.Match, leaf.Match, out var matches))
        {
            return false;
        }

        merged = leaf with
        {
            Match = matches,
            Name = string.IsNullOrEmpty(leaf.Name) ? root.Name : string.IsNullOrEmpty(root.Name) ? leaf.Name : $"{root.Name}-{leaf.Name}",
            Rewrite = leaf.Rewrite ?? root.Rewrite,
            DirectResponse = leaf.DirectResponse ?? root.DirectResponse,
            Timeout = leaf.Timeout ?? root.Timeout,
            Retries = leaf.Retries ?? root.Retries,
            Fault = leaf.Fault ?? root.Fault,
            Mirror = leaf.Mirror ?? root.Mirror,
            MirrorPercent = leaf.MirrorPercent ?? root.MirrorPercent,
            MirrorPercentSnakeCase = leaf.MirrorPercentSnakeCase ?? root.MirrorPercentSnakeCase,
            MirrorPercentage = leaf.MirrorPercentage ?? root.MirrorPercentage,
            CorsPolicy = leaf.CorsPolicy ?? root.CorsPolicy,
            Mirrors = leaf.Mirrors.IsEmpty ? root.Mirrors : leaf.Mirrors,
            Headers = leaf.Headers ?? root.Headers,
        };
        return true;
    }

    /// <summary>Every match of the delegate must be a part of at least one of the root's, and is merged with each of those.</summary>
    private static bool TryMergeMatches(
        EquatableArray<HTTPMatchRequest> root, EquatableArray<HTTPMatchRequest> leaf, out EquatableArray<HTTPMatchRequest> merged)
    {
        merged = root.IsEmpty ? leaf : root;
        if (root.IsEmpty || leaf.IsEmpty)
        {
            return true;
        }

        var matches = new List<HTTPMatchRequest>();
        foreach (var match in leaf)
        {
            var before = matches.Count;
            matches.AddRange(root.Where(other => !Conflict(other, match)).Select(other => Merge(other, match)));
            if (matches.Count == before)
            {
                return false;
            }
        }

        merged = [.. matches];
        return true;
    }

    private static HTTPMatchRequest Merge(HTTPMatchRequest root, HTTPMatchRequest leaf) => leaf with
    {
        Name = string.IsNullOrEmpty(leaf.Name) ? root.Name : string.IsNullOrEmpty(root.Name) ? leaf.Name : $"{root.Name}-{leaf.Name}",
        Uri = leaf.Uri ?? root.Uri,
        Scheme = leaf.Scheme ?? root.Scheme,
        Method = leaf.Method ?? root.Method,
        Authority = leaf.Authority ?? root.Authority,
        Headers = Merge(root.Headers, leaf.Headers),
        WithoutHeaders = Merge(root.WithoutHeaders, leaf.WithoutHeaders),
        QueryParams = Merge(root.QueryParams, leaf.QueryParams),
        Port = leaf.Port is null or 0 ? root.Port : leaf.Port,
        SourceLabels = Merge(root.SourceLabels, leaf.SourceLabels),
        SourceNamespace = string.IsNullOrEmpty(leaf.SourceNamespace) ? root.SourceNamespace : leaf.SourceNamespace,
        Gateways = leaf.Gateways.IsEmpty ? root.Gateways : leaf.Gateways,
        StatPrefix = string.IsNullOrEmpty(leaf.StatPrefix) ? root.StatPrefix : leaf.StatPrefix,
    };

    private static EquatableDictionary<T> Merge<T>(EquatableDictionary<T> root, EquatableDictionary<T> leaf) =>
        leaf.Aggregate(root, (merged, entry) => merged.With(entry.Key, entry.Value));

    private static bool Conflict(HTTPMatchRequest root, HTTPMatchRequest leaf) =>
        Conflict(root.Uri, leaf.Uri) || Conflict(root.Scheme, leaf.Scheme) || Conflict(root.Method, leaf.Method)
        || Conflict(root.Authority, leaf.Authority)
        || Conflict(root.Headers, leaf.Headers) || Conflict(root.WithoutHeaders, leaf.WithoutHeaders)
        || Conflict(root.QueryParams, leaf.QueryParams)
        || (root.IgnoreUriCase ?? false) != (leaf.IgnoreUriCase ?? false)
        || (root.Port > 0 && leaf.Port > 0 && root.Port != leaf.Port)
        || (!string.IsNullOrEmpty(root.SourceNamespace) && leaf.SourceNamespace != root.SourceNamespace)
        || leaf.SourceLabels.Any(label => root.SourceLabels.TryGetValue(label.Key, out var value) && value != label.Value)
        || (!root.Gateways.IsEmpty && leaf.Gateways.Any(gateway => !root.Gateways.Contains(gateway)))
        || (!root.Gateways.IsEmpty && root.Gateways.Count < leaf.Gateways.Count);

    private static bool Conflict(EquatableDictionary<StringMatch> root, EquatableDictionary<StringMatch> leaf) =>
        leaf.Any(entry => root.TryGetValue(entry.Key, out var match) && Conflict(match, entry.Value));

    /// <summary>True unless every text that the leaf takes is one that the root takes, as far as Istio looks.</summary>
    private static bool Conflict(StringMatch? root, StringMatch? leaf)
    {
        if (root is null || leaf is null)
        {
            return false;
        }

        var isLeafSet = IsSet(leaf.Regex) || IsSet(leaf.Prefix) || IsSet(leaf.Exact);
        var isRootSet = IsSet(root.Regex) || IsSet(root.Prefix) || IsSet(root.Exact);
        if ((IsSet(root.Regex) && isLeafSet) || (IsSet(leaf.Regex) && isRootSet))
        {
            return true;
        }

        if (IsSet(root.Exact))
        {
            return IsSet(leaf.Prefix) || (leaf.Exact ?? "") != root.Exact;
        }

        if (IsSet(root.Prefix) && (IsSet(leaf.Prefix) || IsSet(leaf.Exact)))
        {
            return !(IsSet(leaf.Prefix) ? leaf.Prefix : leaf.Exact!).StartsWith(root.Prefix, StringComparison.Ordinal);
        }

        return true;
    }

    private static bool IsSet([NotNullWhen(true)] string? text) => !string.IsNullOrEmpty(text);
}
