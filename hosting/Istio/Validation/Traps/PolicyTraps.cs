using Istio.Documents;
using Istio.Networking;
using Istio.Security;

namespace Istio.Validation.Traps;

/// <summary>AuthorizationPolicies that lock out what nobody meant, or that never see what they name.</summary>
internal static class PolicyTraps
{
    private const string RewriteProbes = "sidecar.istio.io/rewriteAppHTTPProbers";

    public static void Check(Mesh mesh)
    {
        var policies = mesh.Resources.OfType<AuthorizationPolicy>().ToArray();
        foreach (var (document, policy) in policies)
        {
            CheckIdentity(mesh.At(document)["spec"]["rules"], policy.Spec);
        }

        PolicyPaths.Check(mesh, policies);
        CheckPreflights(mesh, policies);
        CheckProbes(mesh, policies);
    }

    private static void CheckIdentity(Place at, AuthorizationPolicySpec spec)
    {
        for (var i = 0; i < spec.Rules.Count; i++)
        {
            for (var j = 0; j < spec.Rules[i].From.Count; j++)
            {
                if (spec.Rules[i].From[j].Source is { } source && IdentityFields(source).ToArray() is { Length: > 0 } fields)
                {
                    at[i]["from"][j]["source"].Report(TrapCodes.NotEmulated,
                        $"{string.Join(", ", fields)} {(fields.Length == 1 ? "asks" : "ask")} who the caller is by mTLS, which a local "
                        + "run does not have; test the rule in a cluster.");
                }
            }

            for (var j = 0; j < spec.Rules[i].When.Count; j++)
            {
                var key = spec.Rules[i].When[j].Key;
                if (key is "source.principal" or "source.namespace" or "source.serviceAccount" or "source.trustDomain")
                {
                    at[i]["when"][j].Report(TrapCodes.NotEmulated,
                        $"{key} asks who the caller is by mTLS, which a local run does not have; test the rule in a "
                        + "cluster.");
                }
            }
        }
    }

    private static IEnumerable<string> IdentityFields(Source source) =>
        new (string Name, EquatableArray<string> Values)[]
        {
            ("principals", source.Principals), ("notPrincipals", source.NotPrincipals), ("namespaces", source.Namespaces),
                ("notNamespaces", source.NotNamespaces),
            ("serviceAccounts", source.ServiceAccounts), ("notServiceAccounts", source.NotServiceAccounts),
            ("trustDomains", source.TrustDomains), ("notTrustDomains", source.NotTrustDomains),
        }.Where(field => !field.Values.IsEmpty).Select(field => field.Name);

