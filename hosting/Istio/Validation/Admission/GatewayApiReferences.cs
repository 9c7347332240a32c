using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// References of the Gateway API to other objects: group, kind, namespace, name.
/// Source: https://gateway-api.sigs.k8s.io/reference/spec/#objectreference
/// </summary>
internal static class GatewayApiReferences
{
    /// <summary>Group and kind, as far as they are given.</summary>
    public static void Check(Place at, string? group, string? kind)
    {
        if (!string.IsNullOrEmpty(group) && !DnsNames.IsSubdomain(group))
        {
            at["group"].Reject($"\"{group}\" is not an API group; write one such as apps, or \"\" for the core group.");
        }

        if (kind is not null && !(DnsNames.IsLabel(kind) && char.IsAsciiLetter(kind[0])))
        {
            at["kind"].Reject($"\"{kind}\" is not a kind; write one such as Service.");
        }
    }

    /// <summary>A reference that must name group, kind and name.</summary>
    public static void CheckWhole(Place at, string? group, string? kind, string? name)
    {
        SharedRules.Required(at, "group", group is not null, "write the API group, or \"\" for the core group.");
        SharedRules.Required(at, "kind", kind is not null, "write the kind.");
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(name), "write the name.");
        Check(at, group, kind);
    }

    /// <summary>A namespace, when it is given.</summary>
    public static void CheckNamespace(Place at, string? space)
    {
        if (space is not null && (!DnsNames.IsLabel(space) || space.Any(char.IsAsciiLetterUpper)))
        {
            at["namespace"].Reject($"\"{space}\" is not a namespace; use lower-case letters, digits and hyphens.");
        }
    }
}
