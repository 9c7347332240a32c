using Aspire.Hosting.ApplicationModel;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Hosting.Istio;

/// <summary>Which resources of a model are services of the mesh, and what Kubernetes and Istio call them. Pure functions.</summary>
internal static class MeshServices
{
    // Aspire's dashboard is a resource of the model in a run, though the application has not declared it: src/Shared/KnownResourceNames.cs.
    private const string Dashboard = "aspire-dashboard";

    /// <summary>Every resource with endpoints that a cluster gets, except those that enforce the rules.</summary>
    public static IEnumerable<IResourceWithEndpoints> In(DistributedApplicationModel model) => model.Resources
        .OfType<IResourceWithEndpoints>()
        .Where(resource => !resource.Annotations.OfType<MeshGatewayAnnotation>().Any()
            && resource.Annotations.OfType<EndpointAnnotation>().Any()
            && resource.Name != Dashboard
            && !resource.IsExcludedFromPublish());

    /// <summary>Those that have a Service: another version of a service is one of that service's workloads.</summary>
    public static IEnumerable<IResourceWithEndpoints> WithService(DistributedApplicationModel model) =>
        In(model).Where(resource => !resource.Annotations.OfType<VersionAnnotation>().Any());

    /// <summary>The replicas as they will be, for a validation before there are any.</summary>
    public static IEnumerable<WorkloadEntry> PlannedWorkloads(IResourceWithEndpoints resource) =>
        Enumerable.Range(1, resource.GetReplicaCount()).Select(number => new WorkloadEntry
        {
            Metadata = new() { Name = $"{resource.Name}-{number}", Labels = [.. LabelsFor(resource)] },
            Spec = new() { Address = "127.0.0.1", Labels = [.. LabelsFor(resource)] },
        });

    /// <summary>The Service as a cluster has it: ports are the container's, the endpoint's name is the port's.</summary>
    public static V1Service ServiceFor(IResourceWithEndpoints resource) => new()
    {
        ApiVersion = V1Service.KubeApiVersion,
        Kind = V1Service.KubeKind,
        Metadata = new V1ObjectMeta { Name = resource.Name, Labels = new Dictionary<string, string> { ["app"] = resource.Name } },
        Spec = new V1ServiceSpec
        {
            // Every version of the service is an endpoint of it.
            Selector = new Dictionary<string, string> { ["app"] = resource.Name },
            Ports = [.. resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint =>
            {
                var port = PortOf(endpoint);
                return new V1ServicePort { Name = endpoint.Name, Port = port, TargetPort = port, AppProtocol = endpoint.UriScheme };
            })],
        },
    };

    /// <summary>The number of an endpoint's port in the Service.</summary>
    public static int PortOf(EndpointAnnotation endpoint) => endpoint.TargetPort ?? (endpoint.UriScheme == "https" ? 8443 : 8080);

    /// <summary>The replica's place in the registry; null unless it runs and is healthy.</summary>
    public static WorkloadEntry? WorkloadEntryFor(ResourceEvent replica)
    {
        var snapshot = replica.Snapshot;
        if (snapshot.State?.Text != KnownResourceStates.Running || snapshot.HealthStatus is not HealthStatus.Healthy)
        {
            return null;
        }

        var addresses = AddressesOf(replica);
        return addresses.Count == 0 ? null : new WorkloadEntry
        {
            Metadata = new() { Name = replica.ResourceId, Labels = [.. LabelsFor(replica.Resource)] },
            Spec = new()
            {
                // A number, because a name would be looked up and tried over IPv6 first on every new connection.
                Address = addresses[0].Uri.Host is var host && host == "localhost" ? "127.0.0.1" : host,
                Ports = [.. addresses.Select(address => KeyValuePair.Create(address.Endpoint, (uint)address.Uri.Port))],
                Labels = [.. LabelsFor(replica.Resource)],
            },
        };
    }

    /// <summary>Kind and name, whatever library the resource's type comes from.</summary>
    public static (string Kind, string Name) Identify(object resource)
    {
        var json = ResourceWriter.ToJson(resource);
        return ((string)json["kind"]!, (string)json["metadata"]!["name"]!);
    }

    /// <summary>
    /// Where the replica itself listens, which is what it was told in <c>ASPNETCORE_URLS</c>: its URLs in the notifications may lead to a
    /// proxy in front of all replicas, and are used only for a program that was told otherwise.
    /// </summary>
    private static List<(string Endpoint, Uri Uri)> AddressesOf(ResourceEvent replica)
    {
        var endpoints = replica.Resource.Annotations.OfType<EndpointAnnotation>().ToList();
        var told = replica.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value ?? "";
        var listening = told.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(url => new Uri(url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)))
            .ToList();
        if (listening.Count == 0)
        {
            return [.. replica.Snapshot.Urls
                .Where(url => endpoints.Any(endpoint => endpoint.Name.Equals(url.Name, StringComparison.OrdinalIgnoreCase)))
                .Select(url => (url.Name!, new Uri(url.Url)))];
        }

        // The variable lists the endpoints in their order, without their names.
        return [.. endpoints.GroupBy(endpoint => endpoint.UriScheme)
            .SelectMany(group => group.Zip(listening.Where(url => url.Scheme == group.Key), (endpoint, url) => (endpoint.Name, url)))];
    }

    /// <summary>Istio's labels of a workload (https://istio.io/latest/docs/ops/deployment/application-requirements/): app and version.</summary>
    public static Dictionary<string, string> LabelsFor(IResource resource)
    {
        var version = resource.Annotations.OfType<VersionAnnotation>().LastOrDefault();
        return new() { ["app"] = version?.Service.Name ?? resource.Name, ["version"] = version?.Name ?? "v1" };
    }
}
