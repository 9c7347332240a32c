using System.Net;

namespace PingService.Instance;

/// <summary>The name by which one of several replicas tells itself apart; read once from the process's environment.</summary>
/// <param name="Value">The name.</param>
internal sealed record InstanceName(string Value)
{
    private const string InstanceId = "service.instance.id=";

    /// <summary>
    /// In a Kubernetes pod the host name, which is the pod's name. Elsewhere <c>OTEL_SERVICE_NAME</c>, a hyphen and the resource attribute
    /// <c>service.instance.id</c> when an orchestrator gives both, else the host name.
    /// </summary>
    /// <param name="variable">Reads an environment variable; <see langword="null"/> where there is none.</param>
    public static InstanceName FromEnvironment(Func<string, string?> variable)
    {
        var service = variable("OTEL_SERVICE_NAME");
        var id = FindInstanceId(variable("OTEL_RESOURCE_ATTRIBUTES"));
        var isPod = variable("KUBERNETES_SERVICE_HOST") is not null;

        return new InstanceName(isPod || string.IsNullOrEmpty(service) || string.IsNullOrEmpty(id) ? Dns.GetHostName() : $"{service}-{id}");
    }

    // key=value pairs, comma-separated, values percent-encoded: https://opentelemetry.io/docs/specs/otel/resource/sdk/
    private static string? FindInstanceId(string? attributes)
    {
        foreach (var attribute in (attributes ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (attribute.StartsWith(InstanceId, StringComparison.Ordinal))
            {
                return Uri.UnescapeDataString(attribute[InstanceId.Length..]);
            }
        }

        return null;
    }
}
