using Gateway.Mesh;
using Istio.Documents;

namespace Gateway.Routing;

/// <summary>What the gateway finds wrong in routes.</summary>
internal static class RoutingCodes
{
    public static readonly FindingCode Rule = new(
        "GWY051", Severity.Error, "Rule cannot be executed",
        "A proxy refuses the whole configuration of a port when one rule of it makes no sense: a pattern that is none, a status that is no "
        + "redirect, weights that sum to 0, a rule without an action.",
        "redirect: {uri: /new, redirectCode: 305}", "Correct the field.");

    public static readonly FindingCode HeaderValue = new(
        "GWY052", Severity.Warning, "Header value is not executed here",
        "In a header's value % begins one of Envoy's command operators; this one is none, or asks for what a laptop does not know. The "
        + "header is left out.",
        "set: {x-rate: 50%}", "Write %% for a percent sign, or test what depends on the header in the cluster.");

    public static readonly FindingCode Delegate = new(
        "GWY053", Severity.Warning, "Delegate is left out",
        "Istio leaves a rule out when its delegate is missing, is not exported to the rule's namespace, or has matches that are no part of "
        + "the rule's.",
        "delegate: {name: nowhere}", "Correct the name, the exportTo, or the delegate's matches.");

    public static readonly FindingCode Server = new(
        "GWY054", Severity.Warning, "Server is not executed here",
        "The Istio door speaks HTTP and ends TLS; TCP, TLS that is passed through, and a server that conflicts with an earlier one on its "
        + "port are left out.",
        "port: {number: 5432, protocol: TCP}", "Test it in the cluster, or remove the conflict.");

    public static readonly FindingCode SharedPort = new(
        "GWY055", Severity.Warning, "Several gateways share a port",
        "In the cluster these Gateways run in different pods with addresses of their own; here one door serves the port for all of them.",
        "(two Gateways with different selectors and port 80)", "Nothing, unless their hosts overlap.");

    public static readonly FindingCode Attachment = new(
        "GWY056", Severity.Warning, "Route is not attached",
        "Gateway API routes apply only where a listener allows them: by name, port, hostname, namespace and kind; and a rule with a filter "
        + "or backend that Istio does not support takes the whole route with it.",
        "parentRefs: [{name: nowhere}]", "Correct the reference, or the listener's allowedRoutes.");

    public static readonly FindingCode Caller = new(
        "GWY057", Severity.Warning, "Match depends on the caller",
        "Which workload calls is not known on a laptop, so a match with sourceLabels takes no request here.",
        "match: [{sourceLabels: {app: web}}]", "Test what depends on the caller in the cluster.");

    public static readonly FindingCode Normalization = new(
        "GWY058", Severity.Error, "Unknown path normalisation",
        "meshConfig.pathNormalization.normalization is NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES.",
        "pathNormalization: {normalization: MERGE}", "Use one of the four names.");

    /// <summary>Adds a finding unless it is there already: one rule is compiled for several ports.</summary>
    public static void Report(this List<Finding> findings, ResourceDocument document, string field, FindingCode code, string message)
    {
        var finding = document.At(field, code, message);
        if (!findings.Contains(finding))
        {
            findings.Add(finding);
        }
    }
}
