using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Security;

namespace Gateway.Policies.Authorization;

/// <summary>Envoy's role-based access control with one action: all policies of that action at a proxy.</summary>
/// <remarks>Envoy source/extensions/filters/http/rbac/rbac_filter.cc and source/extensions/filters/common/rbac/engine_impl.cc</remarks>
internal sealed class RbacFilter : PolicyFilter
{
    // Istio's names of such rules.
    private const string BadCustom = "-deny-due-to-bad-CUSTOM-action";

    private readonly ImmutableArray<(RequestMatcher Matches, LocalReply Denied)> _rules;
    private readonly bool _isAllow;
    private readonly LocalReply _notAllowed = Denied("none");

    private RbacFilter(IEnumerable<NamedRule> rules, bool isAllow)
    {
        // Envoy tries policies in the order of their names, and logs the first that matches.
        _rules = [.. rules.OrderBy(rule => rule.Name, StringComparer.Ordinal).Select(rule => (rule.Matches, Denied(rule.Name)))];
        _isAllow = isAllow;
    }

    /// <summary>The filter of an action; null when no policy of that action is enforced, and so everything passes.</summary>
    /// <param name="policies">The policies at the proxy.</param>
    /// <param name="action">DENY or ALLOW.</param>
    public static RbacFilter? For(IEnumerable<AuthorizationRules> policies, string action)
    {
        var enforced = policies.Where(policy => policy.Action == action && !policy.IsDryRun).ToArray();
        return enforced.Length == 0 ? null : new RbacFilter(enforced.SelectMany(policy => policy.Rules), action == PolicyAction.Allow);
    }

    /// <summary>The filter that denies what CUSTOM policies cover, for want of their external authorizer.</summary>
    public static RbacFilter ForBadCustom(IEnumerable<AuthorizationRules> policies) =>
        new(policies.SelectMany(policy => policy.Rules).Select(rule => rule with { Name = $"{rule.Name}{BadCustom}" }), isAllow: false);

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        foreach (var (matches, denied) in _rules)
        {
            if (matches(context.Request))
            {
                return new(_isAllow ? null : denied);
            }
        }

        return new(_isAllow ? _notAllowed : null);
    }

    private static LocalReply Denied(string policy) =>
        new(403, "RBAC: access denied", ResponseFlags.None, $"rbac_access_denied_matched_policy[{policy}]");
}
