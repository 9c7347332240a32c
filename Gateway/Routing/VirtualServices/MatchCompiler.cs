using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;
using Istio.Re2;

namespace Gateway.Routing.VirtualServices;

/// <summary>Compiles the match of a rule, as istio's <c>TranslateRouteMatch</c> translates it for Envoy.</summary>
/// <param name="findings">Receives patterns that are none.</param>
internal sealed class MatchCompiler(List<Finding> findings)
{
    private bool _isValid;

    /// <summary>Compiles a match; null when a pattern in it is none.</summary>
    /// <param name="match">The match; null takes everything.</param>
    /// <param name="document">Where it is written.</param>
    /// <param name="field">Its place there.</param>
    /// <param name="hasGatewaySemantics">Whether a prefix ends at a slash.</param>
    public RouteMatcher? Compile(HTTPMatchRequest? match, ResourceDocument document, string field, bool hasGatewaySemantics)
    {
        if (match is null)
        {
            return RouteMatcher.Any;
        }

        _isValid = true;
        var path = Path(match, document, $"{field}.uri", hasGatewaySemantics);
        var conditions = ImmutableArray.CreateBuilder<RequestCondition>();
        foreach (var (name, text) in match.Headers)
        {
            conditions.Add(Header(name, text, document, FieldPath.Member($"{field}.headers", name), inverted: false));
        }

        foreach (var (name, text) in match.WithoutHeaders)
        {
            conditions.Add(Header(name, text, document, FieldPath.Member($"{field}.withoutHeaders", name), inverted: true));
        }

        AddPseudoHeader(conditions, ":method", match.Method, document, $"{field}.method");
        AddPseudoHeader(conditions, ":authority", match.Authority, document, $"{field}.authority");
        AddPseudoHeader(conditions, ":scheme", match.Scheme, document, $"{field}.scheme");
        foreach (var (name, text) in match.QueryParams)
        {
            conditions.Add(new QueryCondition(name, Text(text, document, FieldPath.Member($"{field}.queryParams", name))));
        }

        return _isValid ? new RouteMatcher(path!, conditions.ToImmutable()) : null;
    }

    private PathCondition? Path(HTTPMatchRequest match, ResourceDocument document, string field, bool hasGatewaySemantics)
    {
        var ignoreCase = match.IgnoreUriCase == true;
        switch (match.Uri)
        {
            case { Exact: { } exact }:
                return new ExactPath(exact, ignoreCase);
            case { Prefix: { } prefix } when hasGatewaySemantics && prefix != "/":
                return new SegmentPrefixPath(prefix.EndsWith('/') ? prefix[..^1] : prefix, ignoreCase);
            case { Prefix: { } prefix }:
                return new PrefixPath(prefix, ignoreCase);
            case { Regex: { } regex }:
                if (Re2Pattern.TryParse(regex, out var pattern, out var error))
                {
                    return new RegexPath(pattern);
                }

                Report(document, $"{field}.regex", regex, error);
                return null;
            default:
                return PrefixPath.Root;
        }
    }

    private RequestCondition Header(string name, StringMatch? text, ResourceDocument document, string field, bool inverted)
    {
        var condition = Text(text, document, field);
        return ClaimCondition.PathOf(name) is { } claim
            ? new ClaimCondition(claim, condition, inverted)
            : new HeaderCondition(name.ToLowerInvariant(), condition, inverted);
    }

    private void AddPseudoHeader(
        ImmutableArray<RequestCondition>.Builder conditions, string name, StringMatch? text, ResourceDocument document, string field)
    {
        if (text is not null)
        {
            conditions.Add(new HeaderCondition(name, Text(text, document, field), inverted: false));
        }
    }

    private TextCondition? Text(StringMatch? match, ResourceDocument document, string field)
    {
        var condition = TextCondition.Compile(match, out var error);
        if (error is not null)
        {
            Report(document, $"{field}.regex", match!.Regex!, error);
        }

        return condition;
    }

    private void Report(ResourceDocument document, string field, string regex, Re2Error error)
    {
        _isValid = false;
        findings.Report(document, field, RoutingCodes.Rule,
            $"\"{regex}\" is no RE2 pattern: {error.Message} (at character {error.Position + 1})");
    }
}
