using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Istio.Documents;

/// <summary>
/// An immutable mapping from text to values that keeps its order and compares by its members, whatever their order. The default value
/// stands for a mapping that is absent: it enumerates as empty, but it is not equal to an empty mapping that is written out.
/// </summary>
/// <typeparam name="T">The values' type.</typeparam>
[CollectionBuilder(typeof(EquatableCollections), nameof(EquatableCollections.CreateDictionary))]
[JsonConverter(typeof(EquatableDictionaryConverter))]
public readonly struct EquatableDictionary<T> : IReadOnlyDictionary<string, T>, IEquatable<EquatableDictionary<T>>, IOptionalCollection
{
    private readonly OrderedDictionary<string, T>? _members;

    internal EquatableDictionary(OrderedDictionary<string, T> members) => _members = members;

    /// <summary>True when the mapping is not there at all.</summary>
    public bool IsAbsent => _members is null;

    /// <summary>True when there is no member, written out or absent.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>The number of members; 0 when absent.</summary>
    public int Count => _members?.Count ?? 0;

    /// <summary>The keys, in order.</summary>
    public IEnumerable<string> Keys => _members?.Keys ?? Enumerable.Empty<string>();

    /// <summary>The values, in order.</summary>
    public IEnumerable<T> Values => _members?.Values ?? Enumerable.Empty<T>();

    /// <summary>The value of <paramref name="key"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public T this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no key \"{key}\".");

    /// <summary>True when there is such a key.</summary>
    public bool ContainsKey(string key) => _members?.ContainsKey(key) == true;

    /// <summary>Finds a value by its key.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        if (_members is not null)
        {
            return _members.TryGetValue(key, out value);
        }

        value = default;
        return false;
    }

    /// <summary>The mapping with this member added or replaced.</summary>
    public EquatableDictionary<T> With(string key, T value)
    {
        var members = _members is null ? new OrderedDictionary<string, T>(StringComparer.Ordinal) : new(_members, StringComparer.Ordinal);
        members[key] = value;
        return new EquatableDictionary<T>(members);
    }

    /// <inheritdoc />
    public bool Equals(EquatableDictionary<T> other)
    {
        if (IsAbsent != other.IsAbsent || Count != other.Count)
        {
            return false;
        }

        foreach (var (key, value) in this)
        {
            if (!other.TryGetValue(key, out var theirs) || !EqualityComparer<T>.Default.Equals(value, theirs))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is EquatableDictionary<T> other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = Count;
        foreach (var (key, value) in this)
        {
            hash ^= HashCode.Combine(key, value);
        }

        return hash;
    }

    /// <summary>True when both have equal members.</summary>
    public static bool operator ==(EquatableDictionary<T> left, EquatableDictionary<T> right) => left.Equals(right);

    /// <summary>True when the members differ.</summary>
    public static bool operator !=(EquatableDictionary<T> left, EquatableDictionary<T> right) => !left.Equals(right);

    /// <summary>A mapping with the members of a dictionary.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "EquatableCollections.CreateDictionary is the named alternative.")]
    public static implicit operator EquatableDictionary<T>(Dictionary<string, T> members) =>
        EquatableCollections.CreateDictionary<T>([.. members]);

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() =>
        (_members ?? Enumerable.Empty<KeyValuePair<string, T>>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The members in braces.</summary>
    public override string ToString() => $"{{{string.Join(", ", this.Select(member => $"{member.Key}: {member.Value}"))}}}";
}

/// <summary>Reads and writes the mapping as a JSON object.</summary>
internal sealed class EquatableDictionaryConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(EquatableDictionary<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Converter<T> : JsonConverter<EquatableDictionary<T>>
    {
        // As a Go map of strings reads null. The schema check lets no other null through.
        private static readonly T NullValue = typeof(T) == typeof(string) ? (T)(object)"" : default!;

        public override bool HandleNull => true;

        public override EquatableDictionary<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return default;
            }

            var converter = (JsonConverter<T>)options.GetConverter(typeof(T));
            var members = new OrderedDictionary<string, T>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var key = reader.GetString()!;
                reader.Read();
                members[key] = reader.TokenType == JsonTokenType.Null && !converter.HandleNull
                    ? NullValue
                    : converter.Read(ref reader, typeof(T), options)!;
            }

            return new EquatableDictionary<T>(members);
        }

        public override void Write(Utf8JsonWriter writer, EquatableDictionary<T> value, JsonSerializerOptions options)
        {
            if (value.IsAbsent)
            {
                writer.WriteNullValue();
                return;
            }

            var converter = (JsonConverter<T>)options.GetConverter(typeof(T));
            writer.WriteStartObject();
            foreach (var (key, item) in value)
            {
                writer.WritePropertyName(key);
                converter.Write(writer, item, options);
            }

            writer.WriteEndObject();
        }
    }
}
