using Istio.Documents;
using Istio.Security;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// Conditions of an AuthorizationPolicy.
/// Source: https://istio.io/latest/docs/reference/config/security/conditions/
/// </summary>
internal static class ConditionRules
{
    private static readonly string[] Plain =
        ["source.namespace", "source.principal", "request.auth.principal", "request.auth.audiences", "request.auth.presenter",
            "connection.sni"];

    private static readonly string[] Keyed = ["request.headers", "request.auth.claims", "experimental.envoy.filters."];

    private static readonly string[] Identities = ["source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal"];

    public static void Check(Place at, Condition condition, string action)
    {
        if (condition.Key is not { Length: > 0 } key)
        {
            at["key"].Reject("key is missing; name the attribute to compare.");
            return;
        }

        if (condition.Values.IsEmpty && condition.NotValues.IsEmpty)
        {
            at.Reject($"The condition on {key} has nothing to compare with; add values or notValues.");
            return;
        }

        if (action == PolicyAction.Custom && (Identities.Contains(key) || key.StartsWith("request.auth.", StringComparison.Ordinal)))
        {
            at["key"].Reject($"CUSTOM does not support {key}; use another attribute.");
        }

        if (CheckKey(key) is { } fault)
        {
            at["key"].Reject(fault);
            return;
        }

        Func<string, string?> check = key switch
        {
            "source.ip" or "remote.ip" or "destination.ip" => IpAddresses.CheckAddressOrCidr,
            "destination.port" => PolicyValues.Port,
            "source.serviceAccount" => PolicyValues.ServiceAccount,
            "source.trustDomain" => PolicyValues.Wildcard,
            _ => PolicyValues.Any,
        };
        PolicyValues.Check(at["values"], condition.Values, check);
        PolicyValues.Check(at["notValues"], condition.NotValues, check);
    }

    private static string? CheckKey(string key)
    {
        if (Keyed.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var open = key.IndexOf('[', StringComparison.Ordinal);
            return open > 0 && key.EndsWith(']') && open < key.Length - 2
                ? null
                : $"\"{key}\" names nothing; write the name in brackets, as in {key.Split('[')[0]}[name].";
        }

        return key switch
        {
            "source.ip" or "remote.ip" or "destination.ip" or "destination.port" or "source.serviceAccount" or "source.trustDomain" => null,
            "destination.namespace" => "destination.namespace is the policy's own namespace; put the policy there instead.",
            "destination.name" or "destination.user" => $"{key} is no longer supported; use the policy's selector.",
            _ when key.StartsWith("destination.labels", StringComparison.Ordinal)
                => $"\"{key}\" is no longer supported; use the policy's selector.",
            _ => Plain.Contains(key)
                ? null
                : $"\"{key}\" is not an attribute; use one such as request.headers[name], source.ip or request.auth.claims[name].",
        };
    }
}
