using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Istio.Documents;

/// <summary>
/// An immutable list that compares by its items. The default value stands for a list that is absent: it enumerates as empty, but it is
/// not equal to an empty list that is written out, so that a document keeps the difference.
/// </summary>
/// <typeparam name="T">The items' type.</typeparam>
[CollectionBuilder(typeof(EquatableCollections), nameof(EquatableCollections.CreateArray))]
[JsonConverter(typeof(EquatableArrayConverter))]
public readonly struct EquatableArray<T> : IReadOnlyList<T>, IEquatable<EquatableArray<T>>, IOptionalCollection
{
    private readonly T[]? _items;

    internal EquatableArray(T[] items) => _items = items;

    /// <summary>True when the list is not there at all.</summary>
    public bool IsAbsent => _items is null;

    /// <summary>True when there is no item, written out or absent.</summary>
    public bool IsEmpty => _items is not { Length: > 0 };

    /// <summary>The number of items; 0 when absent.</summary>
    public int Count => _items?.Length ?? 0;

    /// <summary>The items as a span; empty when absent.</summary>
    public ReadOnlySpan<T> Span => _items;

    /// <summary>The item at <paramref name="index"/>, from 0.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such item.</exception>
    public T this[int index] => (_items ?? [])[index];

    /// <summary>The list with one more item at its end.</summary>
    public EquatableArray<T> Add(T item) => new([.. _items ?? [], item]);

    /// <summary>The list with more items at its end; adding none to an absent list leaves it absent.</summary>
    public EquatableArray<T> AddRange(ReadOnlySpan<T> items) => items.IsEmpty ? this : new([.. _items ?? [], .. items]);

    /// <inheritdoc />
    public bool Equals(EquatableArray<T> other) =>
        IsAbsent == other.IsAbsent && Span.SequenceEqual(other.Span, EqualityComparer<T>.Default);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in Span)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    /// <summary>True when both have equal items in the same order.</summary>
    public static bool operator ==(EquatableArray<T> left, EquatableArray<T> right) => left.Equals(right);

    /// <summary>True when the items differ.</summary>
    public static bool operator !=(EquatableArray<T> left, EquatableArray<T> right) => !left.Equals(right);

    /// <summary>Enumerates without allocating.</summary>
    public Enumerator GetEnumerator() => new(_items ?? []);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)(_items ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => (_items ?? []).GetEnumerator();

    /// <summary>The items in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", _items ?? [])}]";

    /// <summary>Walks the items of an <see cref="EquatableArray{T}"/>.</summary>
    public struct Enumerator
    {
        private readonly T[] _items;
        private int _index;

        internal Enumerator(T[] items)
        {
            _items = items;
            _index = -1;
        }

        /// <summary>The item the enumerator stands at.</summary>
        public readonly T Current => _items[_index];

        /// <summary>Steps to the next item; false at the end.</summary>
        public bool MoveNext() => ++_index < _items.Length;
    }
}

/// <summary>Reads and writes the list as a JSON array.</summary>
internal sealed class EquatableArrayConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(EquatableArray<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Converter<T> : JsonConverter<EquatableArray<T>>
    {
        public override bool HandleNull => true;

        public override EquatableArray<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return default;
            }

            var converter = (JsonConverter<T>)options.GetConverter(typeof(T));
            var items = new List<T>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(converter.Read(ref reader, typeof(T), options)!);
            }

            return new EquatableArray<T>([.. items]);
        }

        public override void Write(Utf8JsonWriter writer, EquatableArray<T> value, JsonSerializerOptions options)
        {
            if (value.IsAbsent)
            {
                writer.WriteNullValue();
                return;
            }

            var converter = (JsonConverter<T>)options.GetConverter(typeof(T));
            writer.WriteStartArray();
            foreach (var item in value)
            {
                converter.Write(writer, item, options);
            }

            writer.WriteEndArray();
        }
    }
}
