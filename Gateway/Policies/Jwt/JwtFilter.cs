using System.Collections.Immutable;
using Gateway.Requests;

namespace Gateway.Policies.Jwt;

/// <summary>
/// Verifies the tokens of a request by all RequestAuthentications at a proxy. A request without token passes; one with a bad token does
/// not.
/// </summary>
/// <remarks>
/// Envoy source/extensions/filters/http/jwt_authn/filter.cc and verifier.cc, with the requirements that Istio writes
/// (pilot/pkg/security/authn/policy_applier.go): any provider is satisfied, or each is satisfied or finds no token.
/// </remarks>
internal sealed class JwtFilter : PolicyFilter
{
    private const int MaxUriLength = 256;

    private readonly ImmutableArray<JwtProvider> _providers;
    private readonly bool _matchesRouteAgain;

    /// <summary>Makes the filter.</summary>
    /// <param name="providers">The providers, in the order of their issuers.</param>
    /// <param name="matchesRouteAgain">Whether routes may depend on claims, as they do at gateways.</param>
    public JwtFilter(ImmutableArray<JwtProvider> providers, bool matchesRouteAgain) =>
        (_providers, _matchesRouteAgain) = (providers, matchesRouteAgain);

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        // A browser sends preflight requests without credentials.
        if (CorsRequest.IsPreflight(context.Request))
        {
            return default;
        }

        return TryVerify(context, out var status, out var waitFor)
            ? new(Finish(context, status))
            : WaitAsync(waitFor!, context, cancellationToken);
    }

    private async ValueTask<LocalReply?> WaitAsync(KeySource keys, PolicyContext context, CancellationToken cancellationToken)
    {
        for (var waitFor = keys; ;)
        {
            await waitFor!.Ready.WaitAsync(cancellationToken);
            if (TryVerify(context, out var status, out waitFor))
            {
                return Finish(context, status);
            }
        }
    }

    private LocalReply? Finish(PolicyContext context, string? status)
    {
        if (status is null)
        {
            if (_matchesRouteAgain && context.Request.Claims is not null)
            {
                context.MatchRoute?.Invoke(context);
            }

            return null;
        }

        return Refuse(context.Request, status);
    }

    private bool TryVerify(PolicyContext context, out string? status, out KeySource? waitFor)
    {
        // All of "each is satisfied or finds no token" gives the first status that says otherwise.
        var (final, all) = (JwtStatus.Missing, default(string?));
        foreach (var provider in _providers)
        {
            if (!provider.TryVerify(context, out status))
            {
                waitFor = provider.Keys;
                return false;
            }

            if (status is null)
            {
                waitFor = null;
                return true;
            }

            all ??= status == JwtStatus.Missing ? null : status;
            final = Prefer(final, status);
        }

        status = all is null ? null : Prefer(final, all);
        waitFor = null;
        return true;
    }

    /// <summary>Of two reasons the later one, but rather a wrong issuer than no token, and rather anything else than these.</summary>
    private static string Prefer(string final, string next) =>
        next is not (JwtStatus.Missing or JwtStatus.UnknownIssuer) || final == JwtStatus.Missing ? next : final;

    private static LocalReply Refuse(RequestHead request, string status)
    {
        var path = request.Headers["x-envoy-original-path"] is [{ } original, ..] ? original : request.Path + request.Query;
        var uri = $"{request.Scheme}://{request.Authority}{(path.Length > MaxUriLength ? path[..MaxUriLength] : path)}";
        return new LocalReply(
            status == JwtStatus.AudienceNotAllowed ? 403 : 401, status, ResponseFlags.None,
            $"jwt_authn_access_denied{{{status.Replace(' ', '_')}}}")
        {
            Headers = [new("WWW-Authenticate", $"Bearer realm=\"{uri}\", error=\"invalid_token\"")],
        };
    }
}
