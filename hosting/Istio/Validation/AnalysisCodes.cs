using System.Collections.Immutable;
using Istio.Documents;

namespace Istio.Validation;

/// <summary>
/// Findings that <c>istioctl analyze</c> gives under the same codes, as far as files alone can tell.
/// Source of the numbers: https://istio.io/latest/docs/reference/config/analysis/
/// </summary>
public static class AnalysisCodes
{
    internal static readonly FindingCode Deprecated = new(
        "IST0002", Severity.Warning, "Deprecated field",
        "The resource uses a field that Istio has replaced or ignores.",
        "fault:\n  delay: {percent: 10, fixedDelay: 5s}",
        "Use the field that the message names.");

    internal static readonly FindingCode NotFound = new(
        "IST0101", Severity.Error, "Referenced resource not found",
        "A host, subset, port, gateway, workload, secret or namespace is named that the documents do not have. Reported only where "
        + "the documents are evidently complete: they hold other resources of that sort in the same namespace.",
        "route:\n- destination: {host: ping, subset: v3}   # the DestinationRule has v1 and v2",
        "Correct the name, or add the resource.");

    internal static readonly FindingCode NotInjected = new(
        "IST0102", Severity.Warning, "Namespace not in the mesh",
        "The Namespace has no label that puts its pods into the mesh, so no sidecar executes the rules for them.",
        "kind: Namespace\nmetadata: {name: shop}   # with Deployments and VirtualServices in it",
        "Add the label istio-injection: enabled (or istio.io/rev), or istio-injection: disabled to say that it is meant.");

    internal static readonly FindingCode MissingProxy = new(
        "IST0103", Severity.Warning, "Pod without sidecar",
        "A pod runs in a namespace with injection and has no istio-proxy container: it was created before the label, or another way.",
        "kind: Pod   # in a namespace with istio-injection: enabled",
        "Restart the workload, or set the label sidecar.istio.io/inject: \"false\" on the pod.");

    internal static readonly FindingCode MisplacedAnnotation = new(
        "IST0107", Severity.Warning, "Misplaced annotation",
        "An Istio annotation stands on a kind of resource where Istio does not look for it.",
        "kind: Service\nmetadata:\n  annotations: {sidecar.istio.io/proxyCPU: 100m}",
        "Move it to a kind that the message names; for a Deployment to the pod template.");

    internal static readonly FindingCode UnknownAnnotation = new(
        "IST0108", Severity.Warning, "Unknown annotation",
        "An annotation is in Istio's name space but is not one of Istio's; nothing reads it.",
        "sidecar.istio.io/injekt: \"true\"",
        "Correct the spelling, or remove it.");

    internal static readonly FindingCode ConflictingHosts = new(
        "IST0109", Severity.Error, "VirtualServices for one host in the mesh",
        "Sidecars use one VirtualService for a host. Of several, one is taken and the others are ignored.",
        "two VirtualServices with hosts: [ping] and no gateways",
        "Merge them into one resource.");

    internal static readonly FindingCode ConflictingSidecars = new(
        "IST0110", Severity.Error, "Sidecars that select one workload",
        "Several Sidecar resources select the same workload; which one counts is undefined.",
        "two Sidecars with workloadSelector {labels: {app: ping}}",
        "Make the selectors disjoint, or merge the resources.");

    internal static readonly FindingCode SidecarsWithoutSelector = new(
        "IST0111", Severity.Error, "Several Sidecars for a namespace",
        "A namespace has more than one Sidecar without workloadSelector; which one counts is undefined.",
        "two Sidecars without workloadSelector in one namespace",
        "Keep one, or add selectors.");

    internal static readonly FindingCode PortRequired = new(
        "IST0112", Severity.Error, "Destination port required",
        "The Service has several ports and the destination does not say which one.",
        "destination: {host: ping}   # ports 80 and 9090",
        "Add port.number to the destination.");

    internal static readonly FindingCode PortProtocols = new(
        "IST0116", Severity.Warning, "One port, different protocols",
        "Several Services select the workload and give the same port different protocols.",
        "Services a and b on port 9000, one TCP and one UDP",
        "Use one protocol, or different ports.");

