using System.Collections.Immutable;
using Dashboard.Hosting;
using Dashboard.Resources;
using Istio.Documents;
using Istio.Validation;

namespace Dashboard.Mesh;

/// <summary>The documents of the mesh folder at one moment, and what is wrong with them. Immutable.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Documents">The documents, in the order of the files.</param>
/// <param name="Findings">What validation says.</param>
internal sealed record MeshDocuments(string Folder, ImmutableArray<ResourceDocument> Documents, ImmutableArray<Finding> Findings)
{
    // The registry, which the engine writes: not rules that somebody has declared.
    private static readonly string[] RegistryKinds = ["Service", "WorkloadEntry"];

    /// <summary>The rules: Ingress, VirtualService, DestinationRule and their like.</summary>
    public IEnumerable<ResourceDocument> Rules => Documents.Where(document => !RegistryKinds.Contains(document.Kind));

    /// <summary>What is wrong with one document.</summary>
    public IEnumerable<Finding> FindingsOf(ResourceDocument document) => Findings.Where(finding =>
        finding.Location.File == document.Location.File && finding.Kind == document.Kind && finding.Name == document.Name);

    /// <summary>Reads and validates a folder.</summary>
    public static MeshDocuments Read(string folder)
    {
        var set = ResourceReader.ReadFolder(folder);
        return new MeshDocuments(folder, set.Documents, Validator.Validate(set));
    }
}

/// <summary>
/// Looks at the mesh folder, that of the engine or the one given on the command line, when it is asked to, and reads it again when it has
/// changed. It looks at names, sizes and times: file watchers miss changes on some file systems, and a folder is small. Nobody asks until a
/// page shows the traffic, because reading and validating would take the processor from an application that is just starting.
/// </summary>
internal sealed class MeshView(ResourceStore resources, DashboardOptions options) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private string _stamp = "";

    /// <summary>What there was when it was looked at last; null when there was no mesh.</summary>
    public MeshDocuments? Current { get; private set; }

    /// <summary>Whether rules may be changed: those of a run, which the engine has written, not somebody's own files.</summary>
    public bool IsEditable => resources.MeshFolder is not null;

    /// <summary>Looks at the folder now.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var folder = resources.MeshFolder ?? options.MeshFolder;
            var stamp = folder is null ? "" : StampOf(folder);
            if (stamp != _stamp)
            {
                _stamp = stamp;
                Current = stamp.Length == 0 ? null : MeshDocuments.Read(folder!);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private static string StampOf(string folder)
    {
        try
        {
            return string.Join('\n', new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
                .Where(file => !file.Name.StartsWith('.'))
                .Select(file => $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}")
                .Order(StringComparer.Ordinal)
                .Prepend(folder));
        }
        catch (IOException)
        {
            return ""; // the application has gone and taken its folder along, or is changing it at this moment
        }
    }
}
