using Aspire.Hosting.ApplicationModel;
using k8s.Models;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// Who may open a connection to a pod: the namespace's own pods, the ingress controller, Istio's gateway and its metrics; anybody where a
/// NodePort or our gateway is. Below Istio's policies, which see requests, not packets.
/// </summary>
internal static class NetworkPolicyComponent
{
    // The sidecar's merged metrics and its health: https://istio.io/latest/docs/ops/deployment/application-requirements/
    private static readonly int[] SidecarPorts = [15020, 15021, 15090];

    // Every namespace carries its name as this label (https://kubernetes.io/docs/reference/labels-annotations-taints/).
    private const string NamespaceName = "kubernetes.io/metadata.name";

    private const string IngressNamespace = "ingress-nginx";

    public static Component Build(PublishedMesh mesh)
    {
        var component = new Component().Add(Policy("default-deny", new V1LabelSelector(), []));
        foreach (var service in mesh.Services.Concat(mesh.Gateways))
        {
            var open = mesh.Gateways.Contains(service) || service.Annotations.OfType<NodePortAnnotation>().Any();
            var pods = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = service.Name } };
            component.Add(Policy(service.Name, pods,
            [
                new V1NetworkPolicyIngressRule
                {
                    FromProperty = open ? null : Callers(IngressNamespace, PublishedMesh.RootNamespace),
                    Ports = Ports(MeshServices.ServiceFor(service).Spec.Ports.Select(port => port.Port)),
                },
                new V1NetworkPolicyIngressRule { FromProperty = Callers(PublishedMesh.RootNamespace), Ports = Ports(SidecarPorts) },
            ]));
        }

        return component;
    }

    private static List<V1NetworkPolicyPeer> Callers(params string[] namespaces) =>
    [
        new V1NetworkPolicyPeer { PodSelector = new V1LabelSelector() },
        .. namespaces.Select(name => new V1NetworkPolicyPeer
        {
            NamespaceSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [NamespaceName] = name } },
        }),
    ];

    private static List<V1NetworkPolicyPort> Ports(IEnumerable<int> ports) =>
        [.. ports.Select(port => new V1NetworkPolicyPort { Protocol = "TCP", Port = port })];

    private static V1NetworkPolicy Policy(string name, V1LabelSelector pods, List<V1NetworkPolicyIngressRule> rules) => new()
    {
        ApiVersion = $"{V1NetworkPolicy.KubeGroup}/{V1NetworkPolicy.KubeApiVersion}",
        Kind = V1NetworkPolicy.KubeKind,
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1NetworkPolicySpec { PodSelector = pods, PolicyTypes = ["Ingress"], Ingress = rules.Count == 0 ? null : rules },
    };
}
