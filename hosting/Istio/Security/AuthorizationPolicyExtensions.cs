using Istio.Documents;

namespace Istio.Security;

/// <summary>
/// Writes an <see cref="AuthorizationPolicy"/> in C#. Each call returns a changed copy:
/// <code>
/// AuthorizationPolicy.Allow("ping", ("app", "ping")).Rule(r => r.From(requestPrincipals: ["*"]).To(methods: ["GET"], paths: ["/ping"]))
/// </code>
/// </summary>
public static class AuthorizationPolicyExtensions
{
    extension(AuthorizationPolicy)
    {
        /// <summary>
        /// Allows what its rules match at the workloads with these labels, and nothing else; without a rule, nothing at all.
        /// </summary>
        public static AuthorizationPolicy Allow(string name, params ReadOnlySpan<(string Key, string Value)> labels) =>
            Policy(name, PolicyAction.Allow, labels);

        /// <summary>Denies what its rules match at the workloads with these labels.</summary>
        public static AuthorizationPolicy Deny(string name, params ReadOnlySpan<(string Key, string Value)> labels) =>
            Policy(name, PolicyAction.Deny, labels);
    }

    /// <summary>Adds a rule; the policy matches a request when one of its rules does.</summary>
    public static AuthorizationPolicy Rule(this AuthorizationPolicy policy, Func<Rule, Rule> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return policy with { Spec = policy.Spec with { Rules = policy.Spec.Rules.Add(rule(new Rule())) } };
    }

    /// <summary>Adds a source; its conditions must all hold, and one of several sources.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="principals">Identities of the calling workload, from mutual TLS.</param>
    /// <param name="requestPrincipals">Identities from the token; "*" asks for any valid token.</param>
    /// <param name="namespaces">Namespaces of the calling workload, from mutual TLS.</param>
    /// <param name="ipBlocks">Addresses of the connection's peer.</param>
    /// <param name="remoteIpBlocks">Addresses of the client.</param>
    public static Rule From(
        this Rule rule, IEnumerable<string>? principals = null, IEnumerable<string>? requestPrincipals = null,
        IEnumerable<string>? namespaces = null,
        IEnumerable<string>? ipBlocks = null, IEnumerable<string>? remoteIpBlocks = null) =>
        rule.From(new Source
        {
            Principals = EquatableCollections.CreateOptional(principals),
            RequestPrincipals = EquatableCollections.CreateOptional(requestPrincipals),
            Namespaces = EquatableCollections.CreateOptional(namespaces),
            IpBlocks = EquatableCollections.CreateOptional(ipBlocks),
            RemoteIpBlocks = EquatableCollections.CreateOptional(remoteIpBlocks),
        });

    /// <summary>Adds a source, with the conditions that <see cref="Source"/> has besides.</summary>
    public static Rule From(this Rule rule, Source source) => rule with { From = rule.From.Add(new() { Source = source }) };

    /// <summary>Adds an operation; its conditions must all hold, and one of several operations.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="methods">HTTP methods.</param>
    /// <param name="paths">Paths that the workload sees: exact, prefix*, *suffix, *, or templates with {*} and {**}.</param>
    /// <param name="hosts">Hosts of the request.</param>
    /// <param name="ports">Ports of the workload.</param>
    public static Rule To(
        this Rule rule, IEnumerable<string>? methods = null, IEnumerable<string>? paths = null, IEnumerable<string>? hosts = null,
        IEnumerable<string>? ports = null) =>
        rule.To(new Operation
        {
            Methods = EquatableCollections.CreateOptional(methods),
            Paths = EquatableCollections.CreateOptional(paths),
            Hosts = EquatableCollections.CreateOptional(hosts),
            Ports = EquatableCollections.CreateOptional(ports)
        });

    /// <summary>Adds an operation, with the conditions that <see cref="Operation"/> has besides.</summary>
    public static Rule To(this Rule rule, Operation operation) => rule with { To = rule.To.Add(new() { Operation = operation }) };

    /// <summary>Adds a condition on an attribute, for example <c>request.auth.claims[groups]</c>.</summary>
    public static Rule When(this Rule rule, string key, IEnumerable<string>? values = null, IEnumerable<string>? notValues = null) =>
        rule with
        {
            When = rule.When.Add(new()
            {
                Key = key,
                Values = EquatableCollections.CreateOptional(values),
                NotValues = EquatableCollections.CreateOptional(notValues)
            })
        };

    private static AuthorizationPolicy Policy(string name, string action, ReadOnlySpan<(string Key, string Value)> labels) =>
        new AuthorizationPolicy { Spec = new() { Selector = ResourceExtensions.SelectorOf(labels), Action = action } }.Named(name);
}
