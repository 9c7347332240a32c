using System.Collections.Immutable;
using Gateway.Clusters;
using Istio.Documents;
using Istio.Networking;
using Istio.Re2;

namespace Gateway.Routing.VirtualServices;

/// <summary>Compiles what a rule does with a request that it forwards: istio's <c>applyHTTPRouteDestination</c>.</summary>
/// <param name="listener">The listener.</param>
/// <param name="findings">Receives what cannot be executed.</param>
internal sealed class ForwardCompiler(ProxyListener listener, List<Finding> findings)
{
    private const int Million = 1_000_000;

    private readonly HeaderCompiler _headers = new(findings);

    /// <summary>Compiles the destinations; none when the rule cannot be executed.</summary>
    public ImmutableArray<WeightedCluster> Destinations(RuleSource source)
    {
        var (document, field) = source.Locate("route", rule => rule.Route);
        var isSingle = source.Rule.Route.Count == 1;
        var clusters = ImmutableArray.CreateBuilder<WeightedCluster>();
        for (var i = 0; i < source.Rule.Route.Count; i++)
        {
            // A weight of 0 counts only beside others.
            var destination = source.Rule.Route[i];
            if (isSingle || destination.Weight is > 0)
            {
                clusters.Add(new WeightedCluster(Key(destination.Destination), isSingle ? 1 : destination.Weight!.Value)
                {
                    RequestHeaders = _headers.Compile(destination.Headers?.Request, document, $"{field}[{i}].headers.request"),
                    ResponseHeaders = _headers.Compile(destination.Headers?.Response, document, $"{field}[{i}].headers.response"),
                    HostRewrite = HeaderCompiler.Authority(destination.Headers?.Request),
                });
            }
        }

        if (clusters.Count == 0)
        {
            findings.Report(document, source.Rule.Route.IsEmpty ? source.Field : field, RoutingCodes.Rule, source.Rule.Route.IsEmpty
                ? "the rule does nothing with a request; add route, redirect or directResponse"
                : "the weights sum to 0; give one of the destinations a weight");
        }

        return clusters.ToImmutable();
    }

    /// <summary>Compiles the rewrite of path and authority; null for none.</summary>
    /// <param name="source">The rule.</param>
    /// <param name="path">The condition on the path of the match in question.</param>
    /// <param name="hasGatewaySemantics">Whether it comes from an HTTPRoute, where the replacement <c>/</c> takes the prefix away.</param>
    public Rewrite? Rewrite(RuleSource source, PathCondition path, bool hasGatewaySemantics)
    {
        var rewrite = source.Rule.Rewrite;
        var authority = string.IsNullOrEmpty(rewrite?.Authority)
            ? HeaderCompiler.Authority(source.Rule.Headers?.Request)
            : rewrite.Authority;
        if (rewrite?.UriRegexRewrite is { } regex)
        {
            var (document, field) = source.Locate("rewrite", rule => rule.Rewrite);
            return Compile(regex.Match ?? "", regex.Rewrite ?? "", authority, document, $"{field}.uriRegexRewrite");
        }

        if (!string.IsNullOrEmpty(rewrite?.Uri))
        {
            return hasGatewaySemantics && rewrite.Uri == "/" ? RemovePrefix(source, path, authority)
                : new PrefixRewrite(rewrite.Uri, path.PrefixLength) { Authority = authority };
        }

        return authority is null ? null : new AuthorityRewrite { Authority = authority };
    }

    /// <summary>Compiles the copies.</summary>
    public ImmutableArray<MirrorPolicy> Mirrors(HTTPRoute rule)
    {
        var mirrors = ImmutableArray.CreateBuilder<MirrorPolicy>();
        if (rule.Mirror is { } mirror)
        {
            var percent = rule.MirrorPercent ?? rule.MirrorPercentSnakeCase;
            Add(mirrors, mirror, rule.MirrorPercentage is { } exact ? Share(exact) : percent is { } whole ? ((int)whole, 100) : (100, 100));
        }

        foreach (var policy in rule.Mirrors)
        {
            Add(mirrors, policy.Destination, policy.Percentage is { } exact ? Share(exact) : (100, 100));
        }

        return mirrors.ToImmutable();
    }

    private void Add(ImmutableArray<MirrorPolicy>.Builder mirrors, Destination? destination, (int Numerator, int Denominator) share)
    {
        if (destination is not null && share.Numerator > 0)
        {
            mirrors.Add(new MirrorPolicy(Key(destination), share.Numerator, share.Denominator));
        }
    }

    // What is left of the point after four digits is cut off.
    private static (int Numerator, int Denominator) Share(Percent percent) => ((int)((percent.Value ?? 0) * (Million / 100)), Million);

    /// <summary>
    /// The cluster of a destination. One without a host is what remains of a backend that is not allowed: no cluster has that name.
    /// </summary>
    private ClusterKey Key(Destination? destination)
    {
        if (destination?.Host is not { Length: > 0 } host)
        {
            return new ClusterKey("UnknownService", 0);
        }

        var port = destination.Port is { } selector ? (int)(selector.Number ?? 0) : listener.DefaultPort(host);
        return new ClusterKey(host, port, destination.Subset ?? "");
    }

    /// <summary>Takes a prefix away and leaves a slash: Istio writes it as a pattern.</summary>
    private RegexRewrite? RemovePrefix(RuleSource source, PathCondition path, string? authority)
    {
        var prefix = path is SegmentPrefixPath segments ? segments.LiteralPrefix : "";
        var quoted = string.Concat(prefix.Select(c =>
            char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or > '\x7F' ? $"{c}" : $"\\{c}"));
        return Compile($"^{quoted}(/?)(.*)", @"/\2", authority, source.Document, $"{source.Field}.rewrite");
    }

    private RegexRewrite? Compile(string pattern, string substitution, string? authority, ResourceDocument document, string field)
    {
        if (Re2Rewrite.TryParse(pattern, substitution, out var rewrite, out var error))
        {
            return new RegexRewrite(rewrite) { Authority = authority };
        }

        findings.Report(document, error.Code == Re2ErrorCode.BadRewrite ? $"{field}.rewrite" : $"{field}.match", RoutingCodes.Rule,
            $"the rewrite cannot be compiled: {error.Message} (at character {error.Position + 1})");
        return null;
    }
}
