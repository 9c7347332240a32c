using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Istio.Extensions;
using Istio.MeshConfiguration;
using Istio.Networking;
using Istio.Security;
using Istio.Telemetry;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>Writes the records as JSON, by code generated at build. Item types of lists and maps must be named here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 256,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(VirtualService))]
[JsonSerializable(typeof(DestinationRule))]
[JsonSerializable(typeof(Gateway))]
[JsonSerializable(typeof(ServiceEntry))]
[JsonSerializable(typeof(WorkloadEntry))]
[JsonSerializable(typeof(Sidecar))]
[JsonSerializable(typeof(EnvoyFilter))]
[JsonSerializable(typeof(WorkloadGroup))]
[JsonSerializable(typeof(ProxyConfig))]
[JsonSerializable(typeof(WasmPlugin))]
[JsonSerializable(typeof(TrafficExtension))]
[JsonSerializable(typeof(PeerAuthentication))]
[JsonSerializable(typeof(RequestAuthentication))]
[JsonSerializable(typeof(AuthorizationPolicy))]
[JsonSerializable(typeof(Telemetry.Telemetry))]
[JsonSerializable(typeof(UntypedShape))]
[JsonSerializable(typeof(OwnerReference))]
[JsonSerializable(typeof(IstioCondition))]
[JsonSerializable(typeof(AnalysisMessageBase))]
[JsonSerializable(typeof(PolicyTargetReference))]
[JsonSerializable(typeof(RawJson))]
[JsonSerializable(typeof(uint))]
[JsonSerializable(typeof(HTTPRoute))]
[JsonSerializable(typeof(HTTPRouteDestination))]
[JsonSerializable(typeof(HTTPMatchRequest))]
[JsonSerializable(typeof(HTTPMirrorPolicy))]
[JsonSerializable(typeof(StringMatch))]
[JsonSerializable(typeof(TLSRoute))]
[JsonSerializable(typeof(TLSMatchAttributes))]
[JsonSerializable(typeof(TCPRoute))]
[JsonSerializable(typeof(L4MatchAttributes))]
[JsonSerializable(typeof(RouteDestination))]
[JsonSerializable(typeof(Subset))]
[JsonSerializable(typeof(PortTrafficPolicy))]
[JsonSerializable(typeof(CookieAttributeValue))]
[JsonSerializable(typeof(LocalityDistribute))]
[JsonSerializable(typeof(LocalityFailover))]
[JsonSerializable(typeof(Server))]
[JsonSerializable(typeof(TLSCertificate))]
[JsonSerializable(typeof(ServicePort))]
[JsonSerializable(typeof(WorkloadEntrySpec))]
[JsonSerializable(typeof(IstioIngressListener))]
[JsonSerializable(typeof(IstioEgressListener))]
[JsonSerializable(typeof(EnvoyConfigObjectPatch))]
[JsonSerializable(typeof(MutualTLS))]
[JsonSerializable(typeof(JWTRule))]
[JsonSerializable(typeof(JWTHeader))]
[JsonSerializable(typeof(ClaimToHeader))]
[JsonSerializable(typeof(Rule))]
[JsonSerializable(typeof(RuleFrom))]
[JsonSerializable(typeof(RuleTo))]
[JsonSerializable(typeof(Condition))]
[JsonSerializable(typeof(ProviderRef))]
[JsonSerializable(typeof(Tracing))]
[JsonSerializable(typeof(CustomTag))]
[JsonSerializable(typeof(Metrics))]
[JsonSerializable(typeof(MetricsOverrides))]
[JsonSerializable(typeof(TagOverride))]
[JsonSerializable(typeof(AccessLogging))]
[JsonSerializable(typeof(HTTPHeader))]
[JsonSerializable(typeof(EnvVar))]
[JsonSerializable(typeof(TrafficSelector))]
[JsonSerializable(typeof(Extensions.PortSelector), TypeInfoPropertyName = "TrafficPortSelector")]
[JsonSerializable(typeof(MeshConfig))]
[JsonSerializable(typeof(MeshExtensionProvider))]
internal sealed partial class ResourceJson : JsonSerializerContext
{
    /// <summary>As deep as the reader reads, with room for what a document stands in.</summary>
    public static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 256 };

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
        SkipValidation = true,
    };

    /// <summary>A YAML tree as JSON text.</summary>
    public static ReadOnlyMemory<byte> ToUtf8(YamlNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        node.WriteTo(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
