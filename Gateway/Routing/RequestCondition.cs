using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>A condition on a request apart from its path.</summary>
internal abstract class RequestCondition
{
    /// <summary>Whether it holds.</summary>
    public abstract bool Matches(RequestHead request);

    /// <summary>Why it does not hold, in words.</summary>
    public abstract string Mismatch(RequestHead request);
}

/// <summary>A condition on a header, or on the pseudo-header <c>:method</c>, <c>:scheme</c>, <c>:authority</c> or <c>:path</c>.</summary>
/// <remarks>
/// Envoy's HeaderMatcher (source/common/http/header_utility.cc). Several headers of one name are one value, joined by commas. The
/// opposite (Istio's <c>withoutHeaders</c>) takes a missing header as an empty one, so <c>.*</c> excludes that too.
/// </remarks>
/// <param name="name">Name in lower case.</param>
/// <param name="text">The condition on the value; null asks only that there is one.</param>
/// <param name="inverted">Whether the opposite must hold.</param>
internal sealed class HeaderCondition(string name, TextCondition? text, bool inverted) : RequestCondition
{
    private readonly Field _field = name switch
    {
        ":method" => Field.Method,
        ":scheme" => Field.Scheme,
        ":authority" or "host" => Field.Authority,
        ":path" => Field.Path,
        _ => Field.Header,
    };

    private enum Field
    {
        Header,
        Method,
        Scheme,
        Authority,
        Path,
    }

    public override bool Matches(RequestHead request)
    {
        var value = ValueOf(request);
        if (text is null)
        {
            return value is not null != inverted;
        }

        return value is null && !inverted ? false : text.Matches(value) != inverted;
    }

    public override string Mismatch(RequestHead request) => (ValueOf(request), inverted) switch
    {
        (null, false) => $"there is no {Subject}",
        (null, true) => $"{Subject}, which is missing and counts as empty, is {text}",
        ({ } value, false) => $"{Subject} is \"{value}\", not {text}",
        ({ } value, true) => $"{Subject} is \"{value}\", which is excluded",
    };

    public override string ToString() => (inverted, text) switch
    {
        (false, null) => $"{Subject} present",
        (true, null) => $"{Subject} absent",
        (false, _) => $"{Subject} {text}",
        (true, _) => $"{Subject} not {text}",
    };

    private string Subject => _field switch
    {
        Field.Header => $"header {name}",
        Field.Authority => "authority",
        _ => name[1..],
    };

    private string? ValueOf(RequestHead request)
    {
        switch (_field)
        {
            case Field.Method:
                return request.Method;
            case Field.Scheme:
                return request.Scheme;
            case Field.Authority:
                return request.Authority;
            case Field.Path:
                return request.Query.Length == 0 ? request.Path : request.Path + request.Query;
            default:
                // With one value, the usual case, this is that value itself.
                return request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
        }
    }
}

/// <summary>A condition on a query parameter; of several of one name the first counts. Nothing is decoded.</summary>
/// <param name="name">Name, with case.</param>
/// <param name="text">The condition on the value; null asks only that the parameter is there.</param>
internal sealed class QueryCondition(string name, TextCondition? text) : RequestCondition
{
    public override bool Matches(RequestHead request) =>
        TryFind(request.Query, out var value) && (text is null || text.Matches(value));

    public override string Mismatch(RequestHead request) => TryFind(request.Query, out var value)
        ? $"query parameter {name} is \"{value}\", not {text}"
        : $"there is no query parameter {name}";

    public override string ToString() => $"query parameter {name} {text?.ToString() ?? "present"}";

    private bool TryFind(ReadOnlySpan<char> query, out ReadOnlySpan<char> value)
    {
        var rest = query.IsEmpty ? query : query[1..];
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('&');
            var parameter = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var equals = parameter.IndexOf('=');
            if ((equals < 0 ? parameter : parameter[..equals]).SequenceEqual(name))
            {
                value = equals < 0 ? default : parameter[(equals + 1)..];
                return true;
            }
        }

        value = default;
        return false;
    }
}
