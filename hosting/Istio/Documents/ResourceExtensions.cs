namespace Istio.Documents;

/// <summary>
/// What every resource can be given in C#: a name, a namespace, labels and annotations. Each call returns a changed copy.
/// </summary>
public static class ResourceExtensions
{
    /// <summary>Sets <c>metadata.name</c>.</summary>
    public static T Named<T>(this T resource, string name)
        where T : Resource =>
        resource with { Metadata = resource.Metadata with { Name = name } };

    /// <summary>Sets <c>metadata.namespace</c>.</summary>
    public static T InNamespace<T>(this T resource, string @namespace)
        where T : Resource =>
        resource with { Metadata = resource.Metadata with { Namespace = @namespace } };

    /// <summary>Adds or replaces a label in <c>metadata.labels</c>.</summary>
    public static T Label<T>(this T resource, string key, string value)
        where T : Resource =>
        resource with { Metadata = resource.Metadata with { Labels = resource.Metadata.Labels.With(key, value) } };

    /// <summary>Adds or replaces an annotation in <c>metadata.annotations</c>.</summary>
    public static T Annotation<T>(this T resource, string key, string value)
        where T : Resource =>
        resource with { Metadata = resource.Metadata with { Annotations = resource.Metadata.Annotations.With(key, value) } };

    /// <summary>A dictionary of pairs; of two with one key the later counts.</summary>
    internal static EquatableDictionary<string> ToDictionary(ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var dictionary = EquatableCollections.CreateDictionary<string>([]);
        foreach (var (key, value) in pairs)
        {
            dictionary = dictionary.With(key, value);
        }

        return dictionary;
    }

    /// <summary>A selector of workloads by label; none for no labels.</summary>
    internal static WorkloadSelector? SelectorOf(ReadOnlySpan<(string Key, string Value)> labels) =>
        labels.IsEmpty ? null : new() { MatchLabels = ToDictionary(labels) };
}
