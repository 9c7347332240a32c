using System.Text.Json.Serialization;
using Istio.Documents;

namespace Istio.GatewayApi;

/// <summary>As <see cref="ResourceJson"/>, for the Gateway API, whose types share names with Istio's.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 256,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HTTPRoute))]
[JsonSerializable(typeof(Gateway))]
[JsonSerializable(typeof(OwnerReference))]
[JsonSerializable(typeof(RawJson))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(Condition))]
[JsonSerializable(typeof(GatewaySpecAddress))]
[JsonSerializable(typeof(HTTPBackendRef))]
[JsonSerializable(typeof(HTTPHeader))]
[JsonSerializable(typeof(HTTPHeaderMatch))]
[JsonSerializable(typeof(HTTPQueryParamMatch))]
[JsonSerializable(typeof(HTTPRouteFilter))]
[JsonSerializable(typeof(HTTPRouteMatch))]
[JsonSerializable(typeof(HTTPRouteRule))]
[JsonSerializable(typeof(LabelSelectorRequirement))]
[JsonSerializable(typeof(Listener))]
[JsonSerializable(typeof(ListenerStatus))]
[JsonSerializable(typeof(ObjectReference))]
[JsonSerializable(typeof(ParentReference))]
[JsonSerializable(typeof(RouteGroupKind))]
[JsonSerializable(typeof(RouteParentStatus))]
[JsonSerializable(typeof(SecretObjectReference))]
[JsonSerializable(typeof(TLSPortConfig))]
internal sealed partial class GatewayApiJson : JsonSerializerContext;
