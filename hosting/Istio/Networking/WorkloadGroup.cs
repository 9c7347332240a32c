using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// What WorkloadEntries have in common that machines outside Kubernetes register as. Source:
/// https://istio.io/latest/docs/reference/config/networking/workload-group/
/// </summary>
public sealed record WorkloadGroup : Resource<WorkloadGroupSpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public WorkloadGroup()
        : base("networking.istio.io/v1", nameof(WorkloadGroup))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The template and the health check.</summary>
public sealed record WorkloadGroupSpec : SchemaObject
{
    /// <summary>Labels and annotations of the WorkloadEntries.</summary>
    public WorkloadGroupMetadata? Metadata { get; init; }

    /// <summary>The WorkloadEntries, whose address is filled in when a machine registers.</summary>
    public WorkloadEntrySpec? Template { get; init; }

    /// <summary>How the machine's proxy finds out that the workload is ready.</summary>
    public ReadinessProbe? Probe { get; init; }
}

/// <summary>Labels and annotations of the WorkloadEntries of a group.</summary>
public sealed record WorkloadGroupMetadata : SchemaObject
{
    /// <summary>The labels.</summary>
    [MaxLength(256)]
    public EquatableDictionary<string> Labels { get; init; }

    /// <summary>The annotations.</summary>
    [MaxLength(256)]
    public EquatableDictionary<string> Annotations { get; init; }
}

/// <summary>A health check, as in Kubernetes: one of httpGet, tcpSocket, exec and grpc.</summary>
public sealed record ReadinessProbe : SchemaObject
{
    /// <summary>Seconds before the first check.</summary>
    [Range(0.0, int.MaxValue)]
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds that a check may take.</summary>
    [Range(0.0, int.MaxValue)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Seconds between checks.</summary>
    [Range(0.0, int.MaxValue)]
    public int? PeriodSeconds { get; init; }

    /// <summary>Good checks in a row that make it ready.</summary>
    [Range(0.0, int.MaxValue)]
    public int? SuccessThreshold { get; init; }

    /// <summary>Bad checks in a row that make it unready.</summary>
    [Range(0.0, int.MaxValue)]
    public int? FailureThreshold { get; init; }

    /// <summary>An HTTP request.</summary>
    public HTTPHealthCheckConfig? HttpGet { get; init; }

    /// <summary>A TCP connection.</summary>
    public TCPHealthCheckConfig? TcpSocket { get; init; }

    /// <summary>A command.</summary>
    public ExecHealthCheckConfig? Exec { get; init; }

    /// <summary>A call of the gRPC health service.</summary>
    public GrpcHealthCheckConfig? Grpc { get; init; }
}

/// <summary>A check by an HTTP request.</summary>
public sealed record HTTPHealthCheckConfig : SchemaObject
{
    /// <summary>The path.</summary>
    public string? Path { get; init; }

    /// <summary>The port.</summary>
    public uint? Port { get; init; }

    /// <summary>The host; default the machine's own address.</summary>
    public string? Host { get; init; }

    /// <summary>HTTP (default) or HTTPS.</summary>
    public string? Scheme { get; init; }

    /// <summary>Headers of the request.</summary>
    public EquatableArray<HTTPHeader> HttpHeaders { get; init; }
}

/// <summary>A header of a health check.</summary>
public sealed record HTTPHeader : SchemaObject
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its value.</summary>
    public string? Value { get; init; }
}

/// <summary>A check by a TCP connection.</summary>
public sealed record TCPHealthCheckConfig : SchemaObject
{
    /// <summary>The host; default the machine itself.</summary>
    public string? Host { get; init; }

    /// <summary>The port.</summary>
    public uint? Port { get; init; }
}

/// <summary>A check by a command.</summary>
public sealed record ExecHealthCheckConfig : SchemaObject
{
    /// <summary>The command and its arguments; it succeeds with exit code 0.</summary>
    public EquatableArray<string> Command { get; init; }
}

/// <summary>A check by the gRPC health service.</summary>
public sealed record GrpcHealthCheckConfig : SchemaObject
{
    /// <summary>The port.</summary>
    public uint? Port { get; init; }

    /// <summary>The name of the service to ask for.</summary>
    public string? Service { get; init; }
}
