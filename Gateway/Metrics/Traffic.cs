namespace Gateway.Metrics;

/// <summary>Which side counts a request.</summary>
internal enum Reporter
{
    /// <summary>The caller's proxy: a gateway or an outbound sidecar.</summary>
    Source,

    /// <summary>The callee's sidecar.</summary>
    Destination,
}

/// <summary>Who calls whom: labels of Istio's metrics that do not change from request to request. Made once, compared by value.</summary>
/// <param name="Reporter">The side that counts.</param>
/// <param name="Source">The caller; null for one without a sidecar.</param>
/// <param name="Destination">The workload that is called; null when none was chosen.</param>
/// <param name="ServiceHost">The service's full name, or the request's authority when there is no service.</param>
/// <param name="ServiceName">The service's short name, or the authority.</param>
internal sealed record Traffic(
    Reporter Reporter, WorkloadIdentity? Source, WorkloadIdentity? Destination, string ServiceHost, string ServiceName)
{
    private int _hash;

    /// <inheritdoc/>
    public bool Equals(Traffic? other) => ReferenceEquals(this, other) || (other is not null
        && (Reporter, ServiceHost, ServiceName) == (other.Reporter, other.ServiceHost, other.ServiceName)
        && Source == other.Source && Destination == other.Destination);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        _hash != 0 ? _hash : _hash = HashCode.Combine(Reporter, Source, Destination, ServiceHost, ServiceName);
}
