namespace Gateway.Proxy;

/// <summary>A request target in absolute form (RFC 9112, section 3.2.2), which clients send to proxies.</summary>
internal static class AbsoluteTarget
{
    /// <summary>Takes a target apart.</summary>
    /// <param name="target">The target.</param>
    /// <param name="authority">Becomes the target's.</param>
    /// <returns>Path and query; null when the target is no HTTP URI.</returns>
    public static string? Split(string target, ref string authority)
    {
        var start = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : 0;
        if (start == 0)
        {
            return null;
        }

        var end = target.AsSpan(start).IndexOfAny('/', '?', '#');
        end = end < 0 ? target.Length : start + end;
        if (end == start)
        {
            return null;
        }

        authority = target[start..end];
        var path = target[end..];
        return path.StartsWith('/') ? path : "/" + path;
    }
}
