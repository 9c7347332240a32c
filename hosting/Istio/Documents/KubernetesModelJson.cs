using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Istio.Documents;

/// <summary>
/// Reads and writes the models of KubernetesClient that are documents here, or are published, exactly as <see cref="KubernetesJson"/>
/// does, which knows a thousand models more: its contracts take a tenth of a second of every program.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(KubernetesJson.KubernetesDateTimeConverter), typeof(KubernetesJson.KubernetesDateTimeOffsetConverter)],
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(V1Ingress))]
[JsonSerializable(typeof(V1Service))]
[JsonSerializable(typeof(V1NetworkPolicy))]
[JsonSerializable(typeof(V1PodDisruptionBudget))]
[JsonSerializable(typeof(V2HorizontalPodAutoscaler))]
internal sealed partial class KubernetesModelJson : JsonSerializerContext;
