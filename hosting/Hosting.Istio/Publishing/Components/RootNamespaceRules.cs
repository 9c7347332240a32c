using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.Security;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// What belongs to istio-system, as a kustomization of its own, because the root's <c>namespace</c> would move it: policies on Istio's
/// gateway and on the whole mesh, and what <c>istioctl install</c> has to be told for them.
/// </summary>
internal static class RootNamespaceRules
{
    public static void WriteTo(OutputTree tree, PublishedMesh mesh)
    {
        var rules = mesh.RootRules.ToList();
        if (rules.Count > 0)
        {
            var files = rules.ToDictionary(rule => MeshFolder.FileName(rule.Kind, rule.Name), ResourceWriter.Write, StringComparer.Ordinal);
            foreach (var (file, text) in files)
            {
                tree.Add($"{PublishedMesh.RootNamespace}/{file}", text);
            }

            var kustomization = Kustomization.Root();
            kustomization["resources"] = Kustomization.List(files.Keys.Order(StringComparer.Ordinal));
            tree.Add($"{PublishedMesh.RootNamespace}/kustomization.yaml", Kustomization.Write(kustomization));
        }

        if (NeedsPathNormalization(mesh))
        {
            tree.Add($"{PublishedMesh.RootNamespace}/istioctl-install.yaml", Overlay());
        }
    }

    /// <summary>Whether Istio has to be told to make paths equal that mean the same.</summary>
    public static bool NeedsPathNormalization(PublishedMesh mesh) => mesh.Rules.Any(MatchesPaths);

    /// <summary>Whether a rule decides by the path, which a request may write in many ways.</summary>
    private static bool MatchesPaths(ResourceDocument rule) => rule.Resource is AuthorizationPolicy policy
        && policy.Spec.Rules.SelectMany(r => r.To)
            .Any(to => to.Operation is { Paths.IsEmpty: false } or { NotPaths.IsEmpty: false });

    /// <summary>
    /// Duplicate slashes and encoded ones are made one before a policy looks, as most servers treat them
    /// (https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization).
    /// </summary>
    private static string Overlay() =>
        "# istioctl install -f istioctl-install.yaml (with the profile of your installation): policies that match paths rely on it.\n"
        + Kustomization.Yaml(new JsonObject
        {
            ["apiVersion"] = "install.istio.io/v1alpha1",
            ["kind"] = "IstioOperator",
            ["spec"] = new JsonObject
            {
                ["meshConfig"] = new JsonObject
                {
                    ["pathNormalization"] = new JsonObject { ["normalization"] = "DECODE_AND_MERGE_SLASHES" },
                },
            },
        });
}
