using System.Text;
using Aspire.Hosting;

namespace Hosting.Istio.Publishing;

/// <summary>
/// Makes a folder hold a tree, all of it or nothing: the files that change are written to a temporary folder beside it first, and what
/// was there is put back when one of them cannot be moved into place. A file that says the same already is not touched.
/// </summary>
internal sealed class OutputFolder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _path;
    private readonly Func<string, bool> _owns;

    /// <summary>Names the folder.</summary>
    /// <param name="path">The folder; it need not exist.</param>
    /// <param name="owns">Whether a file below it, by its relative path, is removed when the tree does not have it.</param>
    public OutputFolder(string path, Func<string, bool> owns)
    {
        _path = path;
        _owns = owns;
    }

    /// <summary>Writes the tree.</summary>
    /// <returns>How many files were written or removed.</returns>
    /// <exception cref="DistributedApplicationException">The folder cannot be written; it is as it was.</exception>
    public int Write(OutputTree tree)
    {
        try
        {
            var changed = tree.Files.Where(file => !Says(file.Key, file.Value)).ToList();
            var stale = Existing().Where(file => !tree.Files.ContainsKey(file) && _owns(file)).ToList();
            if (changed.Count + stale.Count > 0)
            {
                Replace(changed, stale);
            }

            return changed.Count + stale.Count;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"{_path} cannot be written: {exception.Message} Nothing in it was changed; choose another with --AspirateOutput=DIR.",
                exception);
        }
    }

    private void Replace(List<KeyValuePair<string, string>> changed, List<string> stale)
    {
        Directory.CreateDirectory(_path);
        var staging = Path.Combine(_path, $".publishing-{Environment.ProcessId}");
        var undo = new Stack<Action>();
        try
        {
            foreach (var (file, text) in changed)
            {
                var staged = Path.Combine(staging, "new", file);
                Directory.CreateDirectory(Path.GetDirectoryName(staged)!);
                File.WriteAllText(staged, text, Utf8);
            }

            foreach (var file in changed.Select(pair => pair.Key).Concat(stale))
            {
                SetAside(file, staging, undo);
            }

            foreach (var (file, _) in changed)
            {
                var target = Path.Combine(_path, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Move(Path.Combine(staging, "new", file), target);
                undo.Push(() => File.Delete(target));
            }
        }
        catch
        {
            while (undo.TryPop(out var step))
            {
                step();
            }

            throw;
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }

        RemoveEmptyFolders(stale);
    }

    private void SetAside(string file, string staging, Stack<Action> undo)
    {
        var target = Path.Combine(_path, file);
        if (!File.Exists(target))
        {
            return;
        }

        var aside = Path.Combine(staging, "old", file);
        Directory.CreateDirectory(Path.GetDirectoryName(aside)!);
        File.Move(target, aside);
        undo.Push(() => File.Move(aside, target, overwrite: true));
    }

    private bool Says(string file, string text)
    {
        var path = Path.Combine(_path, file);
        return File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(Utf8.GetBytes(text));
    }

    private IEnumerable<string> Existing() => Directory.Exists(_path)
        ? Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_path, file).Replace('\\', '/'))
        : [];

    private void RemoveEmptyFolders(IEnumerable<string> removed)
    {
        foreach (var file in removed)
        {
            for (var folder = Path.GetDirectoryName(Path.Combine(_path, file))!;
                folder.Length > _path.Length && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();
                folder = Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
            }
        }
    }
}
