using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gateway.Ingress;
using Gateway.Registry;
using Istio.Documents;

namespace Gateway.Mesh;

/// <summary>Reads a mesh folder and compiles it.</summary>
internal sealed class MeshLoader
{
    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Makes a loader.</summary>
    /// <param name="folder">The mesh folder.</param>
    public MeshLoader(string folder) => Folder = folder;

    /// <summary>The mesh folder.</summary>
    public string Folder { get; }

    /// <summary>Reads the folder as it is now.</summary>
    /// <returns>The configuration, or null when a finding is an error; and all findings.</returns>
    public (MeshSnapshot? Snapshot, ImmutableArray<Finding> Findings) Load() => Compile(ResourceReader.ReadPaths([Folder]));

    /// <summary>Compiles documents.</summary>
    public (MeshSnapshot? Snapshot, ImmutableArray<Finding> Findings) Compile(ResourceSet resources)
    {
        var findings = new List<Finding>(resources.Findings);
        var registry = ServiceRegistry.Build(resources, _turns, findings);
        var door = IngressCompiler.Compile(resources, registry, findings);
        var isUsable = findings.All(finding => finding.Severity != Severity.Error);
        return (isUsable ? new MeshSnapshot(door, registry) : null, [.. findings]);
    }
}
