using YamlDotNet.Serialization;

namespace Conformance.Cases;

/// <summary>Writes the mesh folder of a case: its own documents, and those that every case has.</summary>
internal static class CaseDocuments
{
    private static readonly ISerializer Json = new SerializerBuilder().JsonCompatible().Build();

    private static readonly Dictionary<string, string> ApiVersions = new()
    {
        ["VirtualService"] = "networking.istio.io/v1",
        ["DestinationRule"] = "networking.istio.io/v1",
        ["Gateway"] = "networking.istio.io/v1",
        ["ServiceEntry"] = "networking.istio.io/v1",
        ["Sidecar"] = "networking.istio.io/v1",
        ["EnvoyFilter"] = "networking.istio.io/v1alpha3",
        ["AuthorizationPolicy"] = "security.istio.io/v1",
        ["RequestAuthentication"] = "security.istio.io/v1",
        ["PeerAuthentication"] = "security.istio.io/v1",
        ["Telemetry"] = "telemetry.istio.io/v1",
        ["HTTPRoute"] = "gateway.networking.k8s.io/v1",
        ["Ingress"] = "networking.k8s.io/v1",
    };

    /// <summary>The service an endpoint belongs to: its name without the last dash and what follows.</summary>
    public static string ServiceOf(string endpoint) => endpoint[..endpoint.LastIndexOf('-')];

    /// <summary>The case's own documents as YAML.</summary>
    public static string Write(IEnumerable<Dictionary<string, object>> resources) =>
        string.Concat(resources.Select(resource => $"---\n{Json.Serialize(Complete(resource))}\n"));

    /// <summary>The case's own documents as YAML, the ones in short form among them.</summary>
    public static string Write(ConformanceCase @case)
    {
        var resources = new List<Dictionary<string, object>>(@case.Resources);
        if (@case.Http.Count > 0)
        {
            string[] hosts = [@case.Door == "mesh" ? "ping" : "*"];
            string[] gateways = [@case.Door == "mesh" ? "mesh" : "door"];
            resources.Add(new()
            {
                ["VirtualService"] = new Dictionary<string, object> { ["hosts"] = hosts, ["gateways"] = gateways, ["http"] = @case.Http },
            });
        }

        if (@case.TrafficPolicy.Count > 0)
        {
            resources.Add(new()
            {
                ["DestinationRule"] = new Dictionary<string, object> { ["host"] = "ping", ["trafficPolicy"] = @case.TrafficPolicy },
            });
        }

        return Write(resources);
    }

    /// <summary>Services, workloads and the gateway.</summary>
    /// <param name="case">The case.</param>
    /// <param name="address">Where its endpoints are.</param>
    /// <param name="ports">The port of each.</param>
    public static string Fixture(ConformanceCase @case, string address, IReadOnlyDictionary<string, int> ports)
    {
        var services = @case.EndpointNames.Select(ServiceOf).Distinct().Select(service =>
            $$"""
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: {{service}}, namespace: default }
            spec: { selector: { app: {{service}} }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }

            """);
        var workloads = @case.EndpointNames.Select(endpoint =>
        {
            var labels = string.Join(", ", @case.Endpoints.GetValueOrDefault(endpoint, []).Select(label => $"{label.Key}: '{label.Value}'")
                .Prepend($"app: {ServiceOf(endpoint)}"));
            return $$"""
                ---
                apiVersion: networking.istio.io/v1
                kind: WorkloadEntry
                metadata: { name: {{endpoint}}, namespace: default, labels: { {{labels}} } }
                spec: { address: {{address}}, ports: { http: {{ports[endpoint]}} }, labels: { {{labels}} } }

                """;
        });

        // A Gateway of the Gateway API takes the place of Istio's.
        var hasGateway = @case.Resources.Exists(resource => $"{resource.GetValueOrDefault("apiVersion")}".StartsWith("gateway.", StringComparison.Ordinal)
            && resource["kind"] is "Gateway");
        return string.Concat(services.Concat(workloads)) + (hasGateway ? "" :
            """
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: { name: door, namespace: default }
            spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }
            """);
    }

    private static Dictionary<string, object> Complete(Dictionary<string, object> resource)
    {
        if (resource.ContainsKey("kind"))
        {
            return resource;
        }

        var (kind, spec) = resource.Single();
        return new()
        {
            ["apiVersion"] = ApiVersions[kind],
            ["kind"] = kind,
            ["metadata"] = new Dictionary<string, object> { ["name"] = "ping", ["namespace"] = "default" },
            ["spec"] = spec,
        };
    }
}
