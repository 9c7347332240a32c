using System.Collections.Immutable;
using System.Globalization;
using Gateway.Mesh;
using Gateway.Requests;
using Istio.Documents;
using Istio.Networking;
using Istio.Re2;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Cors;

/// <summary>A route's CORS policy: which origins may call, and what preflight requests are told.</summary>
/// <remarks>
/// Envoy source/extensions/filters/http/cors/cors_filter.cc, Istio pilot/pkg/networking/core/route/route.go (TranslateCORSPolicy)
/// </remarks>
internal sealed class CorsPolicy
{
    private readonly ImmutableArray<Func<string, bool>> _origins;
    private readonly bool _anyOrigin;
    private readonly bool _forwardsUnmatched;
    private readonly StringValues _methods;
    private readonly StringValues _headers;
    private readonly StringValues _exposed;
    private readonly StringValues _maxAge;
    private readonly bool _credentials;

    private CorsPolicy(ImmutableArray<Func<string, bool>> origins, Istio.Networking.CorsPolicy policy)
    {
        _origins = origins;
        // Envoy asks each matcher for "*", whatever its kind: the regex .* allows any origin, too.
        _anyOrigin = origins.Any(matches => matches("*"));
        _forwardsUnmatched = policy.UnmatchedPreflights != UnmatchedPreflightHandling.Ignore;
        _methods = Joined(policy.AllowMethods);
        _headers = Joined(policy.AllowHeaders);
        _exposed = Joined(policy.ExposeHeaders);
        _credentials = policy.AllowCredentials == true;
        _maxAge = policy.MaxAge?.Value is { } age ? ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture) : StringValues.Empty;
    }

    /// <summary>Compiles the policy of a rule; null for none.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="document">The document it stands in.</param>
    /// <param name="field">Its place in it, such as <c>spec.http[0].corsPolicy</c>.</param>
    /// <param name="findings">Receives what cannot be executed.</param>
    public static CorsPolicy? Compile(Istio.Networking.CorsPolicy? policy, ResourceDocument document, string field, List<Finding> findings)
    {
        if (policy is null)
        {
            return null;
        }

        var origins = ImmutableArray.CreateBuilder<Func<string, bool>>();
        for (var i = 0; i < policy.AllowOrigins.Count; i++)
        {
            switch (policy.AllowOrigins[i])
            {
                case { Exact: { } exact }:
                    origins.Add(origin => string.Equals(origin, exact, StringComparison.Ordinal));
                    break;
                case { Prefix: { } prefix }:
                    origins.Add(origin => origin.StartsWith(prefix, StringComparison.Ordinal));
                    break;
                case { Regex: { } regex }:
                    if (Re2Pattern.TryParse(regex, out var pattern, out var error))
                    {
                        origins.Add(origin => pattern.IsFullMatch(origin));
                    }
                    else
                    {
                        findings.Add(document.At($"{field}.allowOrigins[{i}].regex", PolicyCodes.Pattern,
                            $"{error.Message} (at character {error.Position})"));
                    }

                    break;
            }
        }

        // The list that is deprecated counts only without the other.
        if (policy.AllowOrigins.IsAbsent)
        {
            foreach (var exact in policy.AllowOrigin)
            {
                origins.Add(origin => string.Equals(origin, exact, StringComparison.Ordinal));
            }
        }

        return new CorsPolicy(origins.ToImmutable(), policy);
    }

    /// <summary>Whether pages of an origin may call.</summary>
    public bool Allows(string origin)
    {
        if (_anyOrigin)
        {
            return true;
        }

        foreach (var matches in _origins)
        {
            if (matches(origin))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds what a response to an allowed origin carries.</summary>
    public void AddResponseHeaders(string origin, IHeaderDictionary headers)
    {
        headers.AccessControlAllowOrigin = origin;
        if (_credentials)
        {
            headers.AccessControlAllowCredentials = "true";
        }

        if (_exposed.Count > 0)
        {
            headers.AccessControlExposeHeaders = _exposed;
        }
    }

    /// <summary>The answer to a preflight request; null when it goes on to the service because its origin is not allowed.</summary>
    internal LocalReply? AnswerPreflight(IHeaderDictionary request, bool isAllowed)
    {
        if (!isAllowed && _forwardsUnmatched)
        {
            return null;
        }

        // Without an allowed origin the rest is still said, which tells a browser nothing.
        var headers = new List<KeyValuePair<string, string>>();
        if (_credentials)
        {
            headers.Add(new("Access-Control-Allow-Credentials", "true"));
        }

        Add(headers, "Access-Control-Allow-Methods", _methods, request.AccessControlRequestMethod);
        Add(headers, "Access-Control-Allow-Headers", _headers, request.AccessControlRequestHeaders);
        if (_maxAge.Count > 0)
        {
            headers.Add(new("Access-Control-Max-Age", _maxAge.ToString()));
        }

        return new LocalReply(200, "", ResponseFlags.None, "cors_response") { Headers = headers, IsOfFilter = true };
    }

    // An asterisk gives back what was asked for.
    private static void Add(List<KeyValuePair<string, string>> headers, string name, StringValues allowed, StringValues asked)
    {
        if (allowed.Count > 0)
        {
            headers.Add(new(name, (allowed == "*" ? asked : allowed).ToString()));
        }
    }

    private static StringValues Joined(EquatableArray<string> values) =>
        string.Join(',', values) is { Length: > 0 } text ? text : StringValues.Empty;
}
