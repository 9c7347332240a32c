using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Extensions;

/// <summary>
/// A filter of one's own, in WebAssembly or Lua. Published as it is: no gateway here runs it. Source:
/// https://github.com/istio/api/blob/master/extensions/v1alpha1/traffic_extension.proto
/// </summary>
public sealed record TrafficExtension : Resource<TrafficExtensionSpec>
{
    /// <summary>An empty resource of version extensions.istio.io/v1alpha1.</summary>
    public TrafficExtension()
        : base("extensions.istio.io/v1alpha1", nameof(TrafficExtension))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The proxies, the code (wasm or lua) and its place among the filters.</summary>
public sealed record TrafficExtensionSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Resources that the extension is attached to. Not together with selector.</summary>
    [MaxLength(16)]
    public EquatableArray<PolicyTargetReference> TargetRefs { get; init; }

    /// <summary>Before which of Istio's own filters it runs.</summary>
    [AllowedValues(PluginPhase.Unspecified, PluginPhase.Authn, PluginPhase.Authz, PluginPhase.Stats)]
    public string? Phase { get; init; }

    /// <summary>Order within a phase; a greater number comes first.</summary>
    public int? Priority { get; init; }

    /// <summary>Traffic that passes it; absent: all of it.</summary>
    public EquatableArray<TrafficSelector> Match { get; init; }

    /// <summary>A WebAssembly module.</summary>
    public WasmConfig? Wasm { get; init; }

    /// <summary>Lua code.</summary>
    public LuaConfig? Lua { get; init; }
}

/// <summary>A WebAssembly module, as in a <see cref="WasmPlugin"/>.</summary>
public sealed record WasmConfig : SchemaObject
{
    /// <summary>Where the module is: oci (default), file, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>Checksum of the module or the image, in hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When an image is fetched.</summary>
    [AllowedValues(PluginImagePullPolicy.Unspecified, PluginImagePullPolicy.IfNotPresent, PluginImagePullPolicy.Always)]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Secret with the credentials of the registry.</summary>
    [MaxLength(253)]
    public string? ImagePullSecret { get; init; }

    /// <summary>Not used by Istio.</summary>
    public string? VerificationKey { get; init; }

    /// <summary>What the module gets as its configuration.</summary>
    public RawJson? PluginConfig { get; init; }

    /// <summary>Which plugin of the module is meant.</summary>
    [MaxLength(256)]
    public string? PluginName { get; init; }

    /// <summary>What happens to requests when the module fails.</summary>
    [AllowedValues(PluginFailStrategy.FailClose, PluginFailStrategy.FailOpen, PluginFailStrategy.FailReload)]
    public string? FailStrategy { get; init; }

    /// <summary>The machine that runs the module.</summary>
    public VmConfig? VmConfig { get; init; }

    /// <summary>Whether it is a filter for HTTP or for connections.</summary>
    [AllowedValues(PluginType.Unspecified, PluginType.Http, PluginType.Network)]
    public string? Type { get; init; }
}

/// <summary>Lua code that Envoy's Lua filter runs.</summary>
public sealed record LuaConfig : SchemaObject
{
    /// <summary>The code.</summary>
    [MaxLength(65536)]
    public string? InlineCode { get; init; }
}
