using Gateway.Mesh;
using Istio.Documents;
using Istio.Security;

namespace Gateway.Policies.Authorization;

/// <summary>Compiles the rules of one AuthorizationPolicy.</summary>
/// <remarks>
/// Istio pilot/pkg/security/authz/model/model.go. What cannot be translated widens a DENY policy and narrows an ALLOW policy, so that a
/// mistake never lets more through.
/// </remarks>
internal sealed class RuleCompiler
{
    private readonly ResourceDocument _document;
    private readonly bool _isAllow;
    private readonly List<Finding> _findings;

    /// <summary>Makes a compiler for a policy.</summary>
    public RuleCompiler(ResourceDocument document, bool isAllow, List<Finding> findings) =>
        (_document, _isAllow, _findings) = (document, isAllow, findings);

    /// <summary>Compiles a rule; null when it is left out.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="field">Its place, such as <c>spec.rules[0]</c>.</param>
    public RequestMatcher? Compile(Rule rule, string field)
    {
        var all = new List<RequestMatcher>();
        return AddOperations(rule, field, all) && AddSources(rule, field, all) && AddConditions(rule, field, all)
            ? RequestMatchers.All(all)
            : null;
    }

    private bool AddOperations(Rule rule, string field, List<RequestMatcher> all)
    {
        var any = new List<RequestMatcher>();
        for (var i = 0; i < rule.To.Count; i++)
        {
            var operation = rule.To[i].Operation ?? new Operation();
            var at = $"{field}.to[{i}].operation";
            var parts = new List<RequestMatcher>();
            if (!(Add(Conditions.Host, operation.Hosts, operation.NotHosts, $"{at}.hosts", $"{at}.notHosts", parts)
                && Add(Conditions.Method, operation.Methods, operation.NotMethods, $"{at}.methods", $"{at}.notMethods", parts)
                && Add(Conditions.Path, operation.Paths, operation.NotPaths, $"{at}.paths", $"{at}.notPaths", parts)
                && Add("destination.port", operation.Ports, operation.NotPorts, $"{at}.ports", $"{at}.notPorts", parts)))
            {
                return false;
            }

            any.Add(RequestMatchers.All(parts));
        }

        AddAny(any, all);
        return true;
    }

    private bool AddSources(Rule rule, string field, List<RequestMatcher> all)
    {
        var any = new List<RequestMatcher>();
        for (var i = 0; i < rule.From.Count; i++)
        {
            var source = rule.From[i].Source ?? new Source();
            var at = $"{field}.from[{i}].source";
            var parts = new List<RequestMatcher>();
            if (!(Add("source.principal", source.Principals, source.NotPrincipals, $"{at}.principals", $"{at}.notPrincipals", parts)
                && Add("request.auth.principal", source.RequestPrincipals, source.NotRequestPrincipals,
                    $"{at}.requestPrincipals", $"{at}.notRequestPrincipals", parts)
                && Add("source.serviceAccount", source.ServiceAccounts, source.NotServiceAccounts,
                    $"{at}.serviceAccounts", $"{at}.notServiceAccounts", parts)
                && Add("source.trustDomain", source.TrustDomains, source.NotTrustDomains,
                    $"{at}.trustDomains", $"{at}.notTrustDomains", parts)
                && Add("source.namespace", source.Namespaces, source.NotNamespaces, $"{at}.namespaces", $"{at}.notNamespaces", parts)
                && Add("remote.ip", source.RemoteIpBlocks, source.NotRemoteIpBlocks,
                    $"{at}.remoteIpBlocks", $"{at}.notRemoteIpBlocks", parts)
                && Add("source.ip", source.IpBlocks, source.NotIpBlocks, $"{at}.ipBlocks", $"{at}.notIpBlocks", parts)))
            {
                return false;
            }

            any.Add(RequestMatchers.All(parts));
        }

        AddAny(any, all);
        return true;
    }

    private bool AddConditions(Rule rule, string field, List<RequestMatcher> all)
    {
        for (var i = 0; i < rule.When.Count; i++)
        {
            var condition = rule.When[i];
            var at = $"{field}.when[{i}]";
            if (Conditions.For(condition.Key ?? "") is null)
            {
                _findings.Add(_document.At($"{at}.key", PolicyCodes.PolicyValue,
                    $"Istio knows no attribute \"{condition.Key}\"; the whole rule is left out"));
                return false;
            }

            if (!Add(condition.Key!, condition.Values, condition.NotValues, $"{at}.values", $"{at}.notValues", all))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>No from, or no to, is no condition; one that is empty holds always.</summary>
    private static void AddAny(List<RequestMatcher> any, List<RequestMatcher> all)
    {
        if (any.Count > 0)
        {
            all.Add(RequestMatchers.Any(any));
        }
    }

    private bool Add(
        string key, EquatableArray<string> values, EquatableArray<string> notValues, string field, string notField,
        List<RequestMatcher> all)
    {
        if (values.IsEmpty && notValues.IsEmpty)
        {
            return true;
        }

        if (Conditions.IsPeerIdentity(key))
        {
            _findings.Add(_document.At(values.IsEmpty ? notField : field, PolicyCodes.PeerIdentity,
                $"callers have no identity here, so {key} {(values.IsEmpty ? "differs from every value" : "fits no value")}"));
        }
        else if (key == "destination.ip")
        {
            _findings.Add(_document.At(values.IsEmpty ? notField : field, PolicyCodes.LocalAddress,
                "workloads have loopback addresses here, not those of their pods"));
        }

        return TryCompile(key, values, field, all, negate: false) && TryCompile(key, notValues, notField, all, negate: true);
    }

    private bool TryCompile(string key, EquatableArray<string> values, string field, List<RequestMatcher> all, bool negate)
    {
        var compile = Conditions.For(key)!;
        var any = new List<RequestMatcher>();
        for (var i = 0; i < values.Count; i++)
        {
            if (compile(values[i], out var matcher, out var error))
            {
                any.Add(matcher);
                continue;
            }

            _findings.Add(_document.At($"{field}[{i}]", PolicyCodes.PolicyValue,
                $"{error}; {(_isAllow ? "the whole rule is left out and allows nothing" : "the rule denies without this condition")}"));
            if (_isAllow)
            {
                return false;
            }
        }

        if (any.Count > 0)
        {
            all.Add(negate ? RequestMatchers.Not(RequestMatchers.Any(any)) : RequestMatchers.Any(any));
        }

        return true;
    }
}
