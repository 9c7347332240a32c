using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Requests;
using Gateway.Routing;
using Istio.MeshConfiguration;
using Microsoft.Net.Http.Headers;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>An authorizer that gets the head of each request under its own path, and answers 200 or anything else.</summary>
/// <remarks>envoyproxy/envoy source/extensions/filters/common/ext_authz/ext_authz_http_impl.cc</remarks>
internal sealed class HttpAuthorizer : ExternalAuthorizer
{
    private const string HeadersToRemove = "x-envoy-auth-headers-to-remove";

    private static readonly string[] AlwaysOnDeny = [HeaderNames.WWWAuthenticate, HeaderNames.Location];

    private readonly string _prefix;
    private readonly HeaderPatterns _toAuthorizer;
    private readonly HeaderPatterns _toUpstream;
    private readonly HeaderPatterns? _onDeny;
    private readonly HeaderPatterns _onAllow;
    private readonly ImmutableArray<(string Name, HeaderValue Value)> _more;

    /// <summary>Makes an authorizer.</summary>
    public HttpAuthorizer(string name, ClusterKey cluster, EnvoyExternalAuthorizationHttpProvider http)
        : base(name, cluster)
    {
        _prefix = http.PathPrefix ?? "";
        var included = http.IncludeRequestHeadersInCheck.IsEmpty ? http.IncludeHeadersInCheck : http.IncludeRequestHeadersInCheck;
        _toAuthorizer = new HeaderPatterns(included, HeaderNames.Authorization);
        _toUpstream = new HeaderPatterns(http.HeadersToUpstreamOnAllow);
        _onDeny = http.HeadersToDownstreamOnDeny.IsEmpty ? null : new HeaderPatterns(http.HeadersToDownstreamOnDeny, AlwaysOnDeny);
        _onAllow = new HeaderPatterns(http.HeadersToDownstreamOnAllow);
        _more = [.. http.IncludeAdditionalHeadersInCheck.OrderBy(header => header.Key, StringComparer.Ordinal)
            .Select(header => (header.Key, ValueOf(header.Value)))];
    }

    /// <inheritdoc/>
    public override string Kind => "http";

    /// <inheritdoc/>
    public override FilterCall Ask(RequestHead request, BufferedBody? body, string protocol)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, values) in request.Headers)
        {
            if (_toAuthorizer.Has(name) && !IsOwn(name) && !string.Equals(name, HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
            {
                headers[name] = values.Count > 1 ? string.Join(',', values.ToArray()) : values;
            }
        }

        MarkPart(body, (name, value) => headers[name] = value);
        foreach (var (name, value) in _more)
        {
            headers[name] = value.Format(request, request.Headers);
        }

        AddOwn(headers);
        return new FilterCall(
            request.Method, $"{_prefix}{request.Path}{request.Query}", request.Authority, headers, PartOf(body), Timeout);
    }

    /// <inheritdoc/>
    public override CheckVerdict Read(FilterCallResponse response) => response.Status switch
    {
        >= 500 and < 600 => CheckVerdict.Failed,
        StatusCodes.Status200OK => Allow(response.Headers),
        _ => new CheckVerdict(CheckStatus.Denied)
        {
            Code = response.Status,
            Body = response.Body,
            Headers = [.. Select(response.Headers, _onDeny, HeaderAction.Add)],
        },
    };

    private CheckVerdict Allow(IHeaderDictionary headers) => new(CheckStatus.Allowed)
    {
        Headers = [.. Select(headers, _toUpstream, HeaderAction.Set)],
        ResponseHeaders = [.. Select(headers, _onAllow, HeaderAction.Add)],
        Remove = [.. headers[HeadersToRemove].SelectMany(names =>
            (names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    /// <summary>The headers of some names; without names all but Host.</summary>
    private static IEnumerable<HeaderMutation> Select(IHeaderDictionary headers, HeaderPatterns? names, HeaderAction action)
    {
        foreach (var (name, values) in headers)
        {
            var isMeant = names?.Has(name) ?? !string.Equals(name, HeaderNames.Host, StringComparison.OrdinalIgnoreCase);
            if (!isMeant || string.Equals(name, HeadersToRemove, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var value in values)
            {
                yield return new HeaderMutation(name, value ?? "", action);
            }
        }
    }

    /// <summary>Envoy reads operators in the value; one that is not executed here stays as it is.</summary>
    private static HeaderValue ValueOf(string text) => HeaderValue.TryParse(text, out var value, out _) ? value : HeaderValue.Of(text);
}
