namespace Gateway.Mesh;

/// <summary>
/// A fingerprint of a folder: names, lengths and times of change of what is in it and below, links followed. Two equal stamps mean that
/// there is nothing new to read.
/// </summary>
internal static class FolderStamp
{
    /// <summary>The stamp of a folder; 0 when it cannot be read.</summary>
    public static long Of(string folder)
    {
        try
        {
            var hash = default(HashCode);
            var entries = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories);
            foreach (var path in entries.Order(StringComparer.Ordinal))
            {
                FileSystemInfo entry = new FileInfo(path);
                if (entry.LinkTarget is null && entry.Name.StartsWith('.') && entry.Exists)
                {
                    continue; // not read: a file that somebody is still writing
                }

                if (entry.LinkTarget is not null)
                {
                    entry = entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry;
                    hash.Add(entry.FullName, StringComparer.Ordinal);
                }

                hash.Add(path, StringComparer.Ordinal);
                hash.Add(entry.LastWriteTimeUtc.Ticks);
                hash.Add(entry is FileInfo { Exists: true } file ? file.Length : -1);
            }

            return (uint)hash.ToHashCode() | 1L << 32;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
