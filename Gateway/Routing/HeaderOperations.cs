using System.Collections.Immutable;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;

namespace Gateway.Routing;

/// <summary>Changes of headers: first removals, then values that replace, then values that are added.</summary>
/// <remarks>
/// Envoy, source/common/router/header_parser.cc, <c>evaluateHeaders</c>. All values are made before the first header changes, and an
/// empty value changes nothing.
/// </remarks>
internal sealed class HeaderOperations
{
    /// <summary>Changes nothing.</summary>
    public static readonly HeaderOperations None = new([], [], []);

    private readonly string[] _remove;
    private readonly (string Name, HeaderValue Value)[] _set;
    private readonly (string Name, HeaderValue Value)[] _add;
    private readonly bool _isLiteral;

    /// <summary>Makes operations.</summary>
    /// <param name="remove">Names to remove.</param>
    /// <param name="set">Values that replace what is there.</param>
    /// <param name="add">Values that come beside what is there.</param>
    public HeaderOperations(
        ImmutableArray<string> remove,
        ImmutableArray<(string Name, HeaderValue Value)> set,
        ImmutableArray<(string Name, HeaderValue Value)> add)
    {
        _remove = [.. remove];
        _set = [.. set.Where(header => !header.Value.IsEmpty)];
        _add = [.. add.Where(header => !header.Value.IsEmpty)];
        _isLiteral = _set.Concat(_add).All(header => header.Value.Literal is not null);
    }

    /// <summary>Names that are removed.</summary>
    public ImmutableArray<string> Remove => [.. _remove];

    /// <summary>Values that replace what is there.</summary>
    public ImmutableArray<(string Name, HeaderValue Value)> Set => [.. _set];

    /// <summary>Values that are added.</summary>
    public ImmutableArray<(string Name, HeaderValue Value)> Add => [.. _add];

    /// <summary>True when nothing changes.</summary>
    public bool IsEmpty => _remove.Length + _set.Length + _add.Length == 0;

    /// <summary>These operations and then others, as one: all removals first, as Envoy does within one list.</summary>
    public HeaderOperations Then(HeaderOperations next) => next.IsEmpty ? this : IsEmpty ? next
        : new([.. _remove, .. next._remove], [.. _set, .. next._set], [.. _add, .. next._add]);

    /// <summary>Changes headers.</summary>
    /// <param name="headers">The headers of the request or of its response.</param>
    /// <param name="request">The request, for values that name a part of it.</param>
    public void Apply(IHeaderDictionary headers, RequestHead request)
    {
        foreach (var name in _remove)
        {
            headers.Remove(name);
        }

        if (_isLiteral)
        {
            foreach (var (name, value) in _set)
            {
                headers[name] = value.Literal;
            }

            foreach (var (name, value) in _add)
            {
                headers[name] = StringValues.Concat(headers[name], value.Literal);
            }
        }
        else
        {
            ApplyFormatted(headers, request);
        }
    }

    private void ApplyFormatted(IHeaderDictionary headers, RequestHead request)
    {
        var values = new string[_set.Length + _add.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (i < _set.Length ? _set[i] : _add[i - _set.Length]).Value.Format(request, headers);
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Length == 0)
            {
                continue;
            }

            var name = i < _set.Length ? _set[i].Name : _add[i - _set.Length].Name;
            headers[name] = i < _set.Length ? values[i] : StringValues.Concat(headers[name], values[i]);
        }
    }
}
