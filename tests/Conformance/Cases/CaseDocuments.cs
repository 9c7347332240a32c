using System.Globalization;
using YamlDotNet.Serialization;

namespace Conformance.Cases;

/// <summary>Writes the mesh folder of a case: its own documents, and those that every case has.</summary>
internal static class CaseDocuments
{
    private const string Door = """
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: { name: door, namespace: default }
        spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }

        """;

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

    /// <summary>Documents as YAML.</summary>
    public static string Write(IEnumerable<Dictionary<string, object>> resources) =>
        string.Concat(resources.Select(resource => $"---\n{Json.Serialize(Complete(resource))}\n"));

    /// <summary>The case's own documents as YAML, those in short form among them.</summary>
    public static string Write(ConformanceCase @case)
    {
        var resources = new List<Dictionary<string, object>>(@case.Resources);
        if (@case.Http.Count > 0)
        {
            string[] hosts = [@case.Door == "mesh" ? "ping" : "*"];
            string[] gateways = [@case.Door == "mesh" ? "mesh" : "door"];
            var spec = new Dictionary<string, object> { ["hosts"] = hosts, ["gateways"] = gateways, ["http"] = @case.Http };
            resources.Add(Named("VirtualService", "short", spec));
        }

        if (@case.TrafficPolicy.Count > 0)
        {
            var spec = new Dictionary<string, object> { ["host"] = "ping", ["trafficPolicy"] = @case.TrafficPolicy };
            resources.Add(Named("DestinationRule", "short", spec));
        }

        return Write(resources);
    }

    /// <summary>Services, workloads and the gateway.</summary>
    /// <param name="case">The case.</param>
    /// <param name="address">Where its endpoints are.</param>
    /// <param name="ports">The ports of those that are there.</param>
    public static string Fixture(ConformanceCase @case, string address, IReadOnlyDictionary<string, int> ports)
    {
        var services = @case.Services.Select(service => Service(@case, service));
        var workloads = ports.Select(endpoint => Workload(@case, endpoint.Key, address, endpoint.Value));

        // A Gateway of the case's own by that name takes its place, one of the Gateway API too.
        var hasDoor = @case.Resources.Exists(resource => resource.GetValueOrDefault("kind") is "Gateway"
            && resource["metadata"] is Dictionary<object, object> metadata && metadata["name"] is "door");
        return string.Concat(services.Concat(workloads)) + (hasDoor ? "" : Door);
    }

    private static string Service(ConformanceCase @case, string name) =>
        $$"""
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: default }
        spec: { selector: { app: {{name}} }, ports: [{ name: {{@case.Protocol}}, port: 8080, targetPort: 8080 }] }

        """;

    private static string Workload(ConformanceCase @case, string endpoint, string address, int port)
    {
        var labels = @case.Endpoints.GetValueOrDefault(endpoint, []).Select(label => $"{label.Key}: '{label.Value}'")
            .Prepend($"app: {ConformanceCase.ServiceOf(endpoint)}");
        var all = string.Join(", ", labels);
        var weight = @case.Weights.TryGetValue(endpoint, out var given) ? $", weight: {given.ToString(CultureInfo.InvariantCulture)}" : "";
        return $$"""
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: { name: {{endpoint}}, namespace: default, labels: { {{all}} } }
            spec: { address: {{address}}, ports: { {{@case.Protocol}}: {{port}} }, labels: { {{all}} }{{weight}} }

            """;
    }

    private static Dictionary<string, object> Complete(Dictionary<string, object> resource)
    {
        if (resource.ContainsKey("kind"))
        {
            return resource;
        }

        var (kind, spec) = resource.Single();
        return Named(kind, "ping", spec);
    }

    private static Dictionary<string, object> Named(string kind, string name, object spec) => new()
    {
        ["apiVersion"] = ApiVersions[kind],
        ["kind"] = kind,
        ["metadata"] = new Dictionary<string, object> { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = spec,
    };
}
