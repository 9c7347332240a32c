using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Dashboard.Telemetry;

/// <summary>Attributes as they are shown: texts, in the order they came. Immutable.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "OpenTelemetry's word.")]
internal sealed class AttributeList(KeyValuePair<string, string>[] items) : IReadOnlyList<KeyValuePair<string, string>>
{
    private readonly KeyValuePair<string, string>[] _items = items;

    /// <summary>No attributes.</summary>
    public static AttributeList Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public KeyValuePair<string, string> this[int index] => _items[index];

    /// <summary>The value of an attribute; null when it is not there.</summary>
    public string? this[string key]
    {
        get
        {
            foreach (var (name, value) in _items)
            {
                if (name == key)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>Whether a text stands in a key or a value, whatever its case.</summary>
    public bool Mentions(string text)
    {
        foreach (var (name, value) in _items)
        {
            if (value.Contains(text, StringComparison.OrdinalIgnoreCase) || name.Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A text that is equal for equal attributes, whatever their order.</summary>
    public string ToKey() => string.Join('\u0001', _items.Select(static item => $"{item.Key}\u0002{item.Value}").Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
