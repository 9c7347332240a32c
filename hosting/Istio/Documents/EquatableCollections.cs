namespace Istio.Documents;

/// <summary>Creates <see cref="EquatableArray{T}"/> and <see cref="EquatableDictionary{T}"/>; collection expressions call it.</summary>
public static class EquatableCollections
{
    /// <summary>A list of these items, in this order.</summary>
    public static EquatableArray<T> CreateArray<T>(ReadOnlySpan<T> items) => new(items.ToArray());

    /// <summary>A mapping with these members; of two with one key the later counts.</summary>
    public static EquatableDictionary<T> CreateDictionary<T>(ReadOnlySpan<KeyValuePair<string, T>> members)
    {
        var copy = new OrderedDictionary<string, T>(members.Length, StringComparer.Ordinal);
        foreach (var (key, value) in members)
        {
            copy[key] = value;
        }

        return new EquatableDictionary<T>(copy);
    }

    /// <summary>A list of these items; null gives an absent list.</summary>
    internal static EquatableArray<T> CreateOptional<T>(IEnumerable<T>? items) => items is null ? default : [.. items];
}
