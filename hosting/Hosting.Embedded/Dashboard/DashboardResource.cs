using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard;

/// <summary>The dashboard: a process of the application like any other, except that lists leave it out.</summary>
internal sealed class DashboardResource(string command, string workingDirectory) : ExecutableResource(ResourceName, command, workingDirectory)
{
    /// <summary>Aspire's name for it.</summary>
    public const string ResourceName = "aspire-dashboard";

    /// <summary>The pages.</summary>
    public const string FrontendEndpoint = "http";

    /// <summary>Telemetry by gRPC.</summary>
    public const string OtlpGrpcEndpoint = "otlp-grpc";

    /// <summary>Telemetry by HTTP.</summary>
    public const string OtlpHttpEndpoint = "otlp-http";

    /// <summary>What the engine shows when it connects; made anew for every run.</summary>
    public required string EngineKey { get; init; }
}
