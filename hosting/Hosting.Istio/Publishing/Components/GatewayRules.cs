using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// The documents our own gateway executes in a cluster, as a ConfigMap that it reads again when it changes: the same rules, and for each
/// service a headless Service, whose name leads to every single pod, so that the gateway and not the network balances over them.
/// </summary>
internal static class GatewayRules
{
    public const string Folder = "gateway-rules";

    public static void WriteTo(OutputTree tree, PublishedMesh mesh, string folder)
    {
        var headless = mesh.Services.Select(Headless).ToList();
        var documents = Files(mesh);
        foreach (var (file, text) in documents)
        {
            tree.Add($"{folder}/mesh/{file}", text);
        }

        foreach (var service in headless)
        {
            tree.Add($"{folder}/{FileName(service)}", ResourceWriter.Write(service));
        }

        var kustomization = Kustomization.Component();
        if (headless.Count > 0)
        {
            kustomization["resources"] = Kustomization.List(headless.Select(FileName).Order(StringComparer.Ordinal));
        }

        if (documents.Count > 0)
        {
            kustomization["generatorOptions"] = new JsonObject { ["disableNameSuffixHash"] = true };
            kustomization["configMapGenerator"] = new JsonArray([.. mesh.Gateways.Select(gateway => new JsonObject
            {
                ["name"] = ConfigMapName(gateway),
                ["files"] = Kustomization.List(documents.Keys.Order(StringComparer.Ordinal).Select(file => $"mesh/{file}")),
            })]);
        }

        tree.Add($"{folder}/kustomization.yaml", Kustomization.Write(kustomization));
    }

    /// <summary>The ConfigMap that a gateway's pods mount.</summary>
    public static string ConfigMapName(IResourceWithEndpoints gateway) => $"{gateway.Name.ToLowerInvariant()}-mesh";

    /// <summary>The documents by their file names.</summary>
    public static Dictionary<string, string> Files(PublishedMesh mesh) => Documents(mesh).ToDictionary(
        document => MeshFolder.FileName(document.Kind, document.Metadata.Name!), ResourceWriter.Write, StringComparer.Ordinal);

    /// <summary>The rules and the services as the gateway reads them, all in the application's namespace.</summary>
    private static IEnumerable<UntypedResource> Documents(PublishedMesh mesh) => mesh.ApplicationRules.Select(object (rule) => rule)
        .Concat(mesh.Services.Select(MeshServices.ServiceFor))
        .Concat(mesh.Services.Select(Pods))
        .Select(resource => InNamespace(resource, mesh.Options.Namespace));

    private static UntypedResource InNamespace(object resource, string space)
    {
        var json = ResourceWriter.ToJson(resource);
        json["metadata"]!["namespace"] = space;
        return new UntypedResource(
            (string)json["apiVersion"]!,
            (string)json["kind"]!,
            new ObjectMeta { Name = (string?)json["metadata"]!["name"], Namespace = space },
            JsonSerializer.SerializeToElement(json));
    }

    /// <summary>All pods of a service by one name.</summary>
    private static WorkloadEntry Pods(IResourceWithEndpoints service) => new()
    {
        Metadata = new() { Name = service.Name, Labels = [KeyValuePair.Create("app", service.Name)] },
        Spec = new()
        {
            // A short name: the pod looks it up in its own namespace.
            Address = HeadlessName(service),
            Labels = [KeyValuePair.Create("app", service.Name)],
        },
    };

    /// <summary>A Service whose name leads to every pod.</summary>
    public static V1Service Headless(IResourceWithEndpoints service)
    {
        var headless = MeshServices.ServiceFor(service);
        headless.Metadata.Name = HeadlessName(service);
        headless.Spec.ClusterIP = "None";
        return headless;
    }

    private static string HeadlessName(IResourceWithEndpoints service) => $"{service.Name.ToLowerInvariant()}-pods";

    private static string FileName(V1Service service) => MeshFolder.FileName(V1Service.KubeKind, service.Metadata.Name);
}
