using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Routing.VirtualServices;

/// <summary>
/// A VirtualService as Istio compiles it: names resolved, delegates in place. Also what Istio makes of an HTTPRoute for one host of one
/// listener.
/// </summary>
/// <param name="Document">Where it is written.</param>
/// <param name="Hosts">Full host names.</param>
/// <param name="Gateways"><c>namespace/name</c> of Gateways, and <c>mesh</c>.</param>
/// <param name="Rules">The rules, in order.</param>
internal sealed record VirtualServiceRules(
    ResourceDocument Document, ImmutableArray<string> Hosts, ImmutableArray<string> Gateways, ImmutableArray<RuleSource> Rules)
{
    // Each is one of a kind; comparing contents would walk the whole document.
    public bool Equals(VirtualServiceRules? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>Istio's name for the proxies that are no gateways.</summary>
    public const string Mesh = "mesh";

    /// <summary>When the resource was created, as far as the document says.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Namespaces that see it: <c>*</c> all, <c>.</c> its own, <c>~</c> none. Empty means all.</summary>
    public ImmutableArray<string> ExportTo { get; init; } = [];

    /// <summary>True for what comes from an HTTPRoute: prefixes end at a slash, and a missing backend is answered with 500.</summary>
    public bool HasGatewaySemantics { get; init; }

    /// <summary>Its name, by which those of one age are ordered.</summary>
    public string Name { get; init; } = Document.Name;

    /// <summary>Its namespace.</summary>
    public string Namespace => Document.Namespace;

    /// <summary>The order in which Istio looks at several: the oldest first.</summary>
    public static IEnumerable<VirtualServiceRules> Order(IEnumerable<VirtualServiceRules> services) => services
        .OrderBy(service => service.Created)
        .ThenBy(service => service.Name, StringComparer.Ordinal)
        .ThenBy(service => service.Namespace, StringComparer.Ordinal);

    /// <summary>
    /// How near it is to proxies of a namespace, which says in what order several are looked at: private to the namespace, exported to it,
    /// or open to all; null when they do not see it (istio, pilot/pkg/model/push_context.go, <c>initVirtualServices</c>).
    /// </summary>
    public int? Nearness(string viewer)
    {
        if (ExportTo.IsEmpty || ExportTo.Contains("*"))
        {
            return 2;
        }

        if (ExportTo.Contains("~"))
        {
            return null;
        }

        var isOwn = viewer == Namespace;
        return ExportTo.Contains(viewer) || (isOwn && ExportTo.Contains(".")) ? (isOwn ? 0 : 1) : null;
    }
}

/// <summary>A rule and where it is written.</summary>
/// <param name="Rule">The rule, complete: with what it has from the rule that delegates to it.</param>
/// <param name="Document">Where it is written.</param>
/// <param name="Field">Its place there, such as <c>spec.http[0]</c>.</param>
internal sealed record RuleSource(HTTPRoute Rule, ResourceDocument Document, string Field)
{
    /// <summary>The rule that delegates to this one.</summary>
    public RuleSource? Root { get; init; }

    /// <summary>The place of each match, when it is not <c>match[i]</c> of the rule.</summary>
    public ImmutableArray<string> MatchFields { get; init; } = [];

    /// <summary>The place of a match.</summary>
    public string MatchField(int index) => MatchFields.IsEmpty ? $"{Field}.match[{index}]" : MatchFields[index];

    /// <summary>The document and place of a member, which may stand in the rule that delegates to this one.</summary>
    public (ResourceDocument Document, string Field) Locate(string member, Func<HTTPRoute, object?> part) =>
        Root is not null && part(Rule) is { } value && ReferenceEquals(value, part(Root.Rule))
            ? (Root.Document, $"{Root.Field}.{member}")
            : (Document, $"{Field}.{member}");
}
