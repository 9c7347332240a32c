namespace Gateway.Listening;

/// <summary>The roles that a listener can play.</summary>
internal enum Door
{
    /// <summary>ingress-nginx.</summary>
    Ingress,

    /// <summary>Istio's ingress gateway.</summary>
    Istio,

    /// <summary>The caller's sidecar, for one port of one service.</summary>
    Mesh,

    /// <summary>The proxy's own administration.</summary>
    Admin,
}

/// <summary>A listener of this process: its address, and which role it plays. What its requests meet is looked up for each request.</summary>
/// <param name="Name">A name of its own.</param>
/// <param name="Url">Its address; with scheme https when it ends TLS.</param>
/// <param name="Door">Its role.</param>
internal sealed record DoorListener(string Name, string Url, Door Door)
{
    /// <summary>The Gateway's port that it stands for, at the Istio door; null for the one that the Gateways suggest.</summary>
    public int? GatewayPort { get; init; }

    /// <summary>The service whose port it stands for, in the mesh role: its full name and port.</summary>
    public (string Host, int Port) Service { get; init; }

    /// <summary>Whether it ends TLS.</summary>
    public bool IsTls => Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
}
