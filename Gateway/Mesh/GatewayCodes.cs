using Istio.Documents;

namespace Gateway.Mesh;

/// <summary>What the gateway finds wrong in documents that are well-formed.</summary>
internal static class GatewayCodes
{
    public static readonly FindingCode Pattern = new(
        "GWY001", Severity.Error, "Path is no pattern",
        "On a host with rewrite-target or use-regex every path is a PCRE pattern; this is none, or has a construct not executed here.",
        "path: /api(", "Correct the pattern at the position given.");

    public static readonly FindingCode PathType = new(
        "GWY002", Severity.Error, "Path does not fit its type",
        "ingress-nginx takes only letters, digits and \"._-/\" in a path of type Exact or Prefix, and rejects the Ingress otherwise.",
        "path: /api/v1(/|$)(.*)\npathType: Prefix", "Use pathType ImplementationSpecific for patterns.");

    public static readonly FindingCode Rewrite = new(
        "GWY003", Severity.Error, "Rewrite cannot be executed",
        "The rewrite-target names something other than a captured group, or is an absolute URI.",
        "nginx.ingress.kubernetes.io/rewrite-target: /$uri", "Use $1 to $9, or a redirect annotation.");

    public static readonly FindingCode RewriteIgnored = new(
        "GWY004", Severity.Warning, "Rewrite is dropped",
        "ingress-nginx validates annotations and drops a rewrite-target with any other character than letters, digits and \"-._~/:$\".",
        "nginx.ingress.kubernetes.io/rewrite-target: /$2?x=1", "Write the target without those characters.");

    public static readonly FindingCode Annotation = new(
        "GWY005", Severity.Warning, "Annotation is not executed here",
        "ingress-nginx would act on the annotation; this gateway does not, so the cluster may answer differently.",
        "nginx.ingress.kubernetes.io/canary: \"true\"", "Test what depends on it in the cluster.");

    public static readonly FindingCode Class = new(
        "GWY006", Severity.Warning, "Ingress without class",
        "ingress-nginx takes only an Ingress of its class.",
        "kind: Ingress", "Set spec.ingressClassName: nginx.");

    public static readonly FindingCode Backend = new(
        "GWY007", Severity.Warning, "Backend is missing",
        "No Service, or no port of it, is what the Ingress names; requests are answered with 503.",
        "service: {name: pong, port: {name: http}}", "Correct the name, or add the Service to the folder.");

    public static readonly FindingCode Address = new(
        "GWY008", Severity.Warning, "Endpoint has no address",
        "A WorkloadEntry needs an IP address or a host name.",
        "spec: {address: unix:///run/ping}", "Give it an address.");

    public static readonly FindingCode Duplicate = new(
        "GWY009", Severity.Error, "Resource exists twice",
        "Two documents have one kind, namespace and name; in a cluster the second would replace the first.",
        "(two Services named ping)", "Remove or rename one.");

    public static readonly FindingCode Tls = new(
        "GWY010", Severity.Warning, "TLS is not executed here",
        "The Ingress door speaks plain HTTP; in the cluster hosts with TLS answer plain requests with a redirect to HTTPS.",
        "spec: {tls: [{hosts: [example.com]}]}", "Test TLS in the cluster.");

    public static readonly FindingCode Certificate = new(
        "GWY011", Severity.Warning, "Certificate of a server",
        "A server that ends TLS needs a certificate with its key: from a Secret of type kubernetes.io/tls in the namespace of the gateway's "
        + "pods, or from files. In the cluster the port stays closed without one.",
        "tls: {mode: SIMPLE, credentialName: missing}", "Add the Secret to the folder, or name files that exist here.");

    /// <summary>Makes a finding at a field of a document.</summary>
    public static Finding At(this ResourceDocument document, string field, FindingCode code, string message) =>
        new(document.Locate(field), code.Severity, code.Code, document.Kind, document.Name, field, message);
}
