using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Aspire.Hosting.Pipelines;
using Hosting.Istio.Publishing.Components;
using Microsoft.Extensions.Configuration;

namespace Hosting.Istio.Publishing;

/// <content>
/// Compiled with HostingEngine=Aspire only: the Helm chart of Aspire.Hosting.Kubernetes, with the mesh's documents in it.
/// </content>
internal static partial class PublishSteps
{
    // An autoscaler and a namespace's labels change what the chart's own names and the cluster's administrator decide.
    private static readonly string[] InChart = ["gateway-api", "ingress", "istio", "network-policy", "nodeport"];

    static partial void AddHelmChart(IResourceBuilder<IstioResource> mesh)
    {
        var builder = mesh.ApplicationBuilder;

        // An environment changes the manifest too, which must say the same as without one.
        if (builder.Configuration["Pipeline:Step"] != WellKnownPipelineSteps.Publish)
        {
            return;
        }

        // Aspire's dashboard in the cluster would give each service the address to send telemetry to, in aspirate's output as well.
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
        builder.Eventing.Subscribe<BeforeStartEvent>((start, _) =>
        {
            var options = PublishOptions.Read(builder.Configuration, builder.AppHostDirectory);
            foreach (var project in start.Model.Resources.OfType<ProjectResource>().Where(project => !project.IsExcludedFromPublish()))
            {
                project.Annotations.Add(new KubernetesServiceCustomizationAnnotation(
                    service => Customize(service, project, PublishedMesh.Of(start.Model, mesh.Resource, options))));
            }

            return Task.CompletedTask;
        });
    }

    private static void Customize(KubernetesResource service, ProjectResource project, PublishedMesh mesh)
    {
        if (service.Workload is { } workload)
        {
            foreach (var (key, value) in MeshServices.LabelsFor(project))
            {
                workload.PodTemplate.Metadata.Labels[key] = value;
            }

            foreach (var probe in workload.PodTemplate.Spec.Containers
                .SelectMany(container => new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }))
            {
                // Aspire writes the endpoint's scheme; Kubernetes takes HTTP and HTTPS.
                if (probe?.HttpGet is { Scheme: { } scheme } get)
                {
                    get.Scheme = scheme.ToUpperInvariant();
                }
            }

            if (mesh.Gateways.Contains(project))
            {
                MountRules(workload, project);
            }
        }

        service.AdditionalResources.AddRange(Documents(project, mesh));
    }

    private static IEnumerable<BaseKubernetesResource> Documents(ProjectResource project, PublishedMesh mesh)
    {
        // The chart's Services are called ping-service; the rules, and whoever follows them, say ping.
        if (mesh.Services.Contains(project))
        {
            yield return new HelmDocument(MeshServices.ServiceFor(project));
            yield return new HelmDocument(GatewayRules.Headless(project));
        }

        if (mesh.Gateways.Contains(project))
        {
            var rules = new ConfigMap();
            rules.Metadata.Name = GatewayRules.ConfigMapName(project);
            foreach (var (file, text) in GatewayRules.Files(mesh))
            {
                rules.Data[file] = text;
            }

            yield return rules;
        }

        // What belongs to no single service stands beside the first.
        if (mesh.Gateways.Concat(mesh.Services).First() == project)
        {
            foreach (var document in ComponentSet.Chosen(mesh, InChart))
            {
                yield return new HelmDocument(document);
            }
        }
    }

    private static void MountRules(Workload workload, ProjectResource gateway)
    {
        const string Volume = "mesh";
        workload.PodTemplate.Spec.Volumes.Add(new VolumeV1
        {
            Name = Volume,
            ConfigMap = new ConfigMapVolumeSourceV1 { Name = GatewayRules.ConfigMapName(gateway) },
        });
        foreach (var container in workload.PodTemplate.Spec.Containers)
        {
            container.VolumeMounts.Add(new VolumeMountV1
            {
                Name = Volume,
                MountPath = DeploymentMarkers.GatewayMeshFolder,
                ReadOnly = true,
            });
        }
    }
}
