using System.Collections.Immutable;
using Istio.Documents;

namespace Istio.Validation;

/// <summary>Traps that Istio accepts in silence: the documents are valid and do not do what they seem to say.</summary>
public static class TrapCodes
{
    internal static readonly FindingCode EjectionNever = new(
        "MESH001", Severity.Warning, "Ejection never happens",
        "Envoy ejects an endpoint only when 100 x (ejected + 1) / endpoints does not exceed maxEjectionPercent, and Istio does not "
        + "set the option that ejects one anyway. With few replicas the default of 10 % ejects nobody.",
        "outlierDetection: {consecutive5xxErrors: 3}   # 3 replicas: one ejection needs 34",
        "Raise maxEjectionPercent to 100 / replicas, rounded up.");

    internal static readonly FindingCode EjectionOfTheOnly = new(
        "MESH002", Severity.Warning, "Ejection of the only endpoint",
        "The service has one replica. Ejecting it leaves nobody: every request gets 503 for the ejection time.",
        "outlierDetection: {maxEjectionPercent: 100}   # 1 replica",
        "Run more replicas, or leave outlier detection out.");

    internal static readonly FindingCode RetriesDoNotFit = new(
        "MESH003", Severity.Warning, "Retries do not fit the timeout",
        "The route's timeout includes all tries and the pauses between them. When (1 + attempts) x perTryTimeout and the back-off "
        + "take longer, the last tries are cut off or never made.",
        "timeout: 5s\nretries: {attempts: 3, perTryTimeout: 2s}",
        "Raise timeout, or lower attempts or perTryTimeout.");

    internal static readonly FindingCode PerTryTimeoutIgnored = new(
        "MESH004", Severity.Warning, "perTryTimeout without effect",
        "Envoy ignores a perTryTimeout that is not below the route's timeout.",
        "timeout: 2s\nretries: {attempts: 2, perTryTimeout: 2s}",
        "Make perTryTimeout smaller than timeout / (1 + attempts).");

    internal static readonly FindingCode PerTryTimeoutNotRetried = new(
        "MESH005", Severity.Warning, "perTryTimeout that is not retried",
        "A try that runs into perTryTimeout is retried only when retryOn has 5xx, gateway-error or reset; Istio's default has none "
        + "of them.",
        "retries: {attempts: 2, perTryTimeout: 1s}",
        "Add one of them to retryOn, for example gateway-error,connect-failure,refused-stream.");

    internal static readonly FindingCode RetryWithout5xx = new(
        "MESH006", Severity.Warning, "Retries that do not cover 5xx",
        "Without retryOn Istio retries connect-failure, refused-stream, unavailable and cancelled: a 500 or 503 that the "
        + "application answers is not retried.",
        "retries: {attempts: 3}",
        "Set retryOn, for example 5xx, or write the default out to say that it is meant.");

    internal static readonly FindingCode StatusCodeOnly = new(
        "MESH007", Severity.Warning, "Status code in retryOn",
        "A number in retryOn means a response with this status. When the connection is refused or reset there is no response, so "
        + "\"503\" does not retry it, although the caller sees 503.",
        "retryOn: \"503\"",
        "Add connect-failure,refused-stream,reset, or use 5xx.");

    internal static readonly FindingCode FaultHidesRetries = new(
        "MESH008", Severity.Warning, "Fault next to retries or timeout",
        "An injected abort is not retried and an injected delay does not count against the timeout, because the fault acts before "
        + "the router. The test shows nothing about the resilience settings beside it.",
        "fault: {abort: {httpStatus: 503, percentage: {value: 50}}}\nretries: {attempts: 3, retryOn: 5xx}",
        "Inject the fault in another hop, for example in the service that is called.");

    internal static readonly FindingCode FaultNever = new(
        "MESH009", Severity.Warning, "Fault of 0 %",
        "A fault without percentage happens to 0 % of the requests.",
        "fault: {abort: {httpStatus: 500}}",
        "Add percentage: {value: 100}, or remove the fault.");

    internal static readonly FindingCode MirrorNever = new(
        "MESH010", Severity.Warning, "Mirror of 0 %",
        "A mirror percentage of 0 switches mirroring off; only an absent one means 100 %.",
        "mirror: {host: ping-next}\nmirrorPercentage: {value: 0}",
        "Raise the percentage, or remove the mirror.");