    /// <summary>A preflight is answered by the gateway's CORS filter, after its authorization.</summary>
    private static void CheckPreflights(Mesh mesh, (ResourceDocument Document, AuthorizationPolicy Resource)[] policies)
    {
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            var gateways = service.Spec.Gateways
                .Select(name => mesh.Gateways.GetValueOrDefault(VirtualServiceRoutes.ResolveGateway(name, document.Namespace)).Resource)
                .Where(gateway => gateway is not null).ToArray();
            var blocking = gateways.Select(gateway => Blocking(policies, gateway!)).FirstOrDefault(found => found is not null);
            for (var i = 0; blocking is not null && i < service.Spec.Http.Count; i++)
            {
                if (service.Spec.Http[i].CorsPolicy is not null)
                {
                    mesh.At(document)["spec"]["http"][i]["corsPolicy"].Report(TrapCodes.PreflightBlocked,
                        $"AuthorizationPolicy {blocking.Name} answers a preflight with 403 before CORS sees it; let it pass OPTIONS "
                        + "requests without credentials.");
                }
            }
        }
    }

    private static ResourceDocument? Blocking((ResourceDocument Document, AuthorizationPolicy Resource)[] policies, Gateway gateway)
    {
        var bound = policies.Where(pair => pair.Resource.Spec.Selector is { MatchLabels: { IsEmpty: false } labels }
            && Metadata.Matches(labels, gateway.Spec.Selector)).ToArray();
        var allow = bound.Where(pair => pair.Resource.Spec.Action is null or PolicyAction.Allow).ToArray();
        var denied = bound.FirstOrDefault(pair => pair.Resource.Spec.Action == PolicyAction.Deny && pair.Resource.Spec.Rules
            .Any(DeniesPreflight)).Document;
        return denied ?? (allow.Length > 0 && !allow.Any(pair => pair.Resource.Spec.Rules.Any(AllowsPreflight)) ? allow[0].Document : null);
    }

    /// <summary>True for a source that asks neither for a token nor for an identity in the mesh.</summary>
    private static bool IsForAnyone(Source? source) =>
        source is { RequestPrincipals.IsEmpty: true, Principals.IsEmpty: true, TrustDomains.IsEmpty: true }
        && source is { Namespaces.IsEmpty: true, ServiceAccounts.IsEmpty: true };

    private static bool AllowsPreflight(Rule rule) =>
        (rule.From.IsEmpty || rule.From.Any(from => IsForAnyone(from.Source)))
        && (rule.To.IsEmpty || rule.To.Any(to => to.Operation is { } operation
            && (operation.Methods.IsEmpty || operation.Methods.Contains("OPTIONS") || operation.Methods.Contains("*"))
            && !operation.NotMethods.Contains("OPTIONS")))
        && !rule.When
        .Any(condition => condition.Key?.StartsWith("request.auth.", StringComparison.Ordinal) == true && !condition.Values.IsEmpty);

    /// <summary>The usual way to demand a token: deny every request without one.</summary>
    private static bool DeniesPreflight(Rule rule) =>
        rule.When.IsEmpty && rule.From.Any(from => from.Source is { } source && source.NotRequestPrincipals.Contains("*"))
        && (rule.To.IsEmpty || rule.To.Any(to => to.Operation is { Paths.IsEmpty: true, Hosts.IsEmpty: true } operation
            && (operation.Methods.IsEmpty || operation.Methods.Contains("OPTIONS")) && !operation.NotMethods.Contains("OPTIONS")));

    /// <summary>With the annotation the kubelet's probes are not sent round the sidecar any more.</summary>
    private static void CheckProbes(Mesh mesh, (ResourceDocument Document, AuthorizationPolicy Resource)[] policies)
    {
        var modes = new MtlsModes(mesh);
        foreach (var workload in mesh.Workloads.All.Where(workload => workload.Annotations.GetValueOrDefault(RewriteProbes) == "false"))
        {
            var template = workload.PodPath == "spec" ? "" : workload.PodPath[..^".spec".Length];
            var at = (mesh.At(workload.Document) with { Path = template })["metadata"]["annotations"][RewriteProbes];
            var allow = policies.Where(pair => pair.Resource.Spec.Action is null or PolicyAction.Allow
                && HoldsFor(mesh, pair.Document, pair.Resource, workload)).ToArray();
            foreach (var (path, port) in Probes(workload).Distinct())
            {
                if (modes.StrictFor(workload, port) is { } strict)
                {
                    at.Report(TrapCodes.ProbesLockedOut,
                        $"The probe of {path} on port {port} comes in plain text, and PeerAuthentication {strict.Document.Name} refuses "
                        + "it; remove the annotation.");
                }
                else if (allow.Length > 0 && !allow.Any(pair => pair.Resource.Spec.Rules.Any(rule => AllowsProbe(rule, path, port))))
                {
                    at.Report(TrapCodes.ProbesLockedOut,
                        $"No rule of AuthorizationPolicy {Others.Words(allow.Select(pair => pair.Document.Name))} allows the probe "
                        + $"of {path} on port {port}; allow it, or remove the annotation.");
                }
            }
        }
    }

    private static bool HoldsFor(Mesh mesh, ResourceDocument document, AuthorizationPolicy policy, Workload workload)
    {
        var labels = policy.Spec.Selector?.MatchLabels ?? default;
        return (document.Namespace == workload.Namespace || document.Namespace == mesh.Options.RootNamespace)
            && policy.Spec is { TargetRef: null, TargetRefs.IsEmpty: true }
            && (labels.IsEmpty || Metadata.Matches(labels, workload.Labels));
    }

    private static IEnumerable<(string Path, string Port)> Probes(Workload workload)
    {
        foreach (var (container, _) in workload.Containers())
        {
            foreach (var kind in new[] { "readinessProbe", "livenessProbe", "startupProbe" })
            {
                if (Json.TryGet(container, out var get, kind, "httpGet"))
                {
                    var named = Json.Text(get, "port");
                    var number = named is null
                        ? Json.Number(get, "port")
                        : Json.Items(container, "ports").Where(port => Json.Text(port, "name") == named)
                            .Select(port => Json.Number(port, "containerPort")).FirstOrDefault();
                    yield return (Json.Text(get, "path") ?? "/", number is null ? named ?? "" : $"{number}");
                }
            }
        }
    }

    private static bool AllowsProbe(Rule rule, string path, string port) =>
        rule.When.IsEmpty
        && (rule.From.IsEmpty || rule.From.Any(from => IsForAnyone(from.Source)))
        && (rule.To.IsEmpty || rule.To.Any(to => to.Operation is { } operation
            && (operation.Methods.IsEmpty || operation.Methods.Any(method => PolicyPaths.Matches(method, "GET")))
            && (operation.Paths.IsEmpty || operation.Paths.Any(pattern => PolicyPaths.Matches(pattern, path)))
            && (operation.Ports.IsEmpty || operation.Ports.Contains(port))
            && !operation.NotPaths.Any(pattern => PolicyPaths.Matches(pattern, path)) && !operation.NotPorts.Contains(port)));
}
