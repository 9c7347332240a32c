using Istio.Documents;
using Istio.Security;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in an AuthorizationPolicy as a whole.
/// Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/
/// </summary>
internal static class AuthorizationPolicyRules
{
    private const string DryRun = "istio.io/dry-run";

    public static void Check(Place at, AuthorizationPolicy policy)
    {
        var (place, spec) = (at["spec"], policy.Spec);
        var action = spec.Action ?? PolicyAction.Allow;
        PolicyTargetRules.Check(place, spec.Selector, spec.TargetRef, spec.TargetRefs);
        CheckDryRun(at, policy.Metadata, action);
        if (action is PolicyAction.Custom or PolicyAction.Deny && spec.Rules.IsAbsent)
        {
            place["rules"].Reject($"{action} without rules never applies; add rules, or rules: [{{}}] to apply to every request.");
        }

        if (action == PolicyAction.Custom && !spec.Rules.IsAbsent && string.IsNullOrEmpty(spec.Provider?.Name))
        {
            place["provider"].Reject("CUSTOM asks a provider; add provider.name.");
        }

        if (action != PolicyAction.Custom && spec.Provider is not null)
        {
            place["provider"].Reject($"{action} asks no provider; remove provider, or use CUSTOM.");
        }

        for (var i = 0; i < spec.Rules.Count; i++)
        {
            CheckRule(place["rules"][i], spec.Rules[i], action);
        }
    }

    private static void CheckDryRun(Place at, ObjectMeta metadata, string action)
    {
        if (!metadata.Annotations.TryGetValue(DryRun, out var value))
        {
            return;
        }

        var place = at["metadata"]["annotations"][DryRun];
        if (action is not (PolicyAction.Allow or PolicyAction.Deny))
        {
            place.Reject($"A dry run is possible for ALLOW and DENY only, not for {action}; remove the annotation.");
        }
        else if (value is not ("1" or "t" or "T" or "true" or "TRUE" or "True" or "0" or "f" or "F" or "false" or "FALSE" or "False"))
        {
            place.Reject($"\"{value}\" is neither true nor false; write one of the two.");
        }
    }

    private static void CheckRule(Place at, Rule rule, string action)
    {
        if (rule.From is { IsAbsent: false, IsEmpty: true })
        {
            at["from"].Reject("from is empty and matches nothing; add a source, or remove it.");
        }

        if (rule.To is { IsAbsent: false, IsEmpty: true })
        {
            at["to"].Reject("to is empty and matches nothing; add an operation, or remove it.");
        }

        for (var i = 0; i < rule.From.Count; i++)
        {
            CheckSource(at["from"][i], rule.From[i].Source, action);
        }

        for (var i = 0; i < rule.To.Count; i++)
        {
            CheckOperation(at["to"][i], rule.To[i].Operation);
        }

        for (var i = 0; i < rule.When.Count; i++)
        {
            ConditionRules.Check(at["when"][i], rule.When[i], action);
        }

        if (action == PolicyAction.Deny && DeniesTcp(rule))
        {
            at.Warn("On TCP ports the rule's HTTP attributes count as matched, so it denies all TCP traffic of the workload; add "
                + "to.operation.ports.");
        }
    }

    private static bool DeniesTcp(Rule rule)
    {
        var sources = rule.From.Where(from => from.Source is not null).Select(from => from.Source!).ToArray();
        var operations = rule.To.Where(to => to.Operation is not null).Select(to => to.Operation!).ToArray();
        var namesConnection = sources.Any(source =>
            !source.Principals.IsAbsent || !source.NotPrincipals.IsAbsent || !source.Namespaces.IsAbsent || !source.NotNamespaces.IsAbsent
            || !source.IpBlocks.IsAbsent || !source.NotIpBlocks.IsAbsent || !source.RemoteIpBlocks.IsAbsent
            || !source.NotRemoteIpBlocks.IsAbsent
            || !source.ServiceAccounts.IsAbsent || !source.NotServiceAccounts.IsAbsent);
        var namesPort = operations.Any(operation => !operation.Ports.IsAbsent || !operation.NotPorts.IsAbsent);
        return (sources.Length > 0 && operations.Length == 0 && !namesConnection) || (operations.Length > 0 && !namesPort);
    }

