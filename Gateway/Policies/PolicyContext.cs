using System.Collections.Immutable;
using Gateway.Policies.Cors;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Policies.Jwt;
using Gateway.Policies.RateLimiting;
using Gateway.Requests;

namespace Gateway.Policies;

/// <summary>
/// One request's way through the filters, and what they leave behind for its response and its log entry. Used by one request at a time;
/// may be used again after <see cref="Reset"/>.
/// </summary>
internal sealed class PolicyContext
{
    private CorsPolicy? _cors;
    private string? _origin;
    private readonly List<RequestBucket> _shownRateLimits = [];
    private ImmutableArray<HeaderMutation> _responseHeaders = [];

    /// <summary>Makes the context of a request.</summary>
    public PolicyContext(RequestHead request) => Request = request;

    /// <summary>The request. The filters read it, and RequestAuthentication changes it: claims, token, headers.</summary>
    public RequestHead Request { get; }

    /// <summary>What the proxy does for the filters; null where there is none, as when a request is only explained.</summary>
    public IFilterCallbacks? Callbacks { get; init; }

    /// <summary>The matched route. To be set before the filters run: Envoy matches the route first.</summary>
    public RouteScope Route { get; set; }

    /// <summary>
    /// Matches the route again and sets <see cref="Route"/>. Called when a gateway has verified a token, because routes may depend on its
    /// claims; null where they cannot.
    /// </summary>
    public Action<PolicyContext>? MatchRoute { get; set; }

    /// <summary>What the filters did to the request, for the log, beside the flags of the reply.</summary>
    public ResponseFlags Flags { get; private set; }

    /// <summary>Makes this the context of another request in the same <see cref="RequestHead"/>.</summary>
    public void Reset()
    {
        (_cors, _origin) = (null, null);
        Tokens.Clear();
        _shownRateLimits.Clear();
        _responseHeaders = [];
        Route = default;
        MatchRoute = null;
        Flags = ResponseFlags.None;
    }

    /// <summary>
    /// Adds what the filters add to a response, the upstream's or a local one. To be called once for every response, also for the reply
    /// of a filter: a filter that was not reached adds nothing.
    /// </summary>
    public void AddResponseHeaders(IHeaderDictionary headers)
    {
        if (_origin is not null)
        {
            _cors!.AddResponseHeaders(_origin, headers);
        }

        // The response passes the filters from the last to the first.
        for (var i = _shownRateLimits.Count - 1; i >= 0; i--)
        {
            _shownRateLimits[i].AddResponseHeaders(headers);
        }

        foreach (var mutation in _responseHeaders)
        {
            mutation.Apply(headers);
        }
    }

    /// <summary>The tokens that are looked at; a list that is used again.</summary>
    internal List<FoundToken> Tokens { get; } = [];

    /// <summary>A descriptor of the request; a list that is used again.</summary>
    internal List<DescriptorEntry> DescriptorEntries { get; } = [];

    /// <summary>The buckets that a request takes from; a list that is used again.</summary>
    internal List<RequestBucket> RateLimitBuckets { get; } = [];

    /// <summary>Remembers that the response tells what is left in a bucket.</summary>
    internal void ShowRateLimit(RequestBucket bucket) => _shownRateLimits.Add(bucket);

    /// <summary>Remembers what an external authorizer does to the response.</summary>
    internal void ChangeResponse(ImmutableArray<HeaderMutation> headers) => _responseHeaders = headers;

    /// <summary>Adds a flag.</summary>
    internal void Flag(ResponseFlags flags) => Flags |= flags;

    /// <summary>Remembers that the origin may read the response.</summary>
    internal void AllowOrigin(CorsPolicy policy, string origin) => (_cors, _origin) = (policy, origin);
}
