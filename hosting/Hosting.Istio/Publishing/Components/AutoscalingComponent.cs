using Aspire.Hosting.ApplicationModel;
using k8s.Models;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// As many replicas as the load needs, at least as many as declared, and never all of them away at once. The Deployment must then not say
/// how many there are, or each apply would take the autoscaler's number back.
/// </summary>
internal static class AutoscalingComponent
{
    /// <summary>How many times the declared number of replicas there may be.</summary>
    private const int MaxFactor = 3;

    private const int TargetCpuPercent = 80;

    public static Component Build(PublishedMesh mesh)
    {
        var component = new Component();
        foreach (var service in mesh.Services.Concat(mesh.Gateways))
        {
            component.Add(Autoscaler(service));
            component.Patch("Deployment", service.Name, "/spec/replicas", "remove");

            // With one replica a budget would keep a node from ever being drained.
            if (service.GetReplicaCount() > 1)
            {
                component.Add(Budget(service.Name));
            }
        }

        return component;
    }

    private static V2HorizontalPodAutoscaler Autoscaler(IResourceWithEndpoints service) => new()
    {
        ApiVersion = $"{V2HorizontalPodAutoscaler.KubeGroup}/{V2HorizontalPodAutoscaler.KubeApiVersion}",
        Kind = V2HorizontalPodAutoscaler.KubeKind,
        Metadata = new V1ObjectMeta { Name = service.Name, Labels = Labels(service.Name) },
        Spec = new V2HorizontalPodAutoscalerSpec
        {
            ScaleTargetRef = new V2CrossVersionObjectReference { ApiVersion = "apps/v1", Kind = "Deployment", Name = service.Name },
            MinReplicas = service.GetReplicaCount(),
            MaxReplicas = service.GetReplicaCount() * MaxFactor,
            Metrics =
            [
                new V2MetricSpec
                {
                    // The container's own use: the sidecar has requests of its own, which would blur a pod's percentage.
                    Type = "ContainerResource",
                    ContainerResource = new V2ContainerResourceMetricSource
                    {
                        Name = "cpu",
                        Container = service.Name,
                        Target = new V2MetricTarget { Type = "Utilization", AverageUtilization = TargetCpuPercent },
                    },
                },
            ],
        },
    };

    private static V1PodDisruptionBudget Budget(string service) => new()
    {
        ApiVersion = $"{V1PodDisruptionBudget.KubeGroup}/{V1PodDisruptionBudget.KubeApiVersion}",
        Kind = V1PodDisruptionBudget.KubeKind,
        Metadata = new V1ObjectMeta { Name = service, Labels = Labels(service) },
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = 1,
            Selector = new V1LabelSelector { MatchLabels = Labels(service) },
        },
    };

    private static Dictionary<string, string> Labels(string service) => new() { ["app"] = service };
}
