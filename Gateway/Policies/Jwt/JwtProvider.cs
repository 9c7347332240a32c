using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Security;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Jwt;

/// <summary>An issuer whose tokens are accepted: one rule of a RequestAuthentication.</summary>
/// <remarks>Envoy source/extensions/filters/http/jwt_authn/authenticator.cc; Istio pilot/pkg/security/authn/policy_applier.go</remarks>
internal sealed class JwtProvider
{
    /// <summary>How many verified tokens are remembered; when there are more, all are forgotten.</summary>
    internal const int MaxRemembered = 1024;

    private const ulong ClockSkewSeconds = 60;

    private readonly JWTRule _rule;
    private readonly TimeProvider _time;
    private readonly TokenLocations _locations;
    private readonly FrozenSet<string> _audiences;
    private readonly ImmutableArray<string> _outputHeaders;

    // A client sends the same token with every request; its signature is verified once for a key set.
    private readonly ConcurrentDictionary<string, VerifiedToken> _verified = new(StringComparer.Ordinal);

    /// <summary>Makes a provider.</summary>
    public JwtProvider(JWTRule rule, KeySource keys, TimeProvider time)
    {
        (_rule, Keys, _time) = (rule, keys, time);
        _locations = new TokenLocations(rule);
        _audiences = rule.Audiences.Select(Audience.Bare).ToFrozenSet(StringComparer.Ordinal);
        _outputHeaders =
        [
            .. string.IsNullOrEmpty(rule.OutputPayloadToHeader) ? [] : (IEnumerable<string>)[rule.OutputPayloadToHeader],
            .. rule.OutputClaimToHeaders.Select(output => output.Header ?? ""),
        ];
    }

    /// <summary>The issuer; empty for any.</summary>
    public string Issuer => _rule.Issuer ?? "";

    /// <summary>The keys of the issuer.</summary>
    public KeySource Keys { get; }

    /// <summary>
    /// Verifies the tokens at this provider's locations. A good one leaves its claims in the request, and is taken out of it unless it
    /// is to be forwarded. All must be good: the workload may look at another than this gateway did.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="status">Null when there is a good token, or one of <see cref="JwtStatus"/>.</param>
    /// <returns>False while the keys are fetched for the first time; then nothing has happened.</returns>
    public bool TryVerify(PolicyContext context, out string? status)
    {
        // Nobody but this gateway may say what a token claims.
        foreach (var name in _outputHeaders)
        {
            context.Request.Headers.Remove(name);
        }

        var tokens = context.Tokens;
        tokens.Clear();
        _locations.Find(context.Request, tokens);
        status = tokens.Count == 0 ? JwtStatus.Missing : null;
        for (var i = tokens.Count - 1; i >= 0 && status is null; i--)
        {
            if (!TryVerify(tokens[i].Text, out status, out var verified))
            {
                return false;
            }

            if (verified is not null)
            {
                Accept(context.Request, tokens[i], verified);
            }
        }

        return true;
    }

    private bool TryVerify(ReadOnlyMemory<char> text, out string? status, out VerifiedToken? verified)
    {
        var isRemembered = _verified.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text.Span, out verified);
        var token = verified?.Token;
        (token, status) = isRemembered ? (token, null) : ParsedToken.Parse(text.ToString());
        status ??= CheckClaims(token!);
        if (status is not null)
        {
            verified = null;
            return true;
        }

        if (!Keys.TryGet(out var keys))
        {
            return false;
        }

        if (!isRemembered || !ReferenceEquals(verified!.Keys, keys))
        {
            status = keys is null ? JwtStatus.NoValidKeys : keys.Verify(token!);
            verified = status is null ? Remember(text.ToString(), VerifiedToken.Of(token!, keys!, _rule)) : null;
        }

        return true;
    }

    private string? CheckClaims(ParsedToken token)
    {
        if (Issuer.Length > 0 && token.Issuer != Issuer)
        {
            return JwtStatus.UnknownIssuer;
        }

        var now = (ulong)_time.GetUtcNow().ToUnixTimeSeconds();
        if (now + ClockSkewSeconds < token.NotBefore)
        {
            return JwtStatus.NotYetValid;
        }

        // The difference cannot overflow, the sum can.
        if (token.Expires > 0 && now > token.Expires && now - token.Expires > ClockSkewSeconds)
        {
            return JwtStatus.Expired;
        }

        return IsFor(token) ? null : JwtStatus.AudienceNotAllowed;
    }

    private bool IsFor(ParsedToken token)
    {
        foreach (var audience in token.Audiences)
        {
            if (_audiences.Contains(audience))
            {
                return true;
            }
        }

        return _audiences.Count == 0;
    }

    private VerifiedToken Remember(string text, VerifiedToken token)
    {
        if (_verified.Count >= MaxRemembered)
        {
            _verified.Clear();
        }

        return _verified[text] = token;
    }

    private void Accept(RequestHead request, in FoundToken found, VerifiedToken verified)
    {
        if (!string.IsNullOrEmpty(_rule.OutputPayloadToHeader))
        {
            Append(request.Headers, _rule.OutputPayloadToHeader, verified.Token.PayloadText);
        }

        foreach (var (name, value) in verified.Headers)
        {
            Append(request.Headers, name, value);
        }

        if (_rule.ForwardOriginalToken != true)
        {
            TokenLocations.Remove(request, found);
        }

        request.Claims = verified.Claims;
    }

    private static void Append(IHeaderDictionary headers, string name, string value) =>
        headers[name] = StringValues.Concat(headers[name], value);
}
