namespace Dashboard.Otlp;

/// <summary>Why an export is refused, for HTTP and for gRPC. https://opentelemetry.io/docs/specs/otlp/#failures</summary>
internal enum OtlpFailure
{
    /// <summary>The message cannot be read: 400, INVALID_ARGUMENT. Sending it again is of no use.</summary>
    Malformed,

    /// <summary>It is larger than is taken in: 413, RESOURCE_EXHAUSTED.</summary>
    TooLarge,

    /// <summary>It is in a format that is not spoken here: 415.</summary>
    Unsupported,
}

/// <summary>An export is refused; the message is for whoever configures the exporter.</summary>
internal sealed class OtlpException : Exception
{
    public OtlpException(OtlpFailure failure, string message)
        : base(message)
    {
        Failure = failure;
    }

    public OtlpException(OtlpFailure failure, string message, Exception innerException)
        : base(message, innerException)
    {
        Failure = failure;
    }

    /// <summary>Why.</summary>
    public OtlpFailure Failure { get; }
}
