using System.Text;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>What a door shows its clients of the head of an endpoint's response.</summary>
internal sealed class ResponseRules
{
    private static readonly string[] OfTheConnection =
    [
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.ContentLength,
        HeaderNames.ProxyConnection,
    ];

    // By length: most names have one that is in none of the lists.
    private readonly byte[][]?[] _hidden;

    private ResponseRules(bool keepsReason, params string[] hidden)
    {
        KeepsReason = keepsReason;
        var names = OfTheConnection.Concat(hidden).Select(Encoding.ASCII.GetBytes).ToLookup(name => name.Length);
        _hidden = [.. Enumerable.Range(0, names.Max(group => group.Key) + 1).Select(length => names.Contains(length) ? names[length].ToArray() : null)];
    }

    /// <summary>
    /// nginx writes Date and Server itself, and hides some headers.
    /// https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header
    /// </summary>
    public static ResponseRules Nginx { get; } = new(
        keepsReason: true, HeaderNames.Date, HeaderNames.Server, "X-Pad", "X-Accel-Expires", "X-Accel-Redirect", "X-Accel-Limit-Rate",
        "X-Accel-Buffering", "X-Accel-Charset");

    /// <summary>
    /// Envoy keeps the endpoint's Date, and writes Server and the reason phrase itself (source/common/http/conn_manager_utility.cc,
    /// mutateResponseHeaders).
    /// </summary>
    public static ResponseRules Envoy { get; } = new(keepsReason: false, HeaderNames.Server);

    /// <summary>Whether the reason phrase is passed on.</summary>
    public bool KeepsReason { get; }

    /// <summary>Whether the client gets to see a header as the endpoint sent it.</summary>
    public bool Shows(ReadOnlySpan<byte> name)
    {
        if (name.Length < _hidden.Length && _hidden[name.Length] is { } hidden)
        {
            foreach (var other in hidden)
            {
                if (Ascii.EqualsIgnoreCase(name, other))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether the client gets to see a header as the endpoint sent it.</summary>
    public bool Shows(string name)
    {
        if (name.Length >= _hidden.Length)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[name.Length];
        Encoding.ASCII.GetBytes(name, bytes);
        return Shows(bytes);
    }
}
