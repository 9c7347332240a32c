using Istio.Documents;

namespace Istio.Security;

/// <summary>
/// Writes a <see cref="RequestAuthentication"/> in C#. Each call returns a changed copy:
/// <code>
/// RequestAuthentication.For("ping", ("app", "ping")).Jwt("https://issuer", jwksUri: "https://issuer/keys")
/// </code>
/// </summary>
public static class RequestAuthenticationExtensions
{
    extension(RequestAuthentication)
    {
        /// <summary>A policy without rules for the workloads with these labels; no label means the whole namespace.</summary>
        public static RequestAuthentication For(string name, params ReadOnlySpan<(string Key, string Value)> labels) =>
            new RequestAuthentication { Spec = new() { Selector = ResourceExtensions.SelectorOf(labels) } }.Named(name);
    }

    /// <summary>Accepts the tokens of an issuer.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="issuer">The iss claim.</param>
    /// <param name="jwksUri">URL of the issuer's public keys; not together with <paramref name="jwks"/>.</param>
    /// <param name="jwks">The issuer's public keys as JSON.</param>
    /// <param name="audiences">Accepted aud claims; absent means any.</param>
    /// <param name="forwardOriginalToken">Whether the token is passed on.</param>
    public static RequestAuthentication Jwt(
        this RequestAuthentication policy, string issuer, string? jwksUri = null, string? jwks = null,
        IEnumerable<string>? audiences = null,
        bool? forwardOriginalToken = null) =>
        policy with
        {
            Spec = policy.Spec with
            {
                JwtRules = policy.Spec.JwtRules.Add(new()
                {
                    Issuer = issuer,
                    JwksUri = jwksUri,
                    Jwks = jwks,
                    Audiences = EquatableCollections.CreateOptional(audiences),
                    ForwardOriginalToken = forwardOriginalToken,
                }),
            },
        };
}
