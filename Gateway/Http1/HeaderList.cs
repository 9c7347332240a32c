using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Http1;

/// <summary>
/// The headers of one message, in their order. A list, because a message has few: comparing lengths costs less than a hash. Used again for
/// the next message.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Disposing an enumerator gives it back.")]
internal sealed class HeaderList : IHeaderDictionary
{
    private readonly bool _isResponse;
    private readonly Enumerator _enumerator;
    private Entry[] _entries = new Entry[16];
    private bool _isSealed;
    private long _lastLength;
    private string _lastLengthText = "0";

    /// <summary>Makes an empty list.</summary>
    /// <param name="isResponse">Whether it is a response's: then it takes only what can be sent.</param>
    public HeaderList(bool isResponse)
    {
        _isResponse = isResponse;
        _enumerator = new Enumerator(this);
    }

    public int Count { get; private set; }

    public bool IsReadOnly => _isSealed;

    public ICollection<string> Keys => [.. Entries.ToArray().Select(entry => entry.Name)];

    public ICollection<StringValues> Values => [.. Entries.ToArray().Select(entry => entry.Values)];

    /// <summary>All headers.</summary>
    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, Count);

    /// <summary>Whether the message lets its connection stay, as in HTTP/1.1 it does unless it says otherwise.</summary>
    public bool KeepAlive => Count == 0 || this[HeaderNames.Connection] is not { Count: > 0 } connection
        || connection.ToString().Contains("keep-alive", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes that all header lines need.</summary>
    public int Size
    {
        get
        {
            var size = 0;
            foreach (var (name, values, _) in Entries)
            {
                for (var i = 0; i < values.Count; i++)
                {
                    size += name.Length + (values[i]?.Length ?? 0) + ": \r\n".Length;
                }
            }

            return size;
        }
    }

    public long? ContentLength
    {
        get => long.TryParse(this[HeaderNames.ContentLength], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
        set
        {
            if (value is not { } length)
            {
                Remove(HeaderNames.ContentLength);
                return;
            }

            if (length != _lastLength)
            {
                (_lastLength, _lastLengthText) = (length, length.ToString(CultureInfo.InvariantCulture));
            }

            this[HeaderNames.ContentLength] = _lastLengthText;
        }
    }

    public StringValues this[string key]
    {
        get => Find(key) is var index and >= 0 ? _entries[index].Values : StringValues.Empty;
        set
        {
            if (value.Count == 0)
            {
                Remove(key);
                return;
            }

            Check(key, value);
            var index = Find(key);
            if (index < 0)
            {
                Append(new Entry(key, value, null));
            }
            else
            {
                _entries[index] = new(key, value, null);
            }
        }
    }

    /// <summary>Empties the list, and lets it be written again.</summary>
    public void Reset() => (Count, _isSealed) = (0, false);

    /// <summary>Takes the headers of another message instead of its own.</summary>
    public void Take(IHeaderDictionary headers)
    {
        Reset();
        foreach (var header in HeaderLines.Of(headers))
        {
            Append(header);
        }
    }

    /// <summary>The message has been sent: no header can change any more.</summary>
    public void Seal() => _isSealed = true;

    /// <summary>Adds a header that is known to be new and valid.</summary>
    public void Append(HeaderLine line) => Append(new Entry(line.Name, line.Value, line));

    /// <summary>Adds the value of a line that is known to be valid to those that its header has.</summary>
    public void Join(HeaderLine line)
    {
        CheckOpen();
        var index = Find(line.Name);
        if (index < 0)
        {
            Append(line);
        }
        else
        {
            _entries[index] = new(_entries[index].Name, StringValues.Concat(_entries[index].Values, line.Value), null);
        }
    }

    public void Add(string key, StringValues value)
    {
        if (Find(key) >= 0)
        {
            throw new ArgumentException($"There is a header {key} already.", nameof(key));
        }

        this[key] = value;
    }

    public void Add(KeyValuePair<string, StringValues> item) => Add(item.Key, item.Value);

    public bool Remove(string key)
    {
        CheckOpen();
        var index = Find(key);
        if (index < 0)
        {
            return false;
        }

        Count--;
        Array.Copy(_entries, index + 1, _entries, index, Count - index);
        return true;
    }

    public bool Remove(KeyValuePair<string, StringValues> item) => Contains(item) && Remove(item.Key);

    public void Clear()
    {
        CheckOpen();
        Count = 0;
    }

    public bool ContainsKey(string key) => Find(key) >= 0;

    public bool Contains(KeyValuePair<string, StringValues> item) => TryGetValue(item.Key, out var value) && value == item.Value;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value)
    {
        var index = Find(key);
        value = index < 0 ? StringValues.Empty : _entries[index].Values;
        return index >= 0;
    }

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex)
    {
        foreach (var entry in Entries)
        {
            array[arrayIndex++] = entry.Pair;
        }
    }

    /// <summary>An enumeration within another one is rare; the outer one allocates nothing.</summary>
    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator() =>
        (_enumerator.IsTaken ? new Enumerator(this) : _enumerator).Begin();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Append(in Entry entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count++] = entry;
    }

    private int Find(string name)
    {
        var entries = Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            var key = entries[i].Name;
            if (ReferenceEquals(key, name)
                || (key.Length == name.Length && string.Equals(key, name, StringComparison.OrdinalIgnoreCase)))
            {
                return i;
            }
        }

        return -1;
    }

    private void Check(string name, StringValues values)
    {
        CheckOpen();
        if (!_isResponse)
        {
            return;
        }

        if (!HeaderCharacters.IsName(name))
        {
            throw new InvalidOperationException($"{name} is no name of a header.");
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (!HeaderCharacters.IsValue(values[i]))
            {
                throw new InvalidOperationException($"The header {name} would have control characters.");
            }
        }
    }

    private void CheckOpen()
    {
        if (_isSealed)
        {
            throw new InvalidOperationException("The response has begun: its headers can no longer change.");
        }
    }

    /// <summary>A header.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Values">Its values.</param>
    /// <param name="Line">The line that it came in, as long as nothing has changed it; null for one that was added here.</param>
    internal readonly record struct Entry(string Name, StringValues Values, HeaderLine? Line)
    {
        /// <summary>As dictionaries have it.</summary>
        public KeyValuePair<string, StringValues> Pair => new(Name, Values);
    }

    private sealed class Enumerator(HeaderList list) : IEnumerator<KeyValuePair<string, StringValues>>
    {
        private int _index;

        public bool IsTaken { get; private set; }

        public KeyValuePair<string, StringValues> Current => list._entries[_index].Pair;

        object IEnumerator.Current => Current;

        public Enumerator Begin()
        {
            (_index, IsTaken) = (-1, true);
            return this;
        }

        public bool MoveNext() => ++_index < list.Count;

        public void Reset() => _index = -1;

        public void Dispose() => IsTaken = false;
    }
}
