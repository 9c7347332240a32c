using System.Text;

namespace Gateway.Requests;

/// <summary>Reads and changes the query of a request as Envoy does.</summary>
/// <remarks>Envoy source/common/http/utility.cc (QueryParamsMulti)</remarks>
internal static class QueryParameters
{
    /// <summary>The first value of a parameter, decoded; null when there is none. Allocates only for what is percent-encoded.</summary>
    public static ReadOnlyMemory<char>? Find(string query, string name)
    {
        for (var rest = query.AsMemory(Math.Min(1, query.Length)); !rest.IsEmpty;)
        {
            var (key, value) = Next(ref rest);
            if (key.Span.SequenceEqual(name) || (key.Span.Contains('%') && Decode(key) == name))
            {
                return value.Span.Contains('%') ? Decode(value).AsMemory() : value;
            }
        }

        return null;
    }

    /// <summary>
    /// The query without a parameter. Envoy writes the others anew: sorted by name, decoded, with an equals sign each. What may not stand
    /// in a request line stays encoded here.
    /// </summary>
    public static string Remove(string query, string name)
    {
        var parameters = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        for (var rest = query.AsMemory(Math.Min(1, query.Length)); !rest.IsEmpty;)
        {
            var (key, value) = Next(ref rest);
            var decoded = Decode(key);
            if (decoded != name)
            {
                (parameters.TryGetValue(decoded, out var values) ? values : parameters[decoded] = []).Add(Decode(value));
            }
        }

        var text = new StringBuilder();
        foreach (var (key, values) in parameters)
        {
            foreach (var value in values)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(key).Append('=').Append(value);
            }
        }

        return text.ToString();
    }

    private static (ReadOnlyMemory<char> Key, ReadOnlyMemory<char> Value) Next(ref ReadOnlyMemory<char> rest)
    {
        var end = rest.Span.IndexOf('&');
        var parameter = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        var equals = parameter.Span.IndexOf('=');
        return equals < 0 ? (parameter, default) : (parameter[..equals], parameter[(equals + 1)..]);
    }

    private static string Decode(ReadOnlyMemory<char> text)
    {
        var span = text.Span;
        if (!span.Contains('%'))
        {
            return text.ToString();
        }

        var decoded = new StringBuilder(span.Length);
        for (var i = 0; i < span.Length; i++)
        {
            if (span[i] == '%' && i + 2 < span.Length && char.IsAsciiHexDigit(span[i + 1]) && char.IsAsciiHexDigit(span[i + 2])
                && (char)Convert.ToInt32(span.Slice(i + 1, 2).ToString(), 16) is > ' ' and < '\x7f' and var character)
            {
                decoded.Append(character);
                i += 2;
            }
            else
            {
                decoded.Append(span[i]);
            }
        }

        return decoded.ToString();
    }
}
