using Istio.Documents;

namespace Istio.Validation;

/// <summary>Names other resources in a message: a few, however many there are, so that messages do not grow with the mesh.</summary>
internal static class Others
{
    private const int Named = 5;

    /// <summary>
    /// True for another resource than <paramref name="document"/>: a cluster has one of a kind, namespace and name, so documents that agree
    /// in them are alternatives, of which the last one that is applied counts. One that names no namespace may be deployed to any.
    /// </summary>
    public static bool Than(ResourceDocument document, ResourceDocument other)
    {
        var isAlternative = document.Name.Length > 0 && other.Kind == document.Kind && other.Name == document.Name
            && (other.Namespace == document.Namespace || !document.NamesNamespace || !other.NamesNamespace);
        return !isAlternative && !ReferenceEquals(document, other);
    }

    /// <summary>The first few different names, enough for a sentence; the rest is not looked at.</summary>
    public static string[] Take(IEnumerable<string> names) => [.. names.Distinct().Take(Named + 1)];

    /// <summary>The names in a sentence; "..." stands for those beyond the first few.</summary>
    public static string Words(string[] names) =>
        names.Length <= Named ? string.Join(", ", names) : string.Join(", ", names.Take(Named)) + ", ...";

    /// <summary>A few of the names in a sentence.</summary>
    public static string Words(IEnumerable<string> names) => Words(Take(names));
}
