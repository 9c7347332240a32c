using System.Collections.Immutable;
using System.Text;

namespace Istio.Documents;

/// <summary>
/// Reads Kubernetes and Istio resources from YAML and JSON files. Never throws for what a file holds: every fault is a
/// <see cref="Finding"/> with its file and line, and the other documents are still read. Time and memory are bounded by
/// <see cref="ReaderLimits"/>.
/// </summary>
public static class ResourceReader
{
    private const double MiB = 1024 * 1024;

    // Fewer are read before other threads have begun to help.
    private const int ManyFiles = 64;

    /// <summary>
    /// Reads files and folders. Of a folder, every <c>.yaml</c>, <c>.yml</c> and <c>.json</c> file in it and below, in ordinal order of
    /// their paths. Left out: names that begin with a dot (so the <c>..data</c> folders of a mounted ConfigMap are read once, through
    /// their links), links to folders, kustomization files with the patches that they name, and the templates of Helm charts. A file that
    /// is named itself holds resources or is a fault; one that is met in a folder may hold something else, as files of a repository do.
    /// </summary>
    public static ResourceSet ReadPaths(IEnumerable<string> filesOrFolders)
    {
        ArgumentNullException.ThrowIfNull(filesOrFolders);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Read([.. filesOrFolders.SelectMany(FolderWalk.Files).Where(file => seen.Add(Path.GetFullPath(file.Path)))]);
    }

    /// <summary>
    /// Reads a folder that is there for its resources, as a mesh folder is: the same files as <see cref="ReadPaths"/> does, but one that
    /// holds something else is a fault.
    /// </summary>
    public static ResourceSet ReadFolder(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Read([.. FolderWalk.Files(folder).Select(file => file.Role == FileRole.Met ? file with { Role = FileRole.Named } : file)]);
    }

    /// <summary>Reads one text.</summary>
    /// <param name="yaml">YAML or JSON, one or more documents.</param>
    /// <param name="file">The file's name in locations.</param>
    public static ResourceSet ReadText(string yaml, string file)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var builder = new ResourceSetBuilder(isMet: false);
        if (yaml.Length > ReaderLimits.MaxFileBytes)
        {
            AddTooBig(builder, file, yaml.Length);
        }
        else
        {
            builder.AddText(yaml, file);
        }

        return builder.Build();
    }

    private static ResourceSet Read(IReadOnlyCollection<SourceFile> files) =>
        Concat(files.Count < ManyFiles ? files.Select(ReadPath) : files.AsParallel().AsOrdered().Select(ReadPath));

    private static ResourceSet Concat(IEnumerable<ResourceSet> sets)
    {
        var documents = ImmutableArray.CreateBuilder<ResourceDocument>();
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var skipped = ImmutableArray.CreateBuilder<string>();
        foreach (var set in sets)
        {
            documents.AddRange(set.Documents);
            findings.AddRange(set.Findings);
            skipped.AddRange(set.SkippedFiles);
        }

        return new ResourceSet(documents.ToImmutable(), findings.ToImmutable()) { SkippedFiles = skipped.ToImmutable() };
    }

    private static ResourceSet ReadPath(SourceFile file)
    {
        var path = file.Path;
        var builder = new ResourceSetBuilder(file.Role == FileRole.Met);
        if (file.Role == FileRole.Chart)
        {
            builder.AddFinding(path, 1, 1, ReaderCodes.Template,
                "The templates of this chart are not read; validate what helm template makes of them.");
        }
        else if (file.Role == FileRole.Named && !File.Exists(path) && !Directory.Exists(path))
        {
            builder.AddFinding(path, 1, 1, ReaderCodes.Unreadable, "There is no such file or folder.");
        }
        else if (ReadFile(path, builder) is { } text)
        {
            builder.AddText(text, path);
        }

        return builder.Build();
    }

    private static string? ReadFile(string file, ResourceSetBuilder builder)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var bytes = new byte[Math.Min(stream.CanSeek ? stream.Length : 0, ReaderLimits.MaxFileBytes) + 1];
            var length = 0;
            while (stream.Read(bytes, length, bytes.Length - length) is var count and > 0)
            {
                length += count;
                if (length == bytes.Length)
                {
                    if (length > ReaderLimits.MaxFileBytes)
                    {
                        AddTooBig(builder, file, stream.CanSeek ? stream.Length : length);
                        return null;
                    }

                    Array.Resize(ref bytes, Math.Min(length * 2, ReaderLimits.MaxFileBytes + 1));
                }
            }

            return Decode(bytes.AsSpan(0, length), file, builder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            builder.AddFinding(file, 1, 1, ReaderCodes.Unreadable, $"The file cannot be read: {exception.Message}");
            return null;
        }
    }

    /// <summary>UTF-8, or UTF-16 with a byte order mark (https://yaml.org/spec/1.2.2/#52-character-encodings).</summary>
    private static string? Decode(ReadOnlySpan<byte> bytes, string file, ResourceSetBuilder builder)
    {
        try
        {
            return bytes switch
            {
                [0xFF, 0xFE, ..] => new UnicodeEncoding(false, true, true).GetString(bytes[2..]),
                [0xFE, 0xFF, ..] => new UnicodeEncoding(true, true, true).GetString(bytes[2..]),
                [0xEF, 0xBB, 0xBF, ..] => new UTF8Encoding(false, true).GetString(bytes[3..]),
                _ => new UTF8Encoding(false, true).GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            var (line, column) = FirstInvalid(bytes);
            builder.AddFinding(file, line, column, ReaderCodes.NotText, "The file is not UTF-8 text; is it a binary file?");
            return null;
        }
    }

    private static (int Line, int Column) FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var (line, column) = (1, 1);
        while (!bytes.IsEmpty && Rune.DecodeFromUtf8(bytes, out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            (line, column) = bytes[0] == '\n' ? (line + 1, 1) : (line, column + 1);
            bytes = bytes[consumed..];
        }

        return (line, column);
    }

    private static void AddTooBig(ResourceSetBuilder builder, string file, long length) =>
        builder.AddFinding(file, 1, 1, ReaderCodes.FileTooBig, string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"The file has {length / MiB:0.0} MiB; at most {ReaderLimits.MaxFileBytes / MiB} MiB are read. Split it into several files."));
}
