using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Istio.Documents;

namespace Hosting.Istio;

/// <summary>
/// The traffic rules of an application and the services they apply to: Kubernetes and Istio resources, declared once.
/// A run hands them to the local gateway as a folder of YAML files; a cluster gets the same documents.
/// </summary>
/// <param name="name">The resource's name in the application model.</param>
public sealed class IstioResource(string name) : Aspire.Hosting.ApplicationModel.Resource(name)
{
    private readonly List<object> _rules = [];

    /// <summary>The declared resources, in the order they were added: records, models of KubernetesClient, and documents read from YAML.</summary>
    public IReadOnlyList<object> Rules => _rules;

    /// <summary>The folder a run keeps up to date for the gateway; null when publishing.</summary>
    internal MeshFolder? Folder { get; init; }

    /// <summary>What was wrong with the YAML that was brought along.</summary>
    internal ImmutableArray<Finding> Findings { get; private set; } = [];

    internal void Add(object rule) => _rules.Add(rule);

    internal void AddRange(IEnumerable<object> rules) => _rules.AddRange(rules);

    internal void AddYaml(string path)
    {
        var documents = ResourceReader.ReadFolder(path);
        _rules.AddRange(documents.Documents);
        Findings = Findings.AddRange(documents.Findings);
    }
}
