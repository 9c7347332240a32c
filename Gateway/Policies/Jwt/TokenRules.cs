using System.Collections.Immutable;
using Istio.Documents;
using Istio.Security;

namespace Gateway.Policies.Jwt;

/// <summary>A RequestAuthentication, compiled.</summary>
/// <param name="Document">Its document.</param>
/// <param name="Spec">Its specification, for where it applies.</param>
/// <param name="Providers">Its rules.</param>
internal sealed record TokenRules(ResourceDocument Document, RequestAuthenticationSpec Spec, ImmutableArray<JwtProvider> Providers)
{
    /// <summary>Whether it applies to a proxy.</summary>
    public bool Covers(ProxyPlace place) => PolicyScope.Covers(
        Document, PolicyScope.Labels(Spec.Selector), PolicyScope.Targets(Spec.TargetRefs, Spec.TargetRef), place);
}
