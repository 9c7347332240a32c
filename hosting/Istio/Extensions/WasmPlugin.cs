using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Extensions;

/// <summary>
/// A WebAssembly module that proxies load as a filter. Published as it is: no gateway here loads WebAssembly. Source:
/// https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
/// </summary>
public sealed record WasmPlugin : Resource<WasmPluginSpec>
{
    /// <summary>An empty resource of version extensions.istio.io/v1alpha1.</summary>
    public WasmPlugin()
        : base("extensions.istio.io/v1alpha1", nameof(WasmPlugin))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The proxies, the module and its place among the filters.</summary>
public sealed record WasmPluginSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>A resource that the plugin is attached to. Not together with selector.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>Resources that the plugin is attached to. Not together with selector.</summary>
    [MaxLength(16)]
    public EquatableArray<PolicyTargetReference> TargetRefs { get; init; }

    /// <summary>Where the module is: oci (default), file, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>Checksum of the module or the image, in hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When an image is fetched.</summary>
    [AllowedValues(PluginImagePullPolicy.Unspecified, PluginImagePullPolicy.IfNotPresent, PluginImagePullPolicy.Always)]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Secret with the credentials of the registry, in the namespace of the proxies.</summary>
    [MaxLength(253)]
    public string? ImagePullSecret { get; init; }

    /// <summary>Not used by Istio.</summary>
    public string? VerificationKey { get; init; }

    /// <summary>What the module gets as its configuration.</summary>
    public RawJson? PluginConfig { get; init; }

    /// <summary>Which plugin of the module is meant.</summary>
    [MaxLength(256)]
    public string? PluginName { get; init; }

    /// <summary>Before which of Istio's own filters it runs.</summary>
    [AllowedValues("UNSPECIFIED_PHASE", PluginPhase.Authn, PluginPhase.Authz, PluginPhase.Stats)]
    public string? Phase { get; init; }

    /// <summary>Order within a phase; a greater number comes first.</summary>
    public int? Priority { get; init; }

    /// <summary>What happens to requests when the module fails.</summary>
    [AllowedValues(PluginFailStrategy.FailClose, PluginFailStrategy.FailOpen, PluginFailStrategy.FailReload)]
    public string? FailStrategy { get; init; }

    /// <summary>The machine that runs the module.</summary>
    public VmConfig? VmConfig { get; init; }

    /// <summary>Traffic that passes the module; absent: all of it.</summary>
    public EquatableArray<TrafficSelector> Match { get; init; }

    /// <summary>Whether it is a filter for HTTP or for connections.</summary>
    [AllowedValues(PluginType.Unspecified, PluginType.Http, PluginType.Network)]
    public string? Type { get; init; }
}

/// <summary>Environment of a module.</summary>
public sealed record VmConfig : SchemaObject
{
    /// <summary>Environment variables, by unique names.</summary>
    [MaxLength(256)]
    public EquatableArray<EnvVar> Env { get; init; }
}

/// <summary>An environment variable of a module.</summary>
public sealed record EnvVar : SchemaObject
{
    /// <summary>Its name.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }

    /// <summary>Whether the value stands here or comes from the proxy's environment.</summary>
    [AllowedValues(EnvValueSource.Inline, EnvValueSource.Host)]
    public string? ValueFrom { get; init; }

    /// <summary>The value; with INLINE only.</summary>
    [MaxLength(2048)]
    public string? Value { get; init; }
}

/// <summary>Traffic by direction and port.</summary>
public sealed record TrafficSelector : SchemaObject
{
    /// <summary>The direction; default both.</summary>
    [AllowedValues(TrafficDirection.Undefined, TrafficDirection.Client, TrafficDirection.Server, TrafficDirection.ClientAndServer)]
    public string? Mode { get; init; }

    /// <summary>Destination ports; absent: all.</summary>
    public EquatableArray<PortSelector> Ports { get; init; }
}

/// <summary>A port by number.</summary>
public sealed record PortSelector : SchemaObject
{
    /// <summary>1 to 65535.</summary>
    [Range(1.0, 65535.0)]
    public long? Number { get; init; }
}
