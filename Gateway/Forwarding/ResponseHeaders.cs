using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>Which headers of an endpoint's response reach the client.</summary>
internal static class ResponseHeaders
{
    /// <summary>
    /// What belongs to the one connection, what the server writes itself, and what nginx hides by default.
    /// https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header
    /// </summary>
    private static readonly FrozenSet<string> Hidden = new[]
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.ProxyConnection,
        HeaderNames.Date, HeaderNames.Server, "X-Pad", "X-Accel-Expires", "X-Accel-Redirect", "X-Accel-Limit-Rate", "X-Accel-Buffering",
        "X-Accel-Charset",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Copies them.</summary>
    public static void Copy(HttpResponseMessage source, IHeaderDictionary destination)
    {
        Copy(source.Headers, destination);
        Copy(source.Content.Headers, destination);

        // A server may not write a length for a response that has no body by its status, or that came chunked.
        if (source.StatusCode is < HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.ResetContent
            || source.Headers.NonValidated.Contains(HeaderNames.TransferEncoding))
        {
            destination.Remove(HeaderNames.ContentLength);
        }
    }

    /// <summary>The values of a header.</summary>
    public static StringValues Values(HeaderStringValues values) => values.Count == 1 ? values.ToString() : values.ToArray();

    private static void Copy(HttpHeaders source, IHeaderDictionary destination)
    {
        foreach (var (name, values) in source.NonValidated)
        {
            if (!Hidden.Contains(name))
            {
                destination[name] = Values(values);
            }
        }
    }
}
