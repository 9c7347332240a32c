namespace Istio.Documents;

/// <summary>A collection that may be absent.</summary>
internal interface IOptionalCollection
{
    /// <summary>True when it is not there at all.</summary>
    bool IsAbsent { get; }
}

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

    /// <summary>A list over an array that nobody else changes.</summary>
    internal static EquatableArray<T> Wrap<T>(T[] items) => new(items);

    /// <summary>A list of these items; null gives an absent list.</summary>
    internal static EquatableArray<T> CreateOptional<T>(IEnumerable<T>? items) => items is null ? default : [.. items];
}
