using System.Collections.Immutable;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// All capabilities, each in its folder below <c>components</c>, whether it is chosen or not: what is chosen stands in one file,
/// <c>components/kustomization.yaml</c>. The folder of our own gateways' rules is always part of it, because they start with them.
/// </summary>
internal static class ComponentSet
{
    private const string Folder = "components";

    private static readonly (string Name, Func<PublishedMesh, Component> Build)[] All =
    [
        ("autoscaling", AutoscalingComponent.Build),
        ("gateway-api", GatewayApiComponent.Build),
        ("ingress", IngressComponent.Build),
        ("istio", IstioComponent.Build),
        ("network-policy", NetworkPolicyComponent.Build),
        ("nodeport", NodePortComponent.Build),
        ("pod-security-restricted", PodSecurityComponent.Build),
    ];

    /// <summary>The names of the capabilities that can be chosen.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(component => component.Name)];

    /// <summary>Adds the components, and what belongs to Istio's own namespace, to a tree.</summary>
    public static void WriteTo(OutputTree tree, PublishedMesh mesh)
    {
        foreach (var (name, build) in All)
        {
            build(mesh).WriteTo(tree, $"{Folder}/{name}");
        }

        GatewayRules.WriteTo(tree, mesh, $"{Folder}/{GatewayRules.Folder}");
        var chosen = Kustomization.Component();
        chosen["components"] = Kustomization.List(mesh.Gateways.IsEmpty
            ? mesh.Options.Components
            : [GatewayRules.Folder, .. mesh.Options.Components]);
        tree.Add($"{Folder}/kustomization.yaml", Kustomization.Write(chosen));
        RootNamespaceRules.WriteTo(tree, mesh);
    }

    /// <summary>The documents of the chosen capabilities, of those given.</summary>
    public static IEnumerable<object> Chosen(PublishedMesh mesh, IReadOnlyCollection<string> among) => All
        .Where(component => mesh.Options.Components.Contains(component.Name) && among.Contains(component.Name))
        .SelectMany(component => component.Build(mesh).Resources.Values);

    /// <summary>Whether a file of the output, by its relative path, comes from here.</summary>
    public static bool Owns(string file) =>
        file.StartsWith($"{Folder}/", StringComparison.Ordinal)
        || file.StartsWith($"{PublishedMesh.RootNamespace}/", StringComparison.Ordinal);
}
