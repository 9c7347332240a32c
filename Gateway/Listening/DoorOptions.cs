using System.Collections.Immutable;

namespace Gateway.Listening;

/// <summary>Where the process is asked to listen.</summary>
internal sealed record DoorOptions
{
    /// <summary>Where the Ingress door listens when nothing else is configured.</summary>
    public const string DefaultUrl = "http://localhost:8080";

    /// <summary>Where the Istio door listens by default when a Gateway has a plain server.</summary>
    public const string DefaultIstioUrl = "http://localhost:8081";

    /// <summary>Where the Istio door listens by default when a Gateway has a server that ends TLS.</summary>
    public const string DefaultIstioTlsUrl = "https://localhost:8443";

    /// <summary>Where the administration listens by default.</summary>
    public const string DefaultAdminUrl = "http://127.0.0.1:15000";

    /// <summary>The Ingress door's addresses; empty leaves them to ASP.NET Core's configuration, then to <see cref="DefaultUrl"/>.</summary>
    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>The Istio door's addresses; empty for the defaults.</summary>
    public ImmutableArray<IstioDoorAddress> IstioDoors { get; init; } = [];

    /// <summary>Where the Istio door listens when no address is given, for plain servers.</summary>
    public string IstioUrl { get; init; } = DefaultIstioUrl;

    /// <summary>Where the Istio door listens when no address is given, for servers with TLS.</summary>
    public string IstioTlsUrl { get; init; } = DefaultIstioTlsUrl;

    /// <summary>The mesh role's addresses.</summary>
    public ImmutableArray<ServiceAddress> Services { get; init; } = [];

    /// <summary>The administration's address; null for none.</summary>
    public string? Admin { get; init; }

    /// <summary>What is logged of requests at the Istio door and in the mesh role.</summary>
    public AccessLogMode AccessLog { get; init; }
}

/// <summary>An address of the Istio door.</summary>
/// <param name="GatewayPort">The Gateways' port that it serves; null for 80 (443 with TLS), or the lowest there is.</param>
/// <param name="Url">The address.</param>
internal sealed record IstioDoorAddress(int? GatewayPort, string Url);

/// <summary>An address at which a service's port is called.</summary>
/// <param name="Host">The service's full name.</param>
/// <param name="Port">Its port.</param>
/// <param name="Url">The address.</param>
internal sealed record ServiceAddress(string Host, int Port, string Url);