    private static void CheckSource(Place at, Source? source, string action)
    {
        if (source is null)
        {
            at["source"].Reject("source is missing; add it, or use rules: [{}] to match every request.");
            return;
        }

        var place = at["source"];
        var fields = SourceFields(source).ToArray();
        if (fields.All(field => field.Values.IsEmpty))
        {
            place.Reject("The source is empty and matches nothing; add a field.");
        }

        var accounts = source.ServiceAccounts.Count + source.NotServiceAccounts.Count > 0;
        if (accounts && source.Principals.Count + source.NotPrincipals.Count + source.Namespaces.Count + source.NotNamespaces.Count > 0)
        {
            place["serviceAccounts"].Reject("serviceAccounts excludes principals and namespaces; keep one of the two.");
        }

        foreach (var (name, values, check) in fields)
        {
            if (action == PolicyAction.Custom && !values.IsEmpty && !name.EndsWith("pBlocks", StringComparison.Ordinal))
            {
                place[name].Reject($"CUSTOM does not support {name}; use ipBlocks or an operation.");
            }

            PolicyValues.Check(place[name], values, check);
        }
    }

    private static IEnumerable<(string Name, EquatableArray<string> Values, Func<string, string?> Check)> SourceFields(Source source) =>
    [
        ("principals", source.Principals, PolicyValues.Any),
        ("notPrincipals", source.NotPrincipals, PolicyValues.Any),
        ("requestPrincipals", source.RequestPrincipals, PolicyValues.Any),
        ("notRequestPrincipals", source.NotRequestPrincipals, PolicyValues.Any),
        ("namespaces", source.Namespaces, PolicyValues.Any),
        ("notNamespaces", source.NotNamespaces, PolicyValues.Any),
        ("serviceAccounts", source.ServiceAccounts, PolicyValues.ServiceAccount),
        ("notServiceAccounts", source.NotServiceAccounts, PolicyValues.ServiceAccount),
        ("trustDomains", source.TrustDomains, PolicyValues.TrustDomain),
        ("notTrustDomains", source.NotTrustDomains, PolicyValues.TrustDomain),
        ("ipBlocks", source.IpBlocks, Syntax.IpAddresses.CheckAddressOrCidr),
        ("notIpBlocks", source.NotIpBlocks, Syntax.IpAddresses.CheckAddressOrCidr),
        ("remoteIpBlocks", source.RemoteIpBlocks, Syntax.IpAddresses.CheckAddressOrCidr),
        ("notRemoteIpBlocks", source.NotRemoteIpBlocks, Syntax.IpAddresses.CheckAddressOrCidr),
    ];

    private static void CheckOperation(Place at, Operation? operation)
    {
        if (operation is null)
        {
            at["operation"].Reject("operation is missing; add it, or remove the entry.");
            return;
        }

        (string Name, EquatableArray<string> Values, Func<string, string?> Check)[] fields =
        [
            ("hosts", operation.Hosts, PolicyValues.Any),
            ("notHosts", operation.NotHosts, PolicyValues.Any),
            ("ports", operation.Ports, PolicyValues.Port),
            ("notPorts", operation.NotPorts, PolicyValues.Port),
            ("methods", operation.Methods, PolicyValues.Any),
            ("notMethods", operation.NotMethods, PolicyValues.Any),
            ("paths", operation.Paths, PolicyValues.Path),
            ("notPaths", operation.NotPaths, PolicyValues.Path),
        ];
        if (fields.All(field => field.Values.IsEmpty))
        {
            at["operation"].Reject("The operation is empty and matches nothing; add a field.");
        }

        foreach (var (name, values, check) in fields)
        {
            PolicyValues.Check(at["operation"][name], values, check);
        }
    }
}
