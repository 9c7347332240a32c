namespace Gateway.Listening;

/// <summary>What of Istio's mesh configuration concerns the access log: accessLogFile and accessLogEncoding.</summary>
internal enum AccessLogMode
{
    /// <summary>Nothing is logged unless a Telemetry resource says so: Istio's default.</summary>
    None,

    /// <summary>Text on the standard output.</summary>
    Text,

    /// <summary>JSON on the standard output.</summary>
    Json,
}
