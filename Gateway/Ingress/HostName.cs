namespace Gateway.Ingress;

/// <summary>A host as nginx reads it from a Host header or a request target.</summary>
internal static class HostName
{
    /// <summary>Takes off the port and a final dot; false where nginx answers 400.</summary>
    public static bool TryNormalize(ref ReadOnlySpan<char> host)
    {
        if (host.ContainsAny('/', '\u007F') || host.ContainsAnyInRange('\0', ' ') || host.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        var literal = host.StartsWith('[') ? host.IndexOf(']') + 1 : 0;
        var end = literal > 0 ? literal : host.IndexOf(':') is var port and >= 0 ? port : host.Length;
        host = host[..end];
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        return !host.IsEmpty;
    }

    /// <summary>
    /// Whether .NET's HTTP client can send the host on. It cannot send some that nginx does, such as ".example.com" with an empty label.
    /// </summary>
    public static bool CanBeSent(ReadOnlySpan<char> host) => Uri.CheckHostName(host.ToString()) != UriHostNameType.Unknown;
}