    internal static readonly FindingCode PortName = new(
        "IST0118", Severity.Warning, "Port does not tell its protocol",
        "The port's name does not begin with a protocol and appProtocol is absent, so Istio has to guess from the traffic.",
        "ports:\n- {name: web, port: 80}",
        "Name it http, http-web, grpc, tcp ... or set appProtocol.");

    internal static readonly FindingCode InjectionLabels = new(
        "IST0123", Severity.Warning, "Contradictory injection labels",
        "A Namespace has more than one of istio-injection, istio.io/rev and istio.io/dataplane-mode; which one counts depends on "
        + "Istio's version.",
        "labels: {istio-injection: enabled, istio.io/rev: canary}",
        "Keep one of the two labels.");

    internal static readonly FindingCode InvalidAnnotation = new(
        "IST0125", Severity.Warning, "Invalid annotation value",
        "The value of an Istio annotation is not one that Istio can read.",
        "readiness.status.sidecar.istio.io/periodSeconds: often",
        "Write a value of the form that the message names.");

    internal static readonly FindingCode NoWorkloads = new(
        "IST0127", Severity.Warning, "Policy selects no workload",
        "No workload in the documents has the labels that the policy selects, although the namespace has workloads.",
        "kind: AuthorizationPolicy\nspec:\n  selector: {matchLabels: {app: pign}}",
        "Correct the labels.");

    internal static readonly FindingCode NoServerVerification = new(
        "IST0128", Severity.Warning, "Server certificate not verified",
        "The DestinationRule starts TLS but names no CA certificates, so the server's identity may not be checked.",
        "tls: {mode: SIMPLE}",
        "Set tls.caCertificates, or credentialName together with workloadSelector.");

    internal static readonly FindingCode NoServerVerificationOnPort = new(
        "IST0129", Severity.Warning, "Server certificate not verified on a port",
        "As IST0128, for the settings of one port.",
        "portLevelSettings:\n- port: {number: 443}\n  tls: {mode: SIMPLE}",
        "Set tls.caCertificates, or credentialName together with workloadSelector.");

    internal static readonly FindingCode UnreachableRule = new(
        "IST0130", Severity.Warning, "Rule never reached",
        "The first rule that matches wins, and earlier rules match everything that this rule matches. What follows a rule that "
        + "matches all requests (no match, prefix /, or regex .*) is not even sent to the proxies.",
        "http:\n- route: [...]          # matches everything\n- match: [{uri: {exact: /ping}}]\n  route: [...]",
        "Put the more specific rule first.");

    internal static readonly FindingCode IneffectiveMatch = new(
        "IST0131", Severity.Warning, "Match never used",
        "An earlier match covers this one entirely.",
        "- match: [{uri: {prefix: /api}}]\n- match: [{uri: {prefix: /api/v1}}, {uri: {exact: /ping}}]",
        "Put the more specific match first, or remove it.");

    internal static readonly FindingCode HostNotInGateway = new(
        "IST0132", Severity.Warning, "Host not served by the gateway",
        "None of the VirtualService's hosts is a host of the Gateway it is bound to, so no request reaches its rules.",
        "hosts: [shop.example.com]   # the Gateway serves *.example.org",
        "Add the host to a server of the Gateway, or bind the VirtualService to another one.");

    internal static readonly FindingCode SchemaWarning = new(
        "IST0133", Severity.Warning, "Accepted with a warning",
        "Istio's webhook accepts the resource but warns about it.",
        "tls: {mode: SIMPLE, cipherSuites: [NOT-A-CIPHER], credentialName: cert}",
        "Do what the message says.");

    internal static readonly FindingCode AddressesRequired = new(
        "IST0134", Severity.Warning, "TCP ServiceEntry without addresses",
        "A TCP port has no host name in its traffic. Without addresses, and without automatic allocation of them, connections to "
        + "other hosts on the same port match too.",
        "hosts: [db.example.com]\nports:\n- {number: 5432, name: tcp, protocol: TCP}",
        "Add addresses, or leave allocation to Istio (PILOT_ENABLE_IP_AUTOALLOCATE with DNS capture).");

