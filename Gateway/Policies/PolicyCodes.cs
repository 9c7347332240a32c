using Istio.Documents;

namespace Gateway.Policies;

/// <summary>What cannot be executed, or is executed otherwise than in a cluster, in well-formed policies.</summary>
internal static class PolicyCodes
{
    public static readonly FindingCode Pattern = new(
        "GWY030", Severity.Error, "Pattern of a policy is no pattern",
        "A regular expression in a policy is RE2's language and must be valid; Envoy rejects the configuration otherwise.",
        "allowOrigins: [{regex: \"(\"}]", "Correct the pattern at the position given.");

    public static readonly FindingCode Fault = new(
        "GWY031", Severity.Warning, "Fault is not executed",
        "Istio leaves out a delay without fixedDelay and an abort without httpStatus or grpcStatus, and so does the gateway.",
        "delay: {exponentialDelay: 1s}", "Use fixedDelay, httpStatus or grpcStatus.");

    public static readonly FindingCode PeerIdentity = new(
        "GWY032", Severity.Warning, "Callers have no identity here",
        "Identities come from mutual TLS between sidecars, which a laptop does not have: every caller counts as a peer in plaintext, so "
        + "the condition never holds, and its negation always does.",
        "from: [{source: {principals: [cluster.local/ns/default/sa/web]}}]", "Test what depends on it in the cluster.");

    public static readonly FindingCode Custom = new(
        "GWY033", Severity.Warning, "External authorizer is not configured",
        "The mesh configuration in the folder does not know the provider, its service is not there, or two policies name different providers "
        + "for one workload. Requests that the policy applies to are refused with 403, as Istio refuses them then.",
        "action: CUSTOM\nprovider: {name: oauth2-proxy}",
        "Add the provider to meshConfig.extensionProviders of an IstioOperator in the folder, and its Service with a WorkloadEntry.");

    public static readonly FindingCode Authorizer = new(
        "GWY041", Severity.Warning, "External authorizer is asked otherwise than it seems",
        "The provider is used, but not as it is written: Istio does not act on a field, the service's port does not fit, or a policy covers "
        + "the authorizer itself, so that each check asks for another.",
        "envoyExtAuthzGrpc: {service: ext-authz.default.svc.cluster.local, port: 9000}   # the port is named http",
        "Follow the message.");

    public static readonly FindingCode PolicyValue = new(
        "GWY034", Severity.Warning, "Value of a policy is ignored",
        "Istio cannot translate the value. In an ALLOW policy it leaves the whole rule out, which allows less; in a DENY policy it leaves "
        + "out the condition, which denies more. The gateway does the same.",
        "when: [{key: destination.port, values: [http]}]", "Correct the value.");

    public static readonly FindingCode WaypointPolicy = new(
        "GWY035", Severity.Warning, "Policy is for a waypoint only",
        "A policy attached to a Service, ServiceEntry or GatewayClass is enforced by waypoints of ambient mode. Sidecars, gateways and "
        + "this gateway ignore it.",
        "targetRefs: [{kind: Service, name: ping}]", "Use selector for sidecars.");

    public static readonly FindingCode Keys = new(
        "GWY036", Severity.Warning, "Keys of a token issuer cannot be used",
        "The JSON web key set is no such set, or holds a key of a kind that the gateway cannot verify; tokens signed with it are refused.",
        "jwks: '{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"...\"}]}'", "Use RSA, EC or HMAC keys locally.");

    public static readonly FindingCode RateLimit = new(
        "GWY037", Severity.Warning, "Rate limit is not executed",
        "Envoy rejects the configuration, or the gateway does not execute this part of it.",
        "token_bucket: {max_tokens: 10, fill_interval: 10ms}", "Give the bucket a fill_interval of at least 50ms.");

    public static readonly FindingCode EnvoyPatch = new(
        "GWY038", Severity.Warning, "EnvoyFilter patch is not executed here",
        "The gateway executes local rate limits of EnvoyFilters, and the removal of Istio's own HTTP filters; every other patch takes "
        + "effect in the cluster only.",
        "applyTo: CLUSTER", "Test what depends on it in the cluster.");

    public static readonly FindingCode LocalAddress = new(
        "GWY039", Severity.Warning, "Addresses differ on a laptop",
        "All local traffic comes from and goes to loopback addresses, so a condition on cluster addresses does not hold as it will there.",
        "when: [{key: destination.ip, values: [10.0.0.0/8]}]", "Test what depends on it in the cluster.");
}
