using System.Net.Sockets;
using Gateway.Clusters;
using Gateway.Forwarding;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>Why an attempt ended without a response: Envoy's stream reset reasons.</summary>
/// <remarks>envoyproxy/envoy envoy/http/stream_reset_handler.h; their texts are in source/common/http/utility.cc, resetReasonToString.</remarks>
internal enum ResetReason
{
    /// <summary>There was a response.</summary>
    None,

    /// <summary>The gateway could not connect.</summary>
    LocalConnectionFailure,

    /// <summary>The upstream refused the connection.</summary>
    RemoteConnectionFailure,

    /// <summary>The connect timeout ran out.</summary>
    ConnectionTimeout,

    /// <summary>The upstream closed the connection.</summary>
    ConnectionTermination,

    /// <summary>The gateway reset the stream.</summary>
    LocalReset,

    /// <summary>A circuit breaker's limit was reached.</summary>
    Overflow,

    /// <summary>The upstream reset the stream.</summary>
    RemoteReset,

    /// <summary>The upstream refused the stream.</summary>
    RemoteRefusedStreamReset,

    /// <summary>What the upstream sent is no HTTP.</summary>
    ProtocolError,
}

/// <summary>How an attempt ended.</summary>
/// <param name="Outcome">What retries and outlier detection look at.</param>
/// <param name="Reset">Why there is no response.</param>
/// <param name="Transport">What the transport says of it; empty for nothing.</param>
internal readonly record struct AttemptResult(UpstreamOutcome Outcome, ResetReason Reset = ResetReason.None, string Transport = "")
{
    /// <summary>The attempt's time ran out.</summary>
    public static AttemptResult TimedOut => new(UpstreamOutcome.PerTryTimeout, ResetReason.LocalReset);

    /// <summary>The upstream closed the connection, or reset it.</summary>
    public static AttemptResult Terminated(bool requestStarted = true) =>
        new(UpstreamOutcome.Reset(requestStarted), ResetReason.ConnectionTermination);

    /// <summary>What a failure on a connection means.</summary>
    public static AttemptResult Of(UpstreamFailure failure) => failure.Kind switch
    {
        FailureKind.ConnectTimeout => new(UpstreamOutcome.ConnectFailure, ResetReason.ConnectionTimeout),
        FailureKind.Connect => new(
            UpstreamOutcome.ConnectFailure, ResetReason.RemoteConnectionFailure, $"delayed connect error: {Describe(failure.Error)}"),
        FailureKind.Handshake => new(
            UpstreamOutcome.ConnectFailure, ResetReason.RemoteConnectionFailure, $"TLS_error:|{failure.Reason}:TLS_error_end"),
        FailureKind.Overflow => new(UpstreamOutcome.Overflow, ResetReason.Overflow),
        FailureKind.Invalid => new(UpstreamOutcome.Reset(), ResetReason.ProtocolError),
        _ => Terminated(),
    };

    /// <summary>The response flag of a reset.</summary>
    /// <remarks>envoyproxy/envoy source/common/router/router.cc, streamResetReasonToResponseFlag.</remarks>
    public ResponseFlags Flag => Reset switch
    {
        ResetReason.LocalConnectionFailure or ResetReason.RemoteConnectionFailure or ResetReason.ConnectionTimeout => ResponseFlags.UF,
        ResetReason.ConnectionTermination => ResponseFlags.UC,
        ResetReason.LocalReset => ResponseFlags.LR,
        ResetReason.Overflow => ResponseFlags.UO,
        ResetReason.RemoteReset or ResetReason.RemoteRefusedStreamReset => ResponseFlags.UR,
        ResetReason.ProtocolError => ResponseFlags.UPE,
        _ => ResponseFlags.None,
    };

    /// <summary>Envoy's words for the reason.</summary>
    public string Text => Reset switch
    {
        ResetReason.LocalConnectionFailure => "local connection failure",
        ResetReason.RemoteConnectionFailure => "remote connection failure",
        ResetReason.ConnectionTimeout => "connection timeout",
        ResetReason.ConnectionTermination => "connection termination",
        ResetReason.LocalReset => "local reset",
        ResetReason.Overflow => "overflow",
        ResetReason.RemoteReset => "remote reset",
        ResetReason.RemoteRefusedStreamReset => "remote refused stream reset",
        ResetReason.ProtocolError => "protocol error",
        _ => "",
    };

    /// <summary>The operating system's words for a failure to connect, as Envoy prints them on Linux.</summary>
    private static string Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "Connection refused",
        SocketError.HostUnreachable => "No route to host",
        SocketError.NetworkUnreachable => "Network is unreachable",
        SocketError.TimedOut => "Connection timed out",
        SocketError.ConnectionReset => "Connection reset by peer",
        _ => $"{error}",
    };
}
