using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Telemetry;

/// <summary>Traces, metrics and access logs of workloads. Source: https://istio.io/latest/docs/reference/config/telemetry/</summary>
public sealed record Telemetry : Resource<TelemetrySpec>
{
    /// <summary>An empty resource of version telemetry.istio.io/v1.</summary>
    public Telemetry()
        : base("telemetry.istio.io/v1", nameof(Telemetry))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads and what is recorded for them.</summary>
public sealed record TelemetrySpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>A resource that the settings are attached to. Not together with selector.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>Resources that the settings are attached to. Not together with selector.</summary>
    [MaxLength(16)]
    public EquatableArray<PolicyTargetReference> TargetRefs { get; init; }

    /// <summary>Settings for traces.</summary>
    public EquatableArray<Tracing> Tracing { get; init; }

    /// <summary>Settings for metrics.</summary>
    public EquatableArray<Metrics> Metrics { get; init; }

    /// <summary>Settings for access logs.</summary>
    public EquatableArray<AccessLogging> AccessLogging { get; init; }
}

/// <summary>Names a provider of the mesh configuration.</summary>
public sealed record ProviderRef : SchemaObject
{
    /// <summary>Name of the provider.</summary>
    public string? Name { get; init; }
}

/// <summary>Settings for traces.</summary>
public sealed record Tracing : SchemaObject
{
    /// <summary>For which traffic. Absent: all.</summary>
    public TracingSelector? Match { get; init; }

    /// <summary>Where spans go; absent means the mesh's default.</summary>
    public EquatableArray<ProviderRef> Providers { get; init; }

    /// <summary>Share of requests that are traced when the caller has not decided, in percent; default 1.</summary>
    [Range(0d, 100d)]
    public double? RandomSamplingPercentage { get; init; }

    /// <summary>Whether spans are not sent; the context is still passed on. Default false.</summary>
    public bool? DisableSpanReporting { get; init; }

    /// <summary>More tags by name.</summary>
    public EquatableDictionary<CustomTag> CustomTags { get; init; }

    /// <summary>Whether the request ID carries the sampling decision; default true.</summary>
    public bool? UseRequestIdForTraceSampling { get; init; }

    /// <summary>Whether Istio's own tags are added; default true.</summary>
    public bool? EnableIstioTags { get; init; }

    /// <summary>Whether trace headers are left out of forwarded requests; default false.</summary>
    public bool? DisableContextPropagation { get; init; }
}

/// <summary>Chooses traffic by its side.</summary>
public sealed record TracingSelector : SchemaObject
{
    /// <summary>The workload's side of the traffic; default CLIENT_AND_SERVER.</summary>
    [AllowedValues(WorkloadMode.ClientAndServer, WorkloadMode.Client, WorkloadMode.Server)]
    public string? Mode { get; init; }
}

/// <summary>The value of a tag: one of the members.</summary>
public sealed record CustomTag : SchemaObject
{
    /// <summary>A fixed value.</summary>
    public LiteralTag? Literal { get; init; }

    /// <summary>The value of an environment variable of the proxy.</summary>
    public EnvironmentTag? Environment { get; init; }

    /// <summary>The value of a request header.</summary>
    public RequestHeaderTag? Header { get; init; }

    /// <summary>A value built with Envoy's access log format.</summary>
    public FormatterTag? Formatter { get; init; }
}

/// <summary>A fixed value.</summary>
public sealed record LiteralTag : SchemaObject
{
    /// <summary>The value.</summary>
    public string? Value { get; init; }
}

/// <summary>The value of an environment variable.</summary>
public sealed record EnvironmentTag : SchemaObject
{
    /// <summary>Name of the variable.</summary>
    public string? Name { get; init; }

    /// <summary>The value when the variable is absent; without it the tag is left out.</summary>
    public string? DefaultValue { get; init; }
}

/// <summary>The value of a request header.</summary>
public sealed record RequestHeaderTag : SchemaObject
{
    /// <summary>Name of the header.</summary>
    public string? Name { get; init; }

    /// <summary>The value when the header is absent; without it the tag is left out.</summary>
    public string? DefaultValue { get; init; }
}

/// <summary>A value built with Envoy's access log format.</summary>
public sealed record FormatterTag : SchemaObject
{
    /// <summary>The format.</summary>
    public string? Value { get; init; }
}

/// <summary>Settings for metrics.</summary>
public sealed record Metrics : SchemaObject
{
    /// <summary>Where metrics go; absent means the mesh's default.</summary>
    public EquatableArray<ProviderRef> Providers { get; init; }

    /// <summary>Changes to single metrics, in order.</summary>
    public EquatableArray<MetricsOverrides> Overrides { get; init; }

    /// <summary>Time between reports, for TCP metrics; default 5s.</summary>
    public Duration? ReportingInterval { get; init; }
}

