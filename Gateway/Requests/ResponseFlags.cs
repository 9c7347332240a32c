namespace Gateway.Requests;

/// <summary>Why a response is not simply the upstream's: Envoy's response flags, by their short names in the access log.</summary>
/// <remarks>https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags</remarks>
[Flags]
internal enum ResponseFlags
{
    /// <summary>Nothing to say; <c>-</c> in the log.</summary>
    None = 0,

    /// <summary>No healthy upstream host.</summary>
    UH = 1,

    /// <summary>Connecting to the upstream failed.</summary>
    UF = 1 << 1,

    /// <summary>A circuit breaker's limit was reached.</summary>
    UO = 1 << 2,

    /// <summary>No route matched.</summary>
    NR = 1 << 3,

    /// <summary>The retry limit, or the number of connection attempts, was reached.</summary>
    URX = 1 << 4,

    /// <summary>The route's destination is no known cluster.</summary>
    NC = 1 << 5,

    /// <summary>The route's or the attempt's timeout ran out.</summary>
    UT = 1 << 6,

    /// <summary>The client went away.</summary>
    DC = 1 << 7,

    /// <summary>The upstream reset the stream.</summary>
    UR = 1 << 8,

    /// <summary>The upstream closed the connection.</summary>
    UC = 1 << 9,

    /// <summary>A fault's delay was injected.</summary>
    DI = 1 << 10,

    /// <summary>A fault's abort was injected.</summary>
    FI = 1 << 11,

    /// <summary>A local rate limit refused the request.</summary>
    RL = 1 << 12,

    /// <summary>The upstream sent what is no valid response.</summary>
    UPE = 1 << 13,

    /// <summary>The gateway reset the stream itself.</summary>
    LR = 1 << 14,

    /// <summary>The client sent what is no valid request.</summary>
    DPE = 1 << 15,

    /// <summary>Authorization by an external service denied the request, or could not be asked.</summary>
    UAEX = 1 << 16,

    /// <summary>The stream was idle for too long.</summary>
    SI = 1 << 17,
}
