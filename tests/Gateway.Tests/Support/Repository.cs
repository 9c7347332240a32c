namespace Gateway.Tests.Support;

/// <summary>Files of this repository.</summary>
internal static class Repository
{
    /// <summary>The full path of a file or folder, given by its path from the root.</summary>
    public static string Path(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Aspire.sln")))
            {
                return System.IO.Path.Combine(folder.FullName, relative);
            }
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