/// <summary>Changes to the metrics that match.</summary>
public sealed record MetricsOverrides : SchemaObject
{
    /// <summary>Which metrics. Absent: all.</summary>
    public MetricSelectorMatch? Match { get; init; }

    /// <summary>Whether the metrics are not recorded.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Changes to tags, by tag name.</summary>
    public EquatableDictionary<TagOverride> TagOverrides { get; init; }
}

/// <summary>Chooses metrics: one of metric and customMetric.</summary>
public sealed record MetricSelectorMatch : SchemaObject
{
    /// <summary>One of Istio's standard metrics.</summary>
    [AllowedValues(
        IstioMetric.AllMetrics, IstioMetric.RequestCount, IstioMetric.RequestDuration, IstioMetric.RequestSize,
        IstioMetric.ResponseSize, IstioMetric.TcpOpenedConnections, IstioMetric.TcpClosedConnections, IstioMetric.TcpSentBytes,
        IstioMetric.TcpReceivedBytes, IstioMetric.GrpcRequestMessages, IstioMetric.GrpcResponseMessages)]
    public string? Metric { get; init; }

    /// <summary>Another metric by name.</summary>
    public string? CustomMetric { get; init; }

    /// <summary>The workload's side of the traffic; default CLIENT_AND_SERVER.</summary>
    [AllowedValues(WorkloadMode.ClientAndServer, WorkloadMode.Client, WorkloadMode.Server)]
    public string? Mode { get; init; }
}

/// <summary>A change to a tag.</summary>
public sealed record TagOverride : SchemaObject
{
    /// <summary>Whether the tag is set or removed; default UPSERT.</summary>
    [AllowedValues(TagOperation.Upsert, TagOperation.Remove)]
    public string? Operation { get; init; }

    /// <summary>A CEL expression for the value, for UPSERT.</summary>
    public string? Value { get; init; }
}

/// <summary>Settings for access logs.</summary>
public sealed record AccessLogging : SchemaObject
{
    /// <summary>For which traffic. Absent: all.</summary>
    public LogSelector? Match { get; init; }

    /// <summary>Where entries go; absent means the mesh's default.</summary>
    public EquatableArray<ProviderRef> Providers { get; init; }

    /// <summary>Whether nothing is logged.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Which requests are logged. Absent: all.</summary>
    public LogFilter? Filter { get; init; }
}

/// <summary>Chooses traffic by its side.</summary>
public sealed record LogSelector : SchemaObject
{
    /// <summary>The workload's side of the traffic; default CLIENT_AND_SERVER.</summary>
    [AllowedValues(WorkloadMode.ClientAndServer, WorkloadMode.Client, WorkloadMode.Server)]
    public string? Mode { get; init; }
}

/// <summary>Chooses requests to log.</summary>
public sealed record LogFilter : SchemaObject
{
    /// <summary>A CEL expression on the request, for example response.code >= 400.</summary>
    public string? Expression { get; init; }
}

/// <summary>A workload's side of traffic.</summary>
public static class WorkloadMode
{
    /// <summary>Both.</summary>
    public const string ClientAndServer = "CLIENT_AND_SERVER";

    /// <summary>The workload calls.</summary>
    public const string Client = "CLIENT";

    /// <summary>The workload is called.</summary>
    public const string Server = "SERVER";
}

/// <summary>Istio's standard metrics.</summary>
public static class IstioMetric
{
    /// <summary>All of them.</summary>
    public const string AllMetrics = "ALL_METRICS";

    /// <summary>Number of requests.</summary>
    public const string RequestCount = "REQUEST_COUNT";

    /// <summary>Duration of requests.</summary>
    public const string RequestDuration = "REQUEST_DURATION";

    /// <summary>Size of request bodies.</summary>
    public const string RequestSize = "REQUEST_SIZE";

    /// <summary>Size of response bodies.</summary>
    public const string ResponseSize = "RESPONSE_SIZE";

    /// <summary>TCP connections opened.</summary>
    public const string TcpOpenedConnections = "TCP_OPENED_CONNECTIONS";

    /// <summary>TCP connections closed.</summary>
    public const string TcpClosedConnections = "TCP_CLOSED_CONNECTIONS";

    /// <summary>Bytes sent in TCP responses.</summary>
    public const string TcpSentBytes = "TCP_SENT_BYTES";

    /// <summary>Bytes received in TCP requests.</summary>
    public const string TcpReceivedBytes = "TCP_RECEIVED_BYTES";

    /// <summary>gRPC messages sent by clients.</summary>
    public const string GrpcRequestMessages = "GRPC_REQUEST_MESSAGES";

    /// <summary>gRPC messages sent by servers.</summary>
    public const string GrpcResponseMessages = "GRPC_RESPONSE_MESSAGES";
}

/// <summary>What is done to a tag.</summary>
public static class TagOperation
{
    /// <summary>It is added or replaced.</summary>
    public const string Upsert = "UPSERT";

    /// <summary>It is removed.</summary>
    public const string Remove = "REMOVE";
}
