namespace Gateway.Routing.VirtualServices;

/// <summary>The listener of a proxy that rules are compiled for.</summary>
/// <param name="Gateway"><c>namespace/name</c> of the Gateway, or <c>mesh</c>.</param>
/// <param name="Port">Its port: matches by port are compared with it, and destinations without a port may fall back to it.</param>
/// <param name="Namespace">The namespace of the proxy.</param>
internal sealed record ProxyListener(string Gateway, int Port, string Namespace)
{
    /// <summary>Whether it ends TLS.</summary>
    public bool IsTls { get; init; }

    /// <summary>The labels of the proxy's pods; null when they are not known, as those of a caller on a laptop.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The port of a destination that names none.</summary>
    public required Func<string, int> DefaultPort { get; init; }
}