    internal static readonly FindingCode DeprecatedAnnotation = new(
        "IST0135", Severity.Warning, "Deprecated annotation",
        "Istio may stop reading the annotation.",
        "annotations: {sidecar.istio.io/inject: \"true\"}",
        "Use what the message names; sidecar.istio.io/inject is a label now.");

    internal static readonly FindingCode PortConflict = new(
        "IST0137", Severity.Warning, "One target port, different service ports",
        "Several Services reach the same port of a workload under different port numbers; the inbound rules of one of them win.",
        "Service a: port 80 to 8080, Service b: port 81 to 8080",
        "Use the same port number in both Services.");

    internal static readonly FindingCode DuplicateCertificate = new(
        "IST0138", Severity.Warning, "One certificate in several Gateways",
        "Browsers reuse an HTTP/2 connection for every host that its certificate covers; a request for a host of the other Gateway "
        + "then gets 404.",
        "Gateways a and b on one workload, both with credentialName: wildcard",
        "Serve the hosts from one Gateway, or use a certificate for each.");

    internal static readonly FindingCode InvalidWebhook = new(
        "IST0139", Severity.Error, "Injection webhooks that overlap or lead nowhere",
        "Several webhooks inject the same pods, or one calls a Service that does not exist.",
        "two MutatingWebhookConfigurations with namespaceSelector {istio-injection: enabled}",
        "Remove one, or make the selectors disjoint; correct clientConfig.service.");

    internal static readonly FindingCode RulesNotForIngress = new(
        "IST0140", Severity.Warning, "Mesh rules not used at the gateway",
        "A VirtualService for the mesh splits the host into subsets, but the gateway routes to the host itself: rules for a host "
        + "are executed once, where the request enters, and not again for the destination.",
        "gateway-bound: destination {host: ping}; mesh: hosts [ping] to subsets v1 and v2",
        "Route to the subsets in the gateway's VirtualService too.");

    internal static readonly FindingCode ReservedUser = new(
        "IST0144", Severity.Warning, "Reserved user id",
        "The application runs as user 1337, the sidecar's own, whose traffic is not redirected to the sidecar.",
        "securityContext: {runAsUser: 1337}",
        "Run it as another user.");

    internal static readonly FindingCode ConflictingGateways = new(
        "IST0145", Severity.Error, "Gateways for one host and port",
        "Several Gateways with the same selector serve the same host on the same port; one of them is ignored.",
        "two Gateways with selector {istio: ingressgateway}, port 80 and hosts [\"*\"]",
        "Merge the servers into one Gateway, or make the hosts differ.");

    internal static readonly FindingCode AutoImage = new(
        "IST0146", Severity.Warning, "Image auto without injection",
        "The proxy container of a gateway has the image auto, which injection fills in, and nothing asks for injection.",
        "containers: [{name: istio-proxy, image: auto}]",
        "Add the label sidecar.istio.io/inject: \"true\" to the pod template, or use a namespace with injection.");

    internal static readonly FindingCode AutoImageInPod = new(
        "IST0147", Severity.Error, "Image auto in a pod",
        "A pod has the image auto, so injection did not happen and the image cannot be pulled.",
        "kind: Pod\nspec: {containers: [{name: istio-proxy, image: auto}]}",
        "Create the pod again where injection is on.");

    internal static readonly FindingCode ClaimsWithoutAuthentication = new(
        "IST0149", Severity.Error, "Claim match without authentication",
        "A route matches a claim of a token, but no RequestAuthentication applies to the gateway, so no token is ever read.",
        "headers:\n  \"@request.auth.claims.group\": {exact: admin}",
        "Add a RequestAuthentication that selects the gateway's workload.");

    internal static readonly FindingCode ExternalNamePort = new(
        "IST0150", Severity.Warning, "ExternalName port without protocol",
        "An ExternalName Service with a port named tcp, or without a protocol in its name, captures all traffic of that port.",
        "type: ExternalName\nports: [{name: tcp, port: 5432}]",
        "Name the port after its protocol, such as https.");

    internal static readonly FindingCode RelativePatch = new(
        "IST0151", Severity.Warning, "Patch relative to another filter",
        "The patch is placed relative to something another EnvoyFilter may not have added yet, and priority is not set.",
        "patch: {operation: INSERT_BEFORE, ...}   # without priority",
        "Set spec.priority, or use INSERT_FIRST or ADD. In front of the router, which is always there, it does no harm.");

