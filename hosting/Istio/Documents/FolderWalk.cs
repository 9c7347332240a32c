using Istio.Yaml;
using YamlDotNet.Core;

namespace Istio.Documents;

/// <summary>How a file came to be read.</summary>
internal enum FileRole
{
    /// <summary>The caller named it: everything in it is judged.</summary>
    Named,

    /// <summary>Met in a folder, where files stand that are no resources.</summary>
    Met,

    /// <summary>A Helm chart's <c>Chart.yaml</c>, in place of the templates beside it.</summary>
    Chart,
}

/// <summary>A file to read.</summary>
internal readonly record struct SourceFile(string Path, FileRole Role);

/// <summary>
/// Walks a folder for the files that hold resources: <c>.yaml</c>, <c>.yml</c> and <c>.json</c>. Left out are names that begin with a dot
/// (so the <c>..data</c> folders of a mounted ConfigMap are read once, through their links), links to folders, kustomization files and
/// the patches that they name, and the templates of Helm charts: all of these are instructions for a tool that makes resources of them.
/// </summary>
internal sealed class FolderWalk
{
    private readonly List<SourceFile> _files = [];
    private readonly HashSet<string> _instructions = new(StringComparer.Ordinal);

    private FolderWalk()
    {
    }

    /// <summary>The files of a folder in ordinal order; any other path as it is, so that reading it says what is wrong with it.</summary>
    public static IEnumerable<SourceFile> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [new SourceFile(path, FileRole.Named)];
        }

        var walk = new FolderWalk();
        walk.AddFolder(path);
        walk._files.RemoveAll(file => walk._instructions.Count > 0 && walk._instructions.Contains(Path.GetFullPath(file.Path)));
        walk._files.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return walk._files;
    }

    private void AddFolder(string folder)
    {
        List<FileSystemInfo> entries;
        try
        {
            entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Reading the folder as a file reports it.
            _files.Add(new SourceFile(folder, FileRole.Named));
            return;
        }

        // https://helm.sh/docs/topics/charts/#the-chart-file-structure
        var isChart = entries.Any(entry => entry.Name == "Chart.yaml") && Directory.Exists(Path.Combine(folder, "templates"));
        foreach (var entry in entries.Where(entry => !entry.Name.StartsWith('.')))
        {
            var path = Path.Combine(folder, entry.Name);
            if (entry is DirectoryInfo)
            {
                if (entry.LinkTarget is null && !(isChart && entry.Name == "templates"))
                {
                    AddFolder(path);
                }
            }
            else if (IsKustomization(entry.Name))
            {
                AddInstructions(folder, path);
            }
            else if (Path.GetExtension(entry.Name).ToLowerInvariant() is ".yaml" or ".yml" or ".json")
            {
                _files.Add(new SourceFile(path, isChart && entry.Name == "Chart.yaml" ? FileRole.Chart : FileRole.Met));
            }
        }
    }

    private static bool IsKustomization(string name) =>
        string.Equals(Path.GetFileNameWithoutExtension(name), "kustomization", StringComparison.OrdinalIgnoreCase)
        && Path.GetExtension(name).ToLowerInvariant() is ".yaml" or ".yml" or "";

    /// <summary>
    /// The files that a kustomization uses otherwise than as resources
    /// (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/). One that cannot be read names none.
    /// </summary>
    private void AddInstructions(string folder, string kustomization)
    {
        try
        {
            if (new FileInfo(kustomization).Length > ReaderLimits.MaxFileBytes)
            {
                return;
            }

            using var text = new StreamReader(kustomization);
            var composer = new YamlComposer(text, 0, ReaderLimits.MaxFileNodes);
            if (!composer.TryReadDocument(out var root) || root is not YamlMapping mapping)
            {
                return;
            }

            foreach (var list in new[] { "patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "configurations" })
            {
                foreach (var item in (mapping[list] as YamlSequence)?.Items ?? [])
                {
                    // An item is a path, or has one; an inline patch is neither.
                    var path = ResourceHeader.Text(item is YamlMapping entry ? entry["path"] : item);
                    if (path.Length > 0 && !path.Contains('\n', StringComparison.Ordinal))
                    {
                        _instructions.Add(Path.GetFullPath(Path.Combine(folder, path)));
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or YamlException or YamlReadException)
        {
            return;
        }
    }
}
