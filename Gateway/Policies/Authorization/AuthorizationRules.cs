using System.Collections.Immutable;
using Gateway.Mesh;
using Istio.Documents;
using Istio.Security;

namespace Gateway.Policies.Authorization;

/// <summary>An AuthorizationPolicy, compiled: its action and its rules by Envoy's names of them.</summary>
/// <remarks>Istio pilot/pkg/security/authz/builder/builder.go</remarks>
internal sealed class AuthorizationRules
{
    private readonly ResourceDocument _document;
    private readonly IReadOnlyDictionary<string, string>? _labels;
    private readonly EquatableArray<PolicyTargetReference> _targets;

    private AuthorizationRules(ResourceDocument document, AuthorizationPolicySpec spec, ImmutableArray<NamedRule> rules, bool isDryRun)
    {
        _document = document;
        _labels = PolicyScope.Labels(spec.Selector);
        _targets = PolicyScope.Targets(spec.TargetRefs, spec.TargetRef);
        (Action, Rules, IsDryRun) = (spec.Action ?? PolicyAction.Allow, rules, isDryRun);
        Provider = Action == PolicyAction.Custom ? spec.Provider?.Name ?? "" : "";
    }

    /// <summary>The external authorizer that CUSTOM asks; empty for another action.</summary>
    public string Provider { get; }

    /// <summary>What happens to a request that a rule matches; one of <see cref="PolicyAction"/>.</summary>
    public string Action { get; }

    /// <summary>The rules.</summary>
    public ImmutableArray<NamedRule> Rules { get; }

    /// <summary>Whether the policy is only tried out, by the annotation <c>istio.io/dry-run</c>: it changes no request.</summary>
    public bool IsDryRun { get; }

    /// <summary>Whether the policy applies to a proxy.</summary>
    public bool Covers(ProxyPlace place) => PolicyScope.Covers(_document, _labels, _targets, place);

    /// <summary>Compiles a policy.</summary>
    public static AuthorizationRules Compile(ResourceDocument document, AuthorizationPolicy policy, List<Finding> findings)
    {
        var action = policy.Spec.Action ?? PolicyAction.Allow;
        var compiler = new RuleCompiler(document, action == PolicyAction.Allow, findings);
        var rules = ImmutableArray.CreateBuilder<NamedRule>();
        for (var i = 0; i < policy.Spec.Rules.Count; i++)
        {
            if (compiler.Compile(policy.Spec.Rules[i], $"spec.rules[{i}]") is { } matcher)
            {
                rules.Add(new NamedRule(NameOf(document, policy, i), matcher));
            }
        }

        if (PolicyScope.IsForWaypoint(PolicyScope.Targets(policy.Spec.TargetRefs, policy.Spec.TargetRef)))
        {
            findings.Add(PolicyScope.IgnoredTargets(document));
        }

        return new AuthorizationRules(document, policy.Spec, rules.ToImmutable(), IsDryRunOf(policy));
    }

    /// <summary>The name that access logs show, as <c>ns[default]-policy[deny-admin]-rule[0]</c>.</summary>
    private static string NameOf(ResourceDocument document, AuthorizationPolicy policy, int rule)
    {
        var name = $"ns[{document.Namespace}]-policy[{document.Name}]-rule[{rule}]";
        if (policy.Spec.Action != PolicyAction.Custom)
        {
            return name;
        }

        var provider = policy.Spec.Provider?.Name is { Length: > 0 } text ? $"{text}-" : "";
        return $"istio-ext-authz-{provider}{name}";
    }

    /// <summary>A finding about the policy's external authorizer.</summary>
    public Finding OfProvider(FindingCode code, string message) => _document.At("spec.provider", code, message);

    /// <summary>The spellings of true that Istio takes (Go's strconv.ParseBool).</summary>
    private static bool IsDryRunOf(AuthorizationPolicy policy) =>
        policy.Metadata.Annotations.TryGetValue("istio.io/dry-run", out var value)
        && value is "1" or "t" or "T" or "true" or "TRUE" or "True";
}

/// <summary>A rule and its name in access logs.</summary>
/// <param name="Name">The name.</param>
/// <param name="Matches">Whether it matches a request.</param>
internal sealed record NamedRule(string Name, RequestMatcher Matches);
