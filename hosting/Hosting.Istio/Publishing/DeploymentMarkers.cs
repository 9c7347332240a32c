using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;

namespace Hosting.Istio.Publishing;

/// <summary>
/// What a manifest has no place for, such as the number of replicas, as environment variables of the published resources: aspirate's
/// templates see a resource's variables. The services do not read them.
/// </summary>
internal sealed class DeploymentMarkers(DistributedApplicationModel model) : IDistributedApplicationEventingSubscriber
{
    public const string Replicas = "DEPLOYMENT_REPLICAS";
    public const string ReadinessPath = "DEPLOYMENT_READINESS_PATH";
    public const string LivenessPath = "DEPLOYMENT_LIVENESS_PATH";

    /// <summary>The service that the resource is another version of.</summary>
    public const string VersionOf = "DEPLOYMENT_VERSION_OF";

    public const string Version = "DEPLOYMENT_VERSION";

    /// <summary>Where a gateway has the mesh's documents.</summary>
    public const string MeshPath = "DEPLOYMENT_MESH_PATH";

    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing,
        DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            foreach (var project in model.Resources.OfType<ProjectResource>().Where(project => !project.IsExcludedFromPublish()))
            {
                project.Annotations.Add(new EnvironmentCallbackAnnotation(variables =>
                {
                    foreach (var (name, value) in For(project))
                    {
                        variables[name] = value;
                    }
                }));
            }

            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    private static IEnumerable<(string Name, string Value)> For(ProjectResource project)
    {
        yield return (Replicas, project.GetReplicaCount().ToString(CultureInfo.InvariantCulture));
        var probes = project.Annotations.OfType<EndpointProbeAnnotation>().ToLookup(probe => probe.Type, probe => probe.Path);
        foreach (var (type, name) in new[] { (ProbeType.Readiness, ReadinessPath), (ProbeType.Liveness, LivenessPath) })
        {
            if (probes[type].LastOrDefault() is { } path)
            {
                yield return (name, path);
            }
        }

        if (project.Annotations.OfType<VersionAnnotation>().LastOrDefault() is { } version)
        {
            yield return (VersionOf, version.Service.Name);
            yield return (Version, version.Name);
        }

        if (project.Annotations.OfType<MeshGatewayAnnotation>().Any())
        {
            yield return (MeshPath, GatewayMeshFolder);
        }
    }

    /// <summary>The folder of a gateway's container that its ConfigMap is mounted at.</summary>
    public const string GatewayMeshFolder = "/mesh";
}
