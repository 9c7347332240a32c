using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Security;

/// <summary>
/// Who may do what at which workloads. CUSTOM is asked first, then DENY, then ALLOW; with an ALLOW policy, what no one allows is denied.
/// Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/
/// </summary>
public sealed record AuthorizationPolicy : Resource<AuthorizationPolicySpec>
{
    /// <summary>An empty resource of version security.istio.io/v1.</summary>
    public AuthorizationPolicy()
        : base("security.istio.io/v1", nameof(AuthorizationPolicy))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads, the action and the rules. Without rules nothing matches: an ALLOW policy then denies everything.</summary>
public sealed record AuthorizationPolicySpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>A resource that the policy is attached to. Not together with selector.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>Resources that the policy is attached to. Not together with selector.</summary>
    [MaxLength(16)]
    public EquatableArray<PolicyTargetReference> TargetRefs { get; init; }

    /// <summary>The rules; the policy matches a request when one of them does. An empty rule matches every request.</summary>
    [MaxLength(512)]
    public EquatableArray<Rule> Rules { get; init; }

    /// <summary>What happens to a request that matches; default ALLOW.</summary>
    [AllowedValues(PolicyAction.Allow, PolicyAction.Deny, PolicyAction.Audit, PolicyAction.Custom)]
    public string? Action { get; init; }

    /// <summary>The external authorizer that CUSTOM asks.</summary>
    public ExtensionProvider? Provider { get; init; }
}

/// <summary>An external authorizer.</summary>
public sealed record ExtensionProvider : SchemaObject
{
    /// <summary>Its name in the mesh configuration.</summary>
    public string? Name { get; init; }
}

/// <summary>One rule: from, to and when must all hold; each holds when one of its entries does.</summary>
public sealed record Rule : SchemaObject
{
    /// <summary>Where the request comes from. Absent: anywhere.</summary>
    [MaxLength(512)]
    public EquatableArray<RuleFrom> From { get; init; }

    /// <summary>What the request asks for. Absent: anything.</summary>
    public EquatableArray<RuleTo> To { get; init; }

    /// <summary>More conditions, which must all hold.</summary>
    public EquatableArray<Condition> When { get; init; }
}

/// <summary>A source of requests.</summary>
public sealed record RuleFrom : SchemaObject
{
    /// <summary>Conditions on the source, which must all hold.</summary>
    public Source? Source { get; init; }
}

/// <summary>
/// Conditions on a request's source. Lists hold when one entry matches, those that begin with "not" when none does. Entries may be exact,
/// prefix*, *suffix, or * for presence.
/// </summary>
public sealed record Source : SchemaObject
{
    /// <summary>Identities of the calling workload, from mutual TLS: trust-domain/ns/namespace/sa/service-account.</summary>
    public EquatableArray<string> Principals { get; init; }

    /// <summary>Identities that must not match.</summary>
    public EquatableArray<string> NotPrincipals { get; init; }

    /// <summary>Identities from the token: issuer/subject. "*" asks for any valid token.</summary>
    public EquatableArray<string> RequestPrincipals { get; init; }

    /// <summary>Token identities that must not match.</summary>
    public EquatableArray<string> NotRequestPrincipals { get; init; }

    /// <summary>Namespaces of the calling workload, from mutual TLS.</summary>
    public EquatableArray<string> Namespaces { get; init; }

    /// <summary>Namespaces that must not match.</summary>
    public EquatableArray<string> NotNamespaces { get; init; }

    /// <summary>Service accounts of the calling workload, from mutual TLS: name or namespace/name.</summary>
    [MaxLength(16)]
    public EquatableArray<string> ServiceAccounts { get; init; }

    /// <summary>Service accounts that must not match.</summary>
    [MaxLength(16)]
    public EquatableArray<string> NotServiceAccounts { get; init; }

    /// <summary>Trust domains of the calling workload, from mutual TLS.</summary>
    public EquatableArray<string> TrustDomains { get; init; }

    /// <summary>Trust domains that must not match.</summary>
    public EquatableArray<string> NotTrustDomains { get; init; }

    /// <summary>Addresses of the connection's peer, optionally with a prefix length.</summary>
    public EquatableArray<string> IpBlocks { get; init; }

    /// <summary>Addresses of the peer that must not match.</summary>
    public EquatableArray<string> NotIpBlocks { get; init; }

    /// <summary>Addresses of the client, from X-Forwarded-For or the PROXY protocol.</summary>
    public EquatableArray<string> RemoteIpBlocks { get; init; }

    /// <summary>Addresses of the client that must not match.</summary>
    public EquatableArray<string> NotRemoteIpBlocks { get; init; }
}

/// <summary>An operation.</summary>
public sealed record RuleTo : SchemaObject
{
    /// <summary>Conditions on the operation, which must all hold.</summary>
    public Operation? Operation { get; init; }
}

/// <summary>Conditions on what a request asks for. Lists hold when one entry matches, those that begin with "not" when none does.</summary>
public sealed record Operation : SchemaObject
{
    /// <summary>Hosts of the request, without case.</summary>
    public EquatableArray<string> Hosts { get; init; }

    /// <summary>Hosts that must not match.</summary>
    public EquatableArray<string> NotHosts { get; init; }

    /// <summary>Ports of the workload, as text.</summary>
    public EquatableArray<string> Ports { get; init; }

    /// <summary>Ports that must not match.</summary>
    public EquatableArray<string> NotPorts { get; init; }

    /// <summary>HTTP methods.</summary>
    public EquatableArray<string> Methods { get; init; }

    /// <summary>Methods that must not match.</summary>
    public EquatableArray<string> NotMethods { get; init; }

    /// <summary>Paths without query, exact, prefix*, *suffix, *, or templates with {*} and {**}; the path that the workload sees.</summary>
    public EquatableArray<string> Paths { get; init; }

    /// <summary>Paths that must not match.</summary>
    public EquatableArray<string> NotPaths { get; init; }
}

/// <summary>A condition on an attribute of the request.</summary>
public sealed record Condition : SchemaObject
{
    /// <summary>Name of the attribute, for example request.headers[x-user] or request.auth.claims[groups].</summary>
    public string? Key { get; init; }

    /// <summary>Accepted values.</summary>
    public EquatableArray<string> Values { get; init; }

    /// <summary>Values that must not match.</summary>
    public EquatableArray<string> NotValues { get; init; }
}

/// <summary>What happens to a request that matches a policy.</summary>
public static class PolicyAction
{
    /// <summary>It is allowed.</summary>
    public const string Allow = "ALLOW";

    /// <summary>It is denied with 403.</summary>
    public const string Deny = "DENY";

    /// <summary>It is marked for the audit log.</summary>
    public const string Audit = "AUDIT";

    /// <summary>An external authorizer decides.</summary>
    public const string Custom = "CUSTOM";
}
