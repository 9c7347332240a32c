using Aspire.Hosting.ApplicationModel;

namespace Hosting.Istio;

/// <summary>
/// The traffic rules of an application and the services they apply to: Kubernetes and Istio resources, declared once.
/// A run hands them to the local gateway as a folder of YAML files; a cluster gets the same documents.
/// </summary>
/// <param name="name">The resource's name in the application model.</param>
public sealed class IstioResource(string name) : Resource(name)
{
    private readonly List<object> _rules = [];

    /// <summary>The declared resources, in the order they were added.</summary>
    public IReadOnlyList<object> Rules => _rules;

    /// <summary>The folder a run keeps up to date for the gateway; null when publishing.</summary>
    internal MeshFolder? Folder { get; init; }

    internal void Add(object rule) => _rules.Add(rule);
}