    internal static readonly FindingCode Weights = new(
        "MESH011", Severity.Warning, "Weights do not add up to 100",
        "Istio takes weights as proportions: 50 and 30 mean 62.5 % and 37.5 %, and a single destination gets everything whatever "
        + "its weight.",
        "route:\n- {destination: {host: a}, weight: 50}\n- {destination: {host: b}, weight: 30}",
        "Write weights that add up to 100.");

    internal static readonly FindingCode PrefixMatchesMore = new(
        "MESH012", Severity.Warning, "Prefix matches more than the path",
        "A VirtualService prefix compares characters, not path segments: /api/v1 also matches /api/v1ping and /api/v10.",
        "match: [{uri: {prefix: /api/v1}}]",
        "Match exact: /api/v1 and prefix: /api/v1/, or use an HTTPRoute with PathPrefix.");

    internal static readonly FindingCode RewriteSlashes = new(
        "MESH013", Severity.Warning, "Rewrite doubles or loses a slash",
        "A rewrite replaces exactly the characters that the prefix matched: /api/v1 by / turns /api/v1/ping into //ping, and /api/ "
        + "by /v2 turns /api/ping into /v2ping.",
        "match: [{uri: {prefix: /api/v1}}]\nrewrite: {uri: /}",
        "End both the prefix and the rewrite with a slash, or use uriRegexRewrite.");

    internal static readonly FindingCode IngressDisagrees = new(
        "MESH014", Severity.Warning, "Ingress and VirtualService change the path differently",
        "An Ingress and a VirtualService (or HTTPRoute) send the same path to the same service, but the service sees different "
        + "paths; a move from one to the other would break callers.",
        "Ingress rewrites /api/v1/ping to /ping, the VirtualService keeps /api/v1/ping",
        "Make the rewrites equal; a regex rewrite of an Ingress is uriRegexRewrite in a VirtualService.");

    internal static readonly FindingCode OutsideTheMesh = new(
        "MESH015", Severity.Warning, "Rule that nothing executes",
        "The service gets its traffic from an Ingress whose controller is outside the mesh. VirtualServices and DestinationRules "
        + "are executed by the caller's proxy, and that controller has none.",
        "kind: Ingress to ping, kind: VirtualService with hosts: [ping], and nothing else calls ping",
        "Let the traffic enter by an Istio Gateway, or put the controller into the mesh.");

    internal static readonly FindingCode GatewaysMissing = new(
        "MESH016", Severity.Warning, "Mesh rule for a gateway's host",
        "Without gateways a VirtualService holds for calls inside the mesh only. Its host is one that a Gateway serves, so the "
        + "requests it is meant for pass it by.",
        "hosts: [shop.example.com]   # a Gateway serves shop.example.com; gateways is absent",
        "Add gateways: [name of the Gateway].");

    internal static readonly FindingCode MeshMissing = new(
        "MESH017", Severity.Warning, "Gateway rule for a mesh host",
        "The VirtualService is bound to a gateway only, but its hosts are names of services inside the cluster, which callers in "
        + "the mesh use and callers outside cannot.",
        "hosts: [ping]\ngateways: [public]",
        "Add mesh to gateways for calls inside the mesh, or use the host that clients of the gateway send.");

    internal static readonly FindingCode PolicyPath = new(
        "MESH018", Severity.Warning, "Policy on a path that never arrives",
        "The policy is enforced at the workload, after the route has rewritten the path; the path it names exists only before the rewrite.",
        "paths: [/api/v1/*] on workload ping, behind a route that rewrites /api/v1/ to /",
        "Name the rewritten path, or bind the policy to the gateway.");

    internal static readonly FindingCode StrictOutside = new(
        "MESH019", Severity.Warning, "STRICT mTLS with traffic from outside the mesh",
        "A NodePort or LoadBalancer Service, or an Ingress controller outside the mesh, connects in plain text; STRICT refuses it.",
        "mtls: {mode: STRICT}   # and a Service of type: NodePort for the same workload",
        "Let the traffic enter by an Istio Gateway, or allow the port with portLevelMtls PERMISSIVE.");