    internal static readonly FindingCode ReplacePatch = new(
        "IST0152", Severity.Error, "REPLACE not possible here",
        "REPLACE works for HTTP_FILTER, NETWORK_FILTER and VIRTUAL_HOST only.",
        "applyTo: CLUSTER\npatch: {operation: REPLACE, ...}",
        "Use MERGE, or REMOVE and ADD.");

    internal static readonly FindingCode AddPatch = new(
        "IST0153", Severity.Error, "ADD ignored here",
        "ADD does nothing for ROUTE_CONFIGURATION and HTTP_ROUTE.",
        "applyTo: HTTP_ROUTE\npatch: {operation: ADD, ...}",
        "Use MERGE, or INSERT_FIRST for a route.");

    internal static readonly FindingCode RemovePatch = new(
        "IST0154", Severity.Error, "REMOVE ignored here",
        "REMOVE does nothing for ROUTE_CONFIGURATION and HTTP_ROUTE.",
        "applyTo: ROUTE_CONFIGURATION\npatch: {operation: REMOVE}",
        "Change the VirtualService that produces the route.");

    internal static readonly FindingCode RelativePatchWithVersion = new(
        "IST0155", Severity.Warning, "Relative patch for a proxy version",
        "As IST0151, and the filter it refers to is patched for one proxy version only, so an upgrade changes the order.",
        "match: {proxy: {proxyVersion: '^1\\.30.*'}}\npatch: {operation: INSERT_BEFORE, ...}",
        "Set spec.priority, or use INSERT_FIRST or ADD.");

    internal static readonly FindingCode NoProvider = new(
        "IST0157", Severity.Warning, "Access log without provider",
        "The accessLogging entry of a Telemetry names no provider; it is ignored unless the mesh configuration has a default.",
        "accessLogging: [{filter: {expression: response.code >= 400}}]",
        "Add providers: [{name: envoy}].");

    internal static readonly FindingCode ConflictingTelemetries = new(
        "IST0159", Severity.Error, "Telemetries that select one workload",
        "Several Telemetry resources select the same workload; which one counts is undefined.",
        "two Telemetries with selector {matchLabels: {app: ping}}",
        "Make the selectors disjoint, or merge the resources.");

    internal static readonly FindingCode TelemetriesWithoutSelector = new(
        "IST0160", Severity.Error, "Several Telemetries for a namespace",
        "A namespace has more than one Telemetry without selector; which one counts is undefined.",
        "two Telemetries without selector in one namespace",
        "Merge them into one.");

    internal static readonly FindingCode InvalidCredential = new(
        "IST0161", Severity.Error, "Secret without a certificate",
        "The Secret that the Gateway names as its certificate has no certificate and key in it.",
        "credentialName: shop-cert   # a Secret without tls.crt and tls.key",
        "Use a Secret of type kubernetes.io/tls.");

    internal static readonly FindingCode GatewayPort = new(
        "IST0162", Severity.Warning, "Gateway port not on its Service",
        "The Gateway listens on a port that the Service of its workload does not expose.",
        "servers:\n- port: {number: 8443, ...}   # the Service has 80 and 443",
        "Add the port to the Service, or use one that it has.");

    internal static readonly FindingCode ExternalControlPlane = new(
        "IST0163", Severity.Warning, "Webhook without control plane",
        "A webhook of Istio names neither a service nor a valid url, so the API server cannot reach the control plane.",
        "clientConfig: {url: \"\"}",
        "Write clientConfig.service, or the url of the external control plane.");

    internal static readonly FindingCode ControlPlaneAddress = new(
        "IST0164", Severity.Warning, "Control plane named by its address",
        "A webhook of Istio calls an external control plane by its IP address.",
        "clientConfig: {url: https://10.0.0.1:15017/inject}",
        "Use a host name.");

    internal static readonly FindingCode InternalGateway = new(
        "IST0165", Severity.Warning, "Internal gateway named",
        "A gateway that Istio generates from a Gateway API resource is named; its name may change.",
        "gateways: [istio-system/public~istio-autogenerated-k8s-gateway~http]",
        "Use an HTTPRoute with parentRefs, or an Istio Gateway.");

