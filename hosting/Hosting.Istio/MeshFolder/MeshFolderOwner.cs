using System.Text;

namespace Hosting.Istio;

/// <summary>
/// Tells folders in use from those that an application left behind because it was killed. The owner holds a file in its folder open and
/// locked as long as it lives; the operating system ends the lock with the process, however that ends, so unlike a process id it can
/// never mean somebody else. Touches the file system only.
/// </summary>
internal static class MeshFolderOwner
{
    /// <summary>What the names of the folders begin with.</summary>
    public const string Prefix = "mesh-";

    private const string FileName = ".owner";

    // Only what this program has made for this user is deleted, also by a user who may delete everything.
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes($"A mesh folder of Hosting.Istio, in use by {Environment.UserName}.\n");

    /// <summary>Marks the folder as in use until the result is disposed or the process ends.</summary>
    public static IDisposable Claim(string folder)
    {
        var file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        file.Write(Mark); // after the lock was taken: whoever sees the mark and gets the lock knows that the owner is gone
        file.Flush();
        return file;
    }

    /// <summary>Deletes the folders in <paramref name="parent"/> whose owner is gone.</summary>
    public static void DeleteAbandoned(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "*", new EnumerationOptions { IgnoreInaccessible = true }))
        {
            try
            {
                if (IsAbandoned(new FileInfo(Path.Combine(folder, FileName))))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // In use, or another user's, or deleted by somebody else at this moment.
            }
        }
    }

    private static bool IsAbandoned(FileInfo file)
    {
        if (!file.Exists || file.Length != Mark.Length)
        {
            return false;
        }

        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var content = new byte[Mark.Length];
        return stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length && content.AsSpan().SequenceEqual(Mark);
    }
}
