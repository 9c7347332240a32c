using Istio.Security;

namespace Gateway.Parity;

/// <summary>AuthorizationPolicy, RequestAuthentication, PeerAuthentication.</summary>
internal static class SecurityParity
{
    public static MessageParity[] Messages { get; } =
    [
        new(typeof(AuthorizationPolicy)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(AuthorizationPolicySpec))
        {
            Executed = ["selector", "targetRef", "targetRefs", "rules", "action"],
            Validated = { ["provider"] = "external authorizers are not asked: what a CUSTOM policy covers is refused" },
        },
        new(typeof(Rule)) { Executed = ["from", "to", "when"] },
        new(typeof(RuleFrom)) { Executed = ["source"] },
        new(typeof(Source))
        {
            Executed =
            [
                "requestPrincipals", "notRequestPrincipals", "ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks",
                "principals",
                "notPrincipals", "namespaces", "notNamespaces", "serviceAccounts", "notServiceAccounts", "trustDomains",
                "notTrustDomains",
            ],
        },
        new(typeof(RuleTo)) { Executed = ["operation"] },
        new(typeof(Operation)) { Executed = ["hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths"] },
        new(typeof(Condition)) { Executed = ["key", "values", "notValues"] },
        new(typeof(RequestAuthentication)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(RequestAuthenticationSpec)) { Executed = ["selector", "targetRef", "targetRefs", "jwtRules"] },
        new(typeof(JWTRule))
        {
            Executed =
            [
                "issuer", "audiences", "jwksUri", "jwks_uri", "jwks", "fromHeaders", "fromParams", "fromCookies", "outputPayloadToHeader",
                "forwardOriginalToken", "outputClaimToHeaders",
            ],
            Tested = { ["spaceDelimitedClaims"] = "Policies/JwtClaimsTests", ["timeout"] = "Policies/RemoteKeysTests" },
            Published = { ["presence"] = "no released Istio acts on it" },
        },
        new(typeof(JWTHeader)) { Executed = ["name", "prefix"] },
        new(typeof(ClaimToHeader)) { Executed = ["header", "claim"] },
        new(typeof(PeerAuthentication))
        {
            Validated = { ["metadata"] = ParityTable.Whose, ["spec"] = ParityTable.Identity },
            Published = { ["status"] = ParityTable.Status },
        },
    ];
}
