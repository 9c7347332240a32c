using Microsoft.Extensions.Primitives;

namespace Gateway.Http1;

/// <summary>The headers of a message one by one, which allocates nothing where they are a list.</summary>
internal ref struct HeaderLines
{
    private readonly ReadOnlySpan<HeaderList.Entry> _list;
    private readonly IEnumerator<KeyValuePair<string, StringValues>>? _headers;
    private int _index = -1;

    private HeaderLines(ReadOnlySpan<HeaderList.Entry> list, IEnumerator<KeyValuePair<string, StringValues>>? headers)
    {
        _list = list;
        _headers = headers;
    }

    public readonly HeaderList.Entry Current =>
        _headers is null ? _list[_index] : new(_headers.Current.Key, _headers.Current.Value, null);

    /// <summary>Of any headers.</summary>
    public static HeaderLines Of(IHeaderDictionary headers) =>
        headers is HeaderList list ? new(list.Entries, null) : new(default, headers.GetEnumerator());

    public readonly HeaderLines GetEnumerator() => this;

    public bool MoveNext() => _headers?.MoveNext() ?? ++_index < _list.Length;

    public readonly void Dispose() => _headers?.Dispose();
}
