namespace Gateway.Proxy;

/// <summary>
/// Headers that the client names in Connection: they belong to its connection, and go no further (RFC 9110, section 7.6.1).
/// </summary>
/// <remarks>envoyproxy/envoy source/common/http/utility.cc, sanitizeConnectionHeader.</remarks>
internal static class NominatedHeaders
{
    private const int MaxNames = 10;

    /// <summary>Takes them away.</summary>
    /// <returns>False when the request names too many, or what tells where it comes from.</returns>
    public static bool TryRemove(IHeaderDictionary headers)
    {
        var names = 0;
        foreach (var value in headers.Connection)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                var name = value.AsSpan()[range].Trim();
                if (++names > MaxNames || IsProtected(name))
                {
                    return false;
                }

                if (!name.IsEmpty && !IsOption(name))
                {
                    headers.Remove(name.ToString());
                }
            }
        }

        return true;
    }

    /// <summary>Words that are no names of headers, or of headers that are looked at elsewhere.</summary>
    private static bool IsOption(ReadOnlySpan<char> name) =>
        Is(name, "keep-alive") || Is(name, "close") || Is(name, "upgrade") || Is(name, "http2-settings") || Is(name, "te");

    private static bool IsProtected(ReadOnlySpan<char> name) =>
        name.StartsWith(':') || Is(name, "x-forwarded-for") || Is(name, "x-forwarded-host") || Is(name, "x-forwarded-proto");

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
