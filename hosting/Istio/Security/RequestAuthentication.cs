using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Istio.Documents;

namespace Istio.Security;

/// <summary>
/// Which JSON web tokens workloads accept. A request without token passes; an AuthorizationPolicy can require one. Source:
/// https://istio.io/latest/docs/reference/config/security/request_authentication/
/// </summary>
public sealed record RequestAuthentication : Resource<RequestAuthenticationSpec>
{
    /// <summary>An empty resource of version security.istio.io/v1.</summary>
    public RequestAuthentication()
        : base("security.istio.io/v1", nameof(RequestAuthentication))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads and the rules for them.</summary>
public sealed record RequestAuthenticationSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>A resource that the rules are attached to. Not together with selector.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>Resources that the rules are attached to. Not together with selector.</summary>
    [MaxLength(16)]
    public EquatableArray<PolicyTargetReference> TargetRefs { get; init; }

    /// <summary>The accepted issuers; a token must satisfy the rule of its issuer.</summary>
    [MaxLength(4096)]
    public EquatableArray<JWTRule> JwtRules { get; init; }
}

/// <summary>An issuer of tokens, and where a token is found.</summary>
public sealed record JWTRule : SchemaObject
{
    /// <summary>The iss claim of accepted tokens.</summary>
    public string? Issuer { get; init; }

    /// <summary>Accepted aud claims; a token needs one of them. Absent: any.</summary>
    public EquatableArray<string> Audiences { get; init; }

    /// <summary>URL of the issuer's public keys. Absent: found by OpenID discovery.</summary>
    [MaxLength(2048)]
    public string? JwksUri { get; init; }

    /// <summary>As jwksUri, in its older spelling.</summary>
    [JsonPropertyName("jwks_uri")]
    [MaxLength(2048)]
    public string? JwksUriSnakeCase { get; init; }

    /// <summary>The issuer's public keys as JSON. Not together with jwksUri.</summary>
    public string? Jwks { get; init; }

    /// <summary>Headers that hold the token; default Authorization with the prefix "Bearer ".</summary>
    public EquatableArray<JWTHeader> FromHeaders { get; init; }

    /// <summary>Query parameters that hold the token; default access_token.</summary>
    public EquatableArray<string> FromParams { get; init; }

    /// <summary>Cookies that hold the token.</summary>
    public EquatableArray<string> FromCookies { get; init; }

    /// <summary>Header that passes the verified payload on, in base64.</summary>
    public string? OutputPayloadToHeader { get; init; }

    /// <summary>Whether the token is passed on; default false.</summary>
    public bool? ForwardOriginalToken { get; init; }

    /// <summary>Headers that pass verified claims on.</summary>
    public EquatableArray<ClaimToHeader> OutputClaimToHeaders { get; init; }

    /// <summary>Time to fetch the keys; default 5s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Claims that hold a list separated by spaces, besides scope and permission.</summary>
    [MaxLength(64)]
    public EquatableArray<string> SpaceDelimitedClaims { get; init; }

    /// <summary>Whether a request must bring a token of this issuer; default OPTIONAL.</summary>
    [AllowedValues(JwtPresence.Optional, JwtPresence.Required)]
    public string? Presence { get; init; }
}

/// <summary>Whether a request must bring a token.</summary>
public static class JwtPresence
{
    /// <summary>A request without token passes.</summary>
    public const string Optional = "OPTIONAL";

    /// <summary>A request without token is refused.</summary>
    public const string Required = "REQUIRED";
}

/// <summary>A header that holds a token.</summary>
public sealed record JWTHeader : SchemaObject
{
    /// <summary>Name of the header.</summary>
    public string? Name { get; init; }

    /// <summary>Text before the token, with its space.</summary>
    public string? Prefix { get; init; }
}

/// <summary>A claim that is passed on in a header.</summary>
public sealed record ClaimToHeader : SchemaObject
{
    /// <summary>Name of the header.</summary>
    public string? Header { get; init; }

    /// <summary>Name of the claim; dots lead into nested claims.</summary>
    public string? Claim { get; init; }
}
