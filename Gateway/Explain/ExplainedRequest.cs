using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;

namespace Gateway.Explain;

/// <summary>The request that is explained, as it would be on the wire.</summary>
/// <param name="Method">The method.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">The Host header.</param>
/// <param name="Port">The port of the URL; the scheme's default when it names none.</param>
/// <param name="Target">Path and query, byte for byte.</param>
/// <param name="Headers">The other headers.</param>
internal sealed record ExplainedRequest(
    string Method, string Scheme, string Authority, int Port, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Whether the URL itself names a port.</summary>
    public bool NamesPort { get; private init; }

    /// <summary>The host of the URL, without its port.</summary>
    public string Host { get; private init; } = "";

    /// <summary>Reads a URL and header lines.</summary>
    /// <param name="method">The method.</param>
    /// <param name="url">The URL; what a browser would tidy up stays as it is.</param>
    /// <param name="headers">Lines as <c>name: value</c>; <c>Host</c> replaces the URL's host.</param>
    /// <param name="request">The request, or null.</param>
    /// <param name="error">What is wrong, as a sentence.</param>
    public static bool TryParse(
        string method, string url, IEnumerable<string> headers,
        [NotNullWhen(true)] out ExplainedRequest? request, [NotNullWhen(false)] out string? error)
    {
        request = null;
        var scheme = url.StartsWith("http://", StringComparison.Ordinal) ? "http"
            : url.StartsWith("https://", StringComparison.Ordinal) ? "https" : null;
        var rest = scheme is null ? "" : url[(scheme.Length + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        var authority = end < 0 ? rest : rest[..end];
        if (scheme is null || authority.Length == 0)
        {
            error = $"{url}: a URL such as http://localhost:8081/api/v1/ping is expected.";
            return false;
        }

        var host = Routing.DomainIndex.WithoutPort(authority).ToString();
        var port = scheme == "http" ? 80 : 443;
        if (host.Length < authority.Length
            && !int.TryParse(authority.AsSpan(host.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            error = $"{url}: \"{authority}\" has no port that is a number.";
            return false;
        }

        if (!TryReadHeaders(headers, out var all, out error))
        {
            return false;
        }

        var target = end < 0 ? "/" : rest[end] == '/' ? rest[end..] : "/" + rest[end..];
        var given = all.LastOrDefault(header => header.Key.Equals("host", StringComparison.OrdinalIgnoreCase)).Value;
        request = new ExplainedRequest(method, scheme, given ?? authority, port, target,
            [.. all.Where(header => !header.Key.Equals("host", StringComparison.OrdinalIgnoreCase))])
        {
            NamesPort = host.Length < authority.Length,
            Host = host,
        };
        return true;
    }

    /// <summary>What the rules see of it.</summary>
    /// <param name="path">The path after normalisation.</param>
    /// <param name="query">The query with its question mark.</param>
    /// <param name="port">The port that the rules know.</param>
    public RequestHead ToHead(string path, string query, int port)
    {
        var head = new RequestHead
        {
            Method = Method,
            Scheme = Scheme,
            Authority = Authority,
            Path = path,
            Query = query,
            DestinationPort = port,
            ServerName = Scheme == "https" ? Host : null,
            SourceAddress = IPAddress.Loopback,
            RemoteAddress = IPAddress.Loopback,
        };
        foreach (var (name, value) in Headers)
        {
            head.Headers[name] = StringValues.Concat(head.Headers[name], value);
        }

        return head;
    }

    private static bool TryReadHeaders(
        IEnumerable<string> lines, out List<KeyValuePair<string, string>> headers, [NotNullWhen(false)] out string? error)
    {
        headers = [];
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                error = $"-H \"{line}\": a header such as \"x-canary: true\" is expected.";
                return false;
            }

            headers.Add(new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }

        error = null;
        return true;
    }
}
