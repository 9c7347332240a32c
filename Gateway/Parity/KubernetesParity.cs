using k8s.Models;

namespace Gateway.Parity;

/// <summary>Ingress and Service of Kubernetes.</summary>
internal static class KubernetesParity
{
    private const string Cluster = "it is how the cluster's network carries the service";

    /// <summary>Annotations of an Ingress that are executed; of any other of ingress-nginx a finding (GWY005) says that it is not.</summary>
    public static string[] Annotations { get; } =
        ["nginx.ingress.kubernetes.io/rewrite-target", "nginx.ingress.kubernetes.io/use-regex", "kubernetes.io/ingress.class"];

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(V1Ingress)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(V1IngressSpec))
        {
            Executed = ["ingressClassName", "rules", "defaultBackend"],
            Validated = { ["tls"] = "the Ingress door listens without TLS; a finding says so" },
        },
        new(typeof(V1IngressRule)) { Executed = ["host", "http"] },
        new(typeof(V1HTTPIngressRuleValue)) { Executed = ["paths"] },
        new(typeof(V1HTTPIngressPath)) { Executed = ["path", "pathType", "backend"] },
        new(typeof(V1IngressBackend)) { Executed = ["service"], Validated = { ["resource"] = "ingress-nginx does not act on it" } },
        new(typeof(V1IngressServiceBackend)) { Executed = ["name", "port"] },
        new(typeof(V1ServiceBackendPort)) { Executed = ["name", "number"] },
        new(typeof(V1Service)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(V1ServiceSpec))
        {
            Executed = ["selector", "ports"],
            Tested =
            {
                ["type"] = "Registry/ServiceHostsTests", ["externalName"] = "Registry/ServiceHostsTests",
                ["clusterIP"] = "Registry/ServiceHostsTests",
            },
            Published =
            {
                ["allocateLoadBalancerNodePorts"] = Cluster, ["clusterIPs"] = Cluster, ["externalIPs"] = Cluster,
                ["externalTrafficPolicy"] = Cluster,
                ["healthCheckNodePort"] = Cluster, ["internalTrafficPolicy"] = Cluster, ["ipFamilies"] = Cluster,
                ["ipFamilyPolicy"] = Cluster,
                ["loadBalancerClass"] = Cluster, ["loadBalancerIP"] = Cluster, ["loadBalancerSourceRanges"] = Cluster,
                ["publishNotReadyAddresses"] = Cluster, ["sessionAffinity"] = Cluster, ["sessionAffinityConfig"] = Cluster,
                ["trafficDistribution"] = Cluster,
            },
        },
        new(typeof(V1ServicePort))
        {
            Executed = ["name", "port", "targetPort", "appProtocol"],
            Tested = { ["protocol"] = "Registry/ServiceHostsTests" },
            Published = { ["nodePort"] = "the engine's NodePort door listens on it, not the gateway" },
        },
    ];
}
