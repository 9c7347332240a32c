using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Settings of the proxies themselves. Published as it is: they are about processes that the laptop does not run. Source:
/// https://istio.io/latest/docs/reference/config/networking/proxy-config/
/// </summary>
public sealed record ProxyConfig : Resource<ProxyConfigSpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1beta1.</summary>
    public ProxyConfig()
        : base("networking.istio.io/v1beta1", nameof(ProxyConfig))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads and the settings of their proxies.</summary>
public sealed record ProxyConfigSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Worker threads; 0 uses all cores.</summary>
    [Range(0.0, int.MaxValue)]
    public int? Concurrency { get; init; }

    /// <summary>More environment variables of the proxy.</summary>
    public EquatableDictionary<string> EnvironmentVariables { get; init; }

    /// <summary>The image of the proxy.</summary>
    public ProxyImage? Image { get; init; }
}

/// <summary>The image of a proxy.</summary>
public sealed record ProxyImage : SchemaObject
{
    /// <summary>default, debug or distroless.</summary>
    public string? ImageType { get; init; }
}
