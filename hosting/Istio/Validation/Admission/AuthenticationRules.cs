using System.Globalization;
using System.Text.Json;
using Istio.Documents;
using Istio.Security;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a PeerAuthentication.
/// Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/
/// </summary>
internal static class PeerAuthenticationRules
{
    public static void Check(Place at, PeerAuthentication authentication)
    {
        var (place, spec) = (at["spec"], authentication.Spec);
        if (spec.Selector is { } selector)
        {
            SharedRules.CheckSelectorLabels(place["selector"]["matchLabels"], selector.MatchLabels);
        }

        var ports = place["portLevelMtls"];
        if (!spec.PortLevelMtls.IsAbsent && spec.Selector?.MatchLabels is not { IsEmpty: false })
        {
            ports.Reject("portLevelMtls is about ports of workloads; add a selector with labels.");
        }

        if (spec.PortLevelMtls is { IsAbsent: false, IsEmpty: true })
        {
            ports.Reject("portLevelMtls is empty; add a port, or remove it.");
        }

        foreach (var port in spec.PortLevelMtls.Keys)
        {
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
            {
                ports[port].Reject($"\"{port}\" is not a port; ports are 1 to 65535.");
            }
        }
    }
}

/// <summary>
/// What Istio's webhook checks in a RequestAuthentication.
/// Source: https://istio.io/latest/docs/reference/config/security/request_authentication/
/// </summary>
internal static class RequestAuthenticationRules
{
    // RFC 7518 section 6 and RFC 8037: members that hold a private or symmetric key.
    private static readonly string[] PrivateMembers = ["d", "k"];

    public static void Check(Place at, RequestAuthentication authentication)
    {
        var (place, spec) = (at["spec"], authentication.Spec);
        PolicyTargetRules.Check(place, spec.Selector, spec.TargetRef, spec.TargetRefs);
        for (var i = 0; i < spec.JwtRules.Count; i++)
        {
            CheckRule(place["jwtRules"][i], spec.JwtRules[i]);
        }
    }

    private static void CheckRule(Place at, JWTRule rule)
    {
        var uri = rule.JwksUri ?? rule.JwksUriSnakeCase;
        if (rule.Issuer is "" || (string.IsNullOrEmpty(rule.Issuer) && string.IsNullOrEmpty(uri)))
        {
            at["issuer"].Reject("The rule says neither who issues tokens nor where the keys are; add issuer or jwksUri.");
        }

        if (uri is not null && rule.Jwks is not null)
        {
            at["jwks"].Reject("jwksUri and jwks exclude each other; keep one of the two.");
        }

        if (uri is not null)
        {
            CheckUri(at[rule.JwksUri is null ? "jwks_uri" : "jwksUri"], uri);
        }

        if (!string.IsNullOrEmpty(rule.Jwks))
        {
            CheckKeys(at["jwks"], rule.Jwks);
        }

        CheckNotEmpty(at["audiences"], rule.Audiences, "audience");
        CheckNotEmpty(at["fromParams"], rule.FromParams, "query parameter");
        CheckNotEmpty(at["fromCookies"], rule.FromCookies, "cookie name");
        CheckNotEmpty(at["spaceDelimitedClaims"], rule.SpaceDelimitedClaims, "claim");
        for (var i = 0; i < rule.FromHeaders.Count; i++)
        {
            SharedRules.Required(at["fromHeaders"][i], "name", !string.IsNullOrEmpty(rule.FromHeaders[i].Name),
                "name the header that carries the token.");
        }

        for (var i = 0; i < rule.OutputClaimToHeaders.Count; i++)
        {
            CheckClaim(at["outputClaimToHeaders"][i], rule.OutputClaimToHeaders[i]);
        }

        SharedRules.CheckDuration(at["timeout"], rule.Timeout);
    }

    private static void CheckUri(Place at, string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
        {
            at.Reject($"\"{uri}\" is not the address of a key set; write an http or https URL.");
        }
    }

    /// <summary>A JSON Web Key or a set of them (RFC 7517).</summary>
    private static void CheckKeys(Place at, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var keys = root.ValueKind != JsonValueKind.Object ? []
                : root.TryGetProperty("keys", out var list) ? list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : []
                : new List<JsonElement> { root };
            if (root.ValueKind != JsonValueKind.Object || keys
                .Any(key => key.ValueKind != JsonValueKind.Object || !key.TryGetProperty("kty", out _)))
            {
                at.Reject("jwks is not a key set; write {\"keys\": [...]} with a kty in each key (RFC 7517).");
                return;
            }

            for (var i = 0; i < keys.Count; i++)
            {
                if (PrivateMembers.Any(member => keys[i].TryGetProperty(member, out _)))
                {
                    at.Warn(
                        $"Key {i} of jwks holds a private key, and everyone who can read the resource has it; write the public key only.");
                }
            }
        }
        catch (JsonException exception)
        {
            at.Reject($"jwks is not JSON: {exception.Message.Split(" LineNumber")[0]} Write a key set (RFC 7517).");
        }
    }

    private static void CheckClaim(Place at, ClaimToHeader claim)
    {
        SharedRules.Required(at, "header", !string.IsNullOrEmpty(claim.Header), "name the header to write.");
        SharedRules.Required(at, "claim", !string.IsNullOrEmpty(claim.Claim), "name the claim to copy.");
        if (!string.IsNullOrEmpty(claim.Header))
        {
            at["header"].Reject(HttpHeaders.CheckPlainName(claim.Header));
        }
    }

    private static void CheckNotEmpty(Place at, EquatableArray<string> values, string noun)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Length == 0)
            {
                at[i].Reject($"The {noun} is empty; write a value, or remove the entry.");
            }
        }
    }
}
