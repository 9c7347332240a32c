using Microsoft.Extensions.Primitives;

namespace Gateway.Http1;

/// <summary>The headers of a message one by one, which allocates nothing where they are a list.</summary>
internal ref struct HeaderLines
{
    private readonly ReadOnlySpan<KeyValuePair<string, StringValues>> _list;
    private readonly IEnumerator<KeyValuePair<string, StringValues>>? _headers;
    private int _index = -1;

    private HeaderLines(ReadOnlySpan<KeyValuePair<string, StringValues>> list, IEnumerator<KeyValuePair<string, StringValues>>? headers)
    {
        _list = list;
        _headers = headers;
    }

    public readonly KeyValuePair<string, StringValues> Current => _headers is null ? _list[_index] : _headers.Current;

    /// <summary>Of any headers.</summary>
    public static HeaderLines Of(IHeaderDictionary headers) =>
        headers is HeaderList list ? new(list.Written, null) : new(default, headers.GetEnumerator());

    public readonly HeaderLines GetEnumerator() => this;

    public bool MoveNext() => _headers?.MoveNext() ?? ++_index < _list.Length;

    public readonly void Dispose() => _headers?.Dispose();
}