    internal static readonly FindingCode TlsOffToStrict = new(
        "MESH020", Severity.Warning, "TLS switched off towards a STRICT workload",
        "The DestinationRule makes callers send plain text, and the workload's PeerAuthentication refuses plain text; every request "
        + "fails with 503.",
        "DestinationRule tls: {mode: DISABLE}, PeerAuthentication mtls: {mode: STRICT}",
        "Use ISTIO_MUTUAL, or leave tls out.");

    internal static readonly FindingCode ProbesLockedOut = new(
        "MESH021", Severity.Warning, "Probes locked out",
        "The pod switches the rewriting of its probes off, so the kubelet's probes, which have no mesh identity, reach the sidecar "
        + "and its policies.",
        "sidecar.istio.io/rewriteAppHTTPProbers: \"false\"   # and an ALLOW policy without the probe's path, or STRICT mTLS",
        "Remove the annotation, or allow the probe's path and port.");

    internal static readonly FindingCode PreflightBlocked = new(
        "MESH022", Severity.Warning, "Preflight blocked by authorization",
        "Authorization is decided before CORS. A preflight is an OPTIONS request without credentials; an ALLOW policy that does not "
        + "admit it answers 403, and the browser never sends the real request.",
        "corsPolicy on a gateway whose ALLOW policy has methods: [GET]",
        "Add a rule that allows methods: [OPTIONS].");

    internal static readonly FindingCode NotEmulated = new(
        "MESH023", Severity.Warning, "Rule on mesh identity",
        "The rule asks who the caller is by mTLS identity or by workload labels. A laptop has no mTLS between processes, so the "
        + "local run cannot show its effect.",
        "principals: [cluster.local/ns/shop/sa/cart]",
        "Nothing, if it is meant; test it in a cluster.");

    internal static readonly FindingCode RateLimitOff = new(
        "MESH024", Severity.Warning, "Local rate limit that limits nothing",
        "filter_enabled and filter_enforced both default to 0 %: without the first nothing is counted, without the second nothing "
        + "is refused.",
        "token_bucket: {max_tokens: 10, fill_interval: 1s}   # and no filter_enforced",
        "Set both to default_value: {numerator: 100, denominator: HUNDRED}.");

    internal static readonly FindingCode RateLimitRejected = new(
        "MESH025", Severity.Error, "Local rate limit that Envoy rejects",
        "Envoy refuses a local rate limit without stat_prefix, without tokens, or with a fill_interval below 50 ms, and keeps its "
        + "old configuration.",
        "token_bucket: {max_tokens: 10, fill_interval: 0.01s}",
        "Correct the field that the message names.");

    internal static readonly FindingCode SplitBreaksHash = new(
        "MESH026", Severity.Warning, "Split breaks stickiness",
        "A weighted split draws anew for every request, before consistentHash chooses the endpoint within the drawn subset; one "
        + "user moves between the versions.",
        "weights 90/10 over subsets of a host with loadBalancer.consistentHash",
        "Choose the subset by a header or cookie match, or accept it.");

    internal static readonly FindingCode WrongNamespace = new(
        "MESH027", Severity.Warning, "Short name resolves to another namespace",
        "A short host name means the service in the namespace of the rule, not of the caller. The documents have the service in "
        + "another namespace only.",
        "namespace: infra ... destination: {host: ping}   # the Service is in namespace shop",
        "Write the full name, such as ping.shop.svc.cluster.local.");

    internal static readonly FindingCode HalfQualified = new(
        "MESH028", Severity.Warning, "Half-qualified host name",
        "Istio completes a name without dots; a name with dots is taken as it is. ping.shop is a service to Kubernetes DNS, but to "
        + "Istio a host outside the mesh that does not exist.",
        "destination: {host: ping.shop}",
        "Write ping.shop.svc.cluster.local.");

    internal static readonly FindingCode LimitOfZero = new(
        "MESH029", Severity.Warning, "Limit of 0",
        "In a connection pool 0 means not set, which is no limit; it does not mean none.",
        "http: {maxRetries: 0}",
        "Use 1 as the smallest limit; to switch retries off use retries.attempts: 0 in the VirtualService.");

