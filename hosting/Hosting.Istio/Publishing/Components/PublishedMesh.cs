using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;

namespace Hosting.Istio.Publishing.Components;

/// <summary>What the components are made from: the mesh's rules, and the services they apply to. Read once, by kind.</summary>
internal sealed record PublishedMesh
{
    /// <summary>Where policies on Istio's own gateway, and on the whole mesh, live.</summary>
    public const string RootNamespace = "istio-system";

    /// <summary>What the configuration says.</summary>
    public required PublishOptions Options { get; init; }

    /// <summary>The rules as documents, in the order of their declaration.</summary>
    public required ImmutableArray<ResourceDocument> Rules { get; init; }

    /// <summary>The resources that have a Service, and are no gateway.</summary>
    public required ImmutableArray<IResourceWithEndpoints> Services { get; init; }

    /// <summary>The resources that enforce the rules in our own gateway.</summary>
    public required ImmutableArray<IResourceWithEndpoints> Gateways { get; init; }

    /// <summary>The rules that are deployed with the application.</summary>
    public IEnumerable<ResourceDocument> ApplicationRules => Rules.Where(rule => rule.Namespace != RootNamespace);

    /// <summary>The rules that belong to Istio's own namespace.</summary>
    public IEnumerable<ResourceDocument> RootRules => Rules.Where(rule => rule.Namespace == RootNamespace);

    /// <summary>The Kubernetes Ingresses.</summary>
    public IEnumerable<V1Ingress> Ingresses => ApplicationRules.Select(rule => rule.Resource).OfType<V1Ingress>();

    /// <summary>The VirtualServices that a declared gateway, not only the mesh, executes.</summary>
    public IEnumerable<VirtualService> GatewayVirtualServices => ApplicationRules.Select(rule => rule.Resource).OfType<VirtualService>()
        .Where(service => service.Spec.Gateways.Any(gateway => gateway != "mesh"));

    /// <summary>Collects the mesh of a model.</summary>
    public static PublishedMesh Of(DistributedApplicationModel model, IstioResource mesh, PublishOptions options) => new()
    {
        Options = options,
        Rules = [.. mesh.Rules.SelectMany(MeshDocuments.Read)],
        Services = [.. MeshServices.WithService(model).Where(service => !service.IsExcludedFromPublish())],
        Gateways = [.. model.Resources.OfType<IResourceWithEndpoints>()
            .Where(resource => resource.Annotations.OfType<MeshGatewayAnnotation>().Any())],
    };

    /// <summary>Whether a rule is one of Istio's own kinds.</summary>
    public static bool IsIstio(ResourceDocument rule) => rule.ApiVersion.Contains(".istio.io/", StringComparison.Ordinal);

    /// <summary>Whether a rule is one of the Gateway API's kinds.</summary>
    public static bool IsGatewayApi(ResourceDocument rule) =>
        rule.ApiVersion.StartsWith("gateway.networking.k8s.io/", StringComparison.Ordinal);
}
