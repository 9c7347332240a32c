using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Lifecycle;
using Hosting.Istio;
using Hosting.Istio.Publishing;
using Istio.Documents;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds Kubernetes and Istio traffic rules to an application model.</summary>
public static class IstioBuilderExtensions
{
    /// <summary>
    /// Adds the mesh: the place where the application's traffic rules are declared. In a run, every project with endpoints gets a
    /// Kubernetes <c>Service</c> and each of its healthy replicas a <c>WorkloadEntry</c>, in a folder that the gateway watches.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <returns>The mesh.</returns>
    public static IResourceBuilder<IstioResource> AddIstio(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.ExecutionContext.IsRunMode)
        {
            builder.Services.TryAddEventingSubscriber<MeshValidation>();
            return builder.AddResource(new IstioResource(name)).ExcludeFromManifest().WithPublishing();
        }

        var folder = MeshFolder.CreateTemporary();
        builder.Services.TryAddSingleton<MeshValidation>();
        builder.Services.TryAddSingleton<MeshFolderWriter>();
        builder.Services.TryAddSingleton<MeshStart>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IDistributedApplicationEventingSubscriber, MeshStart>(Start));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MeshStart>(Start));
        return builder.AddResource(new IstioResource(name) { Folder = folder })
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "Istio",
                State = KnownResourceStates.Running,
                Properties = [new ResourcePropertySnapshot("mesh.folder", folder.Path)],
            })
            .ExcludeFromManifest();
    }

    /// <summary>Declares a Kubernetes <c>Ingress</c>.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="name">The Ingress's name.</param>
    /// <param name="configure">Its class, annotations and paths.</param>
    /// <returns>The mesh.</returns>
    public static IResourceBuilder<IstioResource> WithIngress(
        this IResourceBuilder<IstioResource> mesh, string name, Action<IngressBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        var ingress = new IngressBuilder(name);
        configure(ingress);
        mesh.Resource.Add(ingress.Build());
        return mesh;
    }

    /// <summary>Declares Istio or Gateway API resources, as records of <c>Istio.Networking</c>, <c>Istio.Security</c> and their neighbours.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="resources">The resources.</param>
    /// <returns>The mesh.</returns>
    public static IResourceBuilder<IstioResource> WithResources(this IResourceBuilder<IstioResource> mesh, params Istio.Documents.Resource[] resources)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(resources);
        mesh.Resource.AddRange(resources);
        return mesh;
    }

    /// <summary>Declares Kubernetes resources, as the models of KubernetesClient.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="resources">The resources.</param>
    /// <returns>The mesh.</returns>
    public static IResourceBuilder<IstioResource> WithResources(
        this IResourceBuilder<IstioResource> mesh, params IKubernetesObject<V1ObjectMeta>[] resources)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(resources);
        mesh.Resource.AddRange(resources);
        return mesh;
    }

    /// <summary>Brings resources from a YAML file, or from all YAML files of a folder.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="path">The file or folder, relative to the AppHost's directory.</param>
    /// <returns>The mesh.</returns>
    public static IResourceBuilder<IstioResource> WithYaml(this IResourceBuilder<IstioResource> mesh, string path)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentException.ThrowIfNullOrEmpty(path);
        mesh.Resource.AddYaml(Path.GetFullPath(path, mesh.ApplicationBuilder.AppHostDirectory));
        return mesh;
    }

    /// <summary>
    /// Makes a project another version of a service: its replicas are the service's too, told apart by the label <c>version</c>, which the
    /// subsets of a DestinationRule select. It has no Service of its own. What is not such a version has the version <c>v1</c>.
    /// </summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="version">The other version's project.</param>
    /// <param name="service">The service it is a version of.</param>
    /// <param name="name">The value of the label, such as <c>v2</c>.</param>
    /// <returns>The other version's project.</returns>
    public static IResourceBuilder<T> AsVersionOf<T>(
        this IResourceBuilder<T> version, IResourceBuilder<IResourceWithEndpoints> service, string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return version.WithAnnotation(new VersionAnnotation(service.Resource, name), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>
    /// Makes a project the mesh's gateway. In a run it is started with the folder that holds the mesh's documents and opens the Istio door
    /// beside its own <c>http</c> endpoint (https://istio.io/latest/docs/tasks/traffic-management/ingress/ingress-control/), an endpoint for
    /// its administration, and a loopback port for each service: a service that refers to another one calls it there, under the mesh's
    /// rules, as through its sidecar. So a service that calls others when it starts must not be one that the gateway waits for. Published,
    /// the Istio door is a second port of the gateway's Service, <c>istio</c>.
    /// </summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="gateway">The gateway.</param>
    /// <param name="mesh">The mesh.</param>
    /// <param name="istioPort">The Istio door's port in a run. Default: any that is free.</param>
    /// <returns>The gateway.</returns>
    public static IResourceBuilder<T> WithMesh<T>(
        this IResourceBuilder<T> gateway, IResourceBuilder<IstioResource> mesh, int? istioPort = null)
        where T : IResourceWithArgs, IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(mesh);
        gateway.WithAnnotation(new MeshGatewayAnnotation(mesh.Resource));
        gateway.WithArgs("--mesh", mesh.Resource.Folder?.Path ?? DeploymentMarkers.GatewayMeshFolder);
        if (gateway.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            GatewayDoors.Declare(gateway, istioPort);
        }
        else
        {
            GatewayDoors.DeclarePublished(gateway);
        }

        return gateway;
    }

    /// <summary>
    /// Opens a fixed port to the service's replicas, a replica per connection, as a Service of type NodePort does
    /// (https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport). No traffic rule applies there.
    /// </summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="service">The service.</param>
    /// <param name="port">The port, 30000 to 32767 in a cluster.</param>
    /// <param name="endpointName">The endpoint that the port leads to. Default: <c>http</c>.</param>
    /// <returns>The service.</returns>
    public static IResourceBuilder<T> WithNodePort<T>(this IResourceBuilder<T> service, int port, string endpointName = "http")
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(service);

        service.WithAnnotation(new NodePortAnnotation(port, endpointName));

        // A port in the manifest would become the Service's own port, so it is set for a run only.
        return service.ApplicationBuilder.ExecutionContext.IsRunMode
            ? service.WithEndpoint(endpointName, endpoint => endpoint.Port = port, createIfNotExists: false)
            : service;
    }

    // One object in two roles.
    private static MeshStart Start(IServiceProvider services) => services.GetRequiredService<MeshStart>();
}
