using System.Collections.Concurrent;
using Istio.Documents;

namespace Hosting.Istio;

/// <summary>
/// A folder of YAML files, one resource each, that a gateway watches. Every file appears, changes and disappears in one step, so that
/// the gateway never reads half a document. Touches the file system only.
/// </summary>
internal sealed class MeshFolder : IDisposable
{
    private readonly ConcurrentDictionary<string, string> _written = new(StringComparer.Ordinal);

    private readonly IDisposable _claim;

    private MeshFolder(string path)
    {
        Path = path;
        _claim = MeshFolderOwner.Claim(path);
    }

    public string Path { get; }

    /// <summary>Makes a new folder, and deletes those of applications that were killed.</summary>
    public static MeshFolder CreateTemporary()
    {
        MeshFolderOwner.DeleteAbandoned(System.IO.Path.GetTempPath());
        return new MeshFolder(Directory.CreateTempSubdirectory(MeshFolderOwner.Prefix).FullName);
    }

    /// <summary>Writes the resource, unless the file already says the same.</summary>
    public void Write(string kind, string name, object resource)
    {
        var file = FileName(kind, name);
        var yaml = ResourceWriter.Write(resource);
        if (_written.TryGetValue(file, out var before) && before == yaml)
        {
            return;
        }

        // A leading dot keeps the half-written file out of the reader's sight until the rename makes it whole.
        var temporary = System.IO.Path.Combine(Path, "." + file);
        File.WriteAllText(temporary, yaml);
        File.Move(temporary, System.IO.Path.Combine(Path, file), overwrite: true);
        _written[file] = yaml;
    }

    /// <summary>Removes the resource's file if there is one.</summary>
    public void Delete(string kind, string name)
    {
        var file = FileName(kind, name);
        if (_written.TryRemove(file, out _))
        {
            File.Delete(System.IO.Path.Combine(Path, file));
        }
    }

    public void Dispose()
    {
        _claim.Dispose();
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Someone tidied up before us.
        }
    }

    public static string FileName(string kind, string name) => $"{kind.ToLowerInvariant()}-{name}.yaml";
}