    internal static readonly FindingCode ServicePortInMtls = new(
        "MESH030", Severity.Warning, "Service port in portLevelMtls",
        "portLevelMtls counts ports of the workload. The number is a port of the Service that leads to another port of the workload.",
        "portLevelMtls: {80: {mode: DISABLE}}   # Service port 80, targetPort 8080",
        "Use the target port.");

    internal static readonly FindingCode RulesForOneHost = new(
        "MESH031", Severity.Warning, "Several DestinationRules for one host",
        "Istio merges the subsets of DestinationRules for one host in one namespace, but takes the trafficPolicy of the oldest only.",
        "two DestinationRules with host: ping, both with trafficPolicy",
        "Merge them into one.");

    internal static readonly FindingCode IngressPathType = new(
        "MESH032", Severity.Error, "Regular expression with the wrong pathType",
        "ingress-nginx refuses a path with other characters than letters, digits, - _ . and / unless pathType is ImplementationSpecific.",
        "path: /api/v1(/|$)(.*)\npathType: Prefix",
        "Use pathType: ImplementationSpecific.");

    internal static readonly FindingCode IngressRegex = new(
        "MESH033", Severity.Error, "Ingress path that nginx cannot compile",
        "With use-regex or rewrite-target every path is a regular expression, and this one is none.",
        "path: /api/v1(/|$(.*)",
        "Correct the expression.");

    internal static readonly FindingCode IngressCapture = new(
        "MESH034", Severity.Warning, "rewrite-target without its group",
        "rewrite-target names a group that the path does not capture; nginx puts nothing there.",
        "rewrite-target: /$2\npath: /api/v1(.*)",
        "Add the group to the path, or correct the number.");

    internal static readonly FindingCode IngressRegexSpreads = new(
        "MESH035", Severity.Warning, "Path becomes a regular expression",
        "One Ingress with use-regex or rewrite-target makes ingress-nginx treat all paths of the host, also those of other "
        + "Ingresses, as case-insensitive expressions that match any longer path.",
        "Ingress a: host shop, rewrite-target; Ingress b: host shop, path: /admin, pathType: Exact",
        "Give the rewriting Ingress a host of its own.");

    internal static readonly FindingCode UnusableProvider = new(
        "MESH036", Severity.Warning, "External authorizer that cannot be asked",
        "Istio cannot make configuration for Envoy of an extension provider with this value, so that every request that a CUSTOM policy "
        + "with it covers is denied with 403.",
        "extensionProviders:\n- name: ext-authz\n  envoyExtAuthzHttp: {service: ext-authz.default.svc.cluster.local}   # no port",
        "Correct the value.");

    internal static readonly FindingCode UnknownProvider = new(
        "MESH037", Severity.Warning, "CUSTOM without its external authorizer",
        "The mesh configuration has no external authorizer of the name, so that Istio denies every request that the policy covers with 403. "
        + "Reported only where the documents hold the mesh configuration.",
        "action: CUSTOM\nprovider: {name: oauth2-proxy}   # extensionProviders has ext-authz only",
        "Correct the name, or add the provider to meshConfig.extensionProviders.");

    /// <summary>All of them, in the order of their codes.</summary>
    public static ImmutableArray<FindingCode> All { get; } =
    [
        EjectionNever, EjectionOfTheOnly, RetriesDoNotFit, PerTryTimeoutIgnored, PerTryTimeoutNotRetried, RetryWithout5xx,
        StatusCodeOnly, FaultHidesRetries, FaultNever, MirrorNever, Weights, PrefixMatchesMore, RewriteSlashes, IngressDisagrees,
        OutsideTheMesh, GatewaysMissing, MeshMissing, PolicyPath, StrictOutside, TlsOffToStrict, ProbesLockedOut, PreflightBlocked,
        NotEmulated, RateLimitOff, RateLimitRejected, SplitBreaksHash, WrongNamespace, HalfQualified, LimitOfZero, ServicePortInMtls,
        RulesForOneHost, IngressPathType, IngressRegex, IngressCapture, IngressRegexSpreads,
        UnusableProvider, UnknownProvider,
    ];
}
