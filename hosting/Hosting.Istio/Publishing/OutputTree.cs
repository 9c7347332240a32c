namespace Hosting.Istio.Publishing;

/// <summary>Files that are to be written: relative paths with forward slashes, and their texts.</summary>
internal sealed class OutputTree
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>The files, in the order of their paths.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    /// <summary>Adds a file.</summary>
    /// <exception cref="ArgumentException">There is a file of that path.</exception>
    public void Add(string path, string text) => _files.Add(path, text);

    /// <summary>Adds the files of another tree.</summary>
    /// <exception cref="ArgumentException">There is a file of such a path.</exception>
    public void Add(OutputTree other)
    {
        foreach (var (path, text) in other.Files)
        {
            Add(path, text);
        }
    }
}
