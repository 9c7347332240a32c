namespace Istio.Documents;

/// <summary>
/// What the reader accepts at most, so that no file can take it more than a bounded time or memory.
/// A Kubernetes API server refuses a single resource long before these limits (etcd takes 1.5 MiB).
/// </summary>
public static class ReaderLimits
{
    /// <summary>The largest file that is read, in bytes: 8 MiB.</summary>
    public const int MaxFileBytes = 8 * 1024 * 1024;

    /// <summary>The longest single text value, in characters: 1 Mi.</summary>
    public const int MaxScalarLength = 1024 * 1024;

    /// <summary>The deepest nesting of mappings and sequences in one document.</summary>
    public const int MaxDepth = 100;

    /// <summary>The most values in one document after aliases are expanded.</summary>
    public const int MaxDocumentNodes = 200_000;

    /// <summary>The most characters in one document after aliases are expanded.</summary>
    public const int MaxDocumentText = MaxFileBytes;

    /// <summary>The most values in one file after aliases are expanded.</summary>
    public const int MaxFileNodes = 1_000_000;

    /// <summary>The most faults reported for one file; the rest is left out.</summary>
    public const int MaxFindingsPerFile = 200;
}
