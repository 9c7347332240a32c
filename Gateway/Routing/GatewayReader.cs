using System.Collections.Immutable;
using Gateway.Mesh;
using Gateway.Routing.VirtualServices;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;
using IstioGateway = Istio.Networking.Gateway;

namespace Gateway.Routing;

/// <summary>Reads Istio's Gateways.</summary>
internal static class GatewayReader
{
    // Where Istio's installation puts the gateways it brings, and their label.
    private const string RootNamespace = "istio-system";
    private const string InstallationLabel = "istio";

    /// <summary>Reads the Gateways of a set.</summary>
    public static ImmutableArray<GatewaySource> Read(ResourceSet resources, List<Finding> findings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var gateways = ImmutableArray.CreateBuilder<GatewaySource>();
        foreach (var (document, gateway) in resources.OfType<IstioGateway>())
        {
            var name = $"{document.Namespace}/{document.Name}";
            if (!seen.Add(name))
            {
                findings.Report(document, "metadata.name", GatewayCodes.Duplicate,
                    $"there is another Gateway {name}; remove one of the two");
                continue;
            }

            var space = PodNamespace(resources, gateway, document);
            gateways.Add(new GatewaySource(
                document, name, [.. gateway.Spec.Servers.Select((server, index) => Server(server, index, document, space))])
            {
                Created = VirtualServiceReader.Created(gateway.Metadata),
                Selector = gateway.Spec.Selector,
                Namespace = space,
            });
        }

        return gateways.ToImmutable();
    }

    private static ServerSource Server(Server server, int index, ResourceDocument document, string space)
    {
        IEnumerable<string> secrets = server.Tls switch
        {
            { CredentialNames.IsEmpty: false } tls => tls.CredentialNames,
            { CredentialName: { Length: > 0 } name } => [name],
            _ => [],
        };
        return new ServerSource(server, $"spec.servers[{index}]", HostNames.OfServer(server.Hosts, document.Namespace))
        {
            Secrets = [.. secrets.Select(name => new SecretName(space, name))],
        };
    }

    /// <summary>
    /// Where the pods of a Gateway run: that decides which VirtualServices, DestinationRules, policies and secrets they see. The Service in
    /// front of them tells; without one in the documents, a gateway of Istio's installation runs in the root namespace, any other one
    /// beside its Gateway.
    /// </summary>
    private static string PodNamespace(ResourceSet resources, IstioGateway gateway, ResourceDocument document)
    {
        var selector = gateway.Spec.Selector;
        var service = resources.OfType<V1Service>().FirstOrDefault(pair => !selector.IsEmpty && pair.Resource.Spec?.Selector is { } labels
            && selector.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value));
        var isInstalled = selector.TryGetValue(InstallationLabel, out var name) && name is "ingressgateway" or "egressgateway";
        return service.Document?.Namespace ?? (isInstalled ? RootNamespace : document.Namespace);
    }
}
