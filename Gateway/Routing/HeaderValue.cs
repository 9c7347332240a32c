using System.Diagnostics.CodeAnalysis;
using System.Text;
using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>
/// A header's value as Envoy reads it: text in which <c>%NAME%</c> stands for a part of the request and <c>%%</c> for a percent sign.
/// </summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators. What a request's head
/// does not know is refused here rather than sent empty.
/// </remarks>
internal sealed class HeaderValue
{
    private readonly Part[] _parts;

    private HeaderValue(string text, Part[] parts)
    {
        Text = text;
        _parts = parts;
        Literal = parts.All(part => part.Operator is null) ? string.Concat(parts.Select(part => part.Text)) : null;
    }

    private delegate string? Operator(RequestHead request, IHeaderDictionary headers);

    /// <summary>The value as it is written.</summary>
    public string Text { get; }

    /// <summary>The value, when it is the same for all requests.</summary>
    public string? Literal { get; }

    /// <summary>True for a value that is nothing; Envoy leaves such a header alone.</summary>
    public bool IsEmpty => Literal is "";

    /// <summary>A value without operators.</summary>
    public static HeaderValue Of(string literal) => new(literal, [new Part(literal, null)]);

    /// <summary>Parses a value.</summary>
    /// <param name="text">The value.</param>
    /// <param name="value">The value, or null.</param>
    /// <param name="error">What is wrong, as part of a sentence.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out HeaderValue? value, [NotNullWhen(false)] out string? error)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        (value, error) = (null, null);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                literal.Append(text[i]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '%')
            {
                literal.Append(text[i++]);
                continue;
            }

            var end = text.IndexOf('%', i + 1);
            if (end < 0)
            {
                error = $"the percent sign at character {i + 1} begins no operator; write %% for a percent sign";
                return false;
            }

            if (Find(text[(i + 1)..end]) is not { } found)
            {
                error = $"{text[i..(end + 1)]} is no operator that is executed here";
                return false;
            }

            parts.Add(new Part(literal.ToString(), null));
            parts.Add(found);
            literal.Clear();
            i = end;
        }

        parts.Add(new Part(literal.ToString(), null));
        value = new HeaderValue(text, [.. parts]);
        return true;
    }

    /// <summary>The value for a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="headers">The headers that are changed: the request's, or its response's.</param>
    public string Format(RequestHead request, IHeaderDictionary headers)
    {
        if (Literal is not null)
        {
            return Literal;
        }

        var value = new StringBuilder();
        foreach (var part in _parts)
        {
            // A part that is not there is written as a dash.
            value.Append(part.Operator is null ? part.Text : part.Operator(request, headers) ?? "-");
        }

        return value.ToString();
    }

    public override string ToString() => Text;

    private static Part? Find(string name)
    {
        Operator? found = name switch
        {
            "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" => static (request, _) => (request.RemoteAddress ?? request.SourceAddress)?.ToString(),
            "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" => static (request, _) => request.SourceAddress?.ToString(),
            "DOWNSTREAM_LOCAL_PORT" => static (request, _) => $"{request.DestinationPort}",
            "REQUESTED_SERVER_NAME" => static (request, _) => request.ServerName,
            "HOSTNAME" => static (_, _) => Environment.MachineName,
            _ => Argument(name, "REQ") is { } request ? RequestHeader(request)
                : Argument(name, "RESP") is { } response ? ResponseHeader(response)
                : null,
        };
        return found is null ? null : new Part(name, found);
    }

    private static string? Argument(string name, string command) =>
        name.StartsWith(command + "(", StringComparison.Ordinal) && name.EndsWith(')') ? name[(command.Length + 1)..^1] : null;

    private static Operator RequestHeader(string argument)
    {
        var names = argument.Split('?');
        return (request, _) => names.Select(name => Header(request, name)).FirstOrDefault(value => !string.IsNullOrEmpty(value));
    }

    private static Operator ResponseHeader(string argument)
    {
        var names = argument.Split('?');
        return (_, headers) => names.Select(name => (string?)headers[name]).FirstOrDefault(value => !string.IsNullOrEmpty(value));
    }

    private static string? Header(RequestHead request, string name) => name.ToLowerInvariant() switch
    {
        ":authority" or "host" => request.Authority,
        ":method" => request.Method,
        ":scheme" => request.Scheme,
        ":path" => request.Path + request.Query,
        _ => request.Headers[name],
    };

    private readonly record struct Part(string Text, Operator? Operator);
}