    internal static readonly FindingCode IneffectiveSelector = new(
        "IST0166", Severity.Warning, "Selector has no effect on a Gateway API gateway",
        "The policy selects by labels the pods of a Gateway API gateway, which only listens to targetRefs.",
        "selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: public}}",
        "Use targetRefs with kind Gateway.");

    internal static readonly FindingCode IneffectivePolicy = new(
        "IST0167", Severity.Warning, "Sidecar resource in ambient mode",
        "The workloads that a Sidecar resource is for are in the mesh without a sidecar.",
        "kind: Sidecar   # in a namespace with istio.io/dataplane-mode: ambient",
        "Remove it, or give the workloads a sidecar.");

    internal static readonly FindingCode NegativeCondition = new(
        "IST0171", Severity.Warning, "Not accepted by the cluster",
        "The status of the resource, as a cluster wrote it, has a condition that says that it is not accepted or does not work.",
        "status: {conditions: [{type: Programmed, status: \"False\"}]}",
        "Correct what the condition names.");

    internal static readonly FindingCode EmptySubset = new(
        "IST0173", Severity.Error, "Subset without workloads",
        "No workload of the service has the labels of the subset; requests that are sent to it get 503.",
        "subsets: [{name: v2, labels: {version: v2}}]   # all pods have version: v1",
        "Correct the labels, or deploy the version.");

    internal static readonly FindingCode UnknownRuleHost = new(
        "IST0174", Severity.Warning, "DestinationRule for an unknown host",
        "No Service and no ServiceEntry in the documents has the host, although its namespace has Services; the rule never applies.",
        "kind: DestinationRule\nspec: {host: pign}",
        "Correct the host.");

    internal static readonly FindingCode UnrestrictedKeys = new(
        "IST0175", Severity.Warning, "Keys fetched from any address",
        "Istiod fetches the key sets that RequestAuthentications name, from internal addresses too.",
        "kind: Deployment\nmetadata: {name: istiod, labels: {app: istiod}}   # without BLOCKED_CIDRS_IN_JWKS_URIS",
        "Set BLOCKED_CIDRS_IN_JWKS_URIS on istiod.");

    internal static readonly FindingCode OldDefinition = new(
        "IST0176", Severity.Warning, "Gateway API too old for Istio",
        "Istio does not watch a kind of the Gateway API whose definition is older than the message names.",
        "kind: CustomResourceDefinition   # tlsroutes, bundle-version v1.4.1",
        "Install a newer Gateway API.");

    internal static readonly FindingCode ConflictingProtocols = new(
        "IST0177", Severity.Warning, "ServiceEntries that contradict each other",
        "Several ServiceEntries give one host and port different protocols.",
        "a: api.example.com 443 HTTPS, b: api.example.com 443 TLS",
        "Use one protocol in all of them.");

    /// <summary>All of them, in the order of their codes.</summary>
    public static ImmutableArray<FindingCode> All { get; } =
    [
        Deprecated, NotFound, NotInjected, MissingProxy, MisplacedAnnotation, UnknownAnnotation, ConflictingHosts, ConflictingSidecars,
        SidecarsWithoutSelector, PortRequired, PortProtocols, PortName, InjectionLabels, InvalidAnnotation, NoWorkloads,
        NoServerVerification, NoServerVerificationOnPort, UnreachableRule, IneffectiveMatch, HostNotInGateway, SchemaWarning,
        AddressesRequired, DeprecatedAnnotation, PortConflict, DuplicateCertificate, InvalidWebhook, RulesNotForIngress, ReservedUser,
        ConflictingGateways, AutoImage, AutoImageInPod, ClaimsWithoutAuthentication, ExternalNamePort, RelativePatch, ReplacePatch,
        AddPatch, RemovePatch, RelativePatchWithVersion, NoProvider, ConflictingTelemetries, TelemetriesWithoutSelector,
        InvalidCredential, GatewayPort, ExternalControlPlane, ControlPlaneAddress, InternalGateway, IneffectiveSelector,
        IneffectivePolicy, NegativeCondition, EmptySubset, UnknownRuleHost, UnrestrictedKeys, OldDefinition, ConflictingProtocols,
    ];
}
