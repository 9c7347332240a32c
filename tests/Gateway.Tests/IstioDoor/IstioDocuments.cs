using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>YAML documents of a mesh with one service, for tests of the Istio door.</summary>
internal static class IstioDocuments
{
    public const string Gateway = """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: { name: gateway }
        spec:
          selector: { istio: ingressgateway }
          servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }]

        """;

    /// <summary>The service <c>ping</c> with endpoints at some ports, a Gateway, and a VirtualService with these rules.</summary>
    /// <param name="rules">The members of <c>spec.http[0]</c>, in flow style, besides the route.</param>
    /// <param name="policy">The DestinationRule's trafficPolicy, in flow style; empty for no rule.</param>
    /// <param name="ports">The endpoints.</param>
    public static string Mesh(string rules, string policy, params int[] ports) => Documents.Join(
        [Gateway, VirtualService(rules), .. (policy.Length > 0 ? new[] { DestinationRule(policy) } : []), Documents.Service("ping"),
            .. ports.Select(port => Documents.Workload("ping", port))]);

    /// <summary>Documents with the service's port named for another protocol.</summary>
    public static string Speaking(string protocol, string documents) => documents
        .Replace("name: http, protocol: TCP", $"name: {protocol}, protocol: TCP").Replace("ports: { http:", $"ports: {{ {protocol}:");

    public static string VirtualService(string rules) => $$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: ping }
        spec:
          hosts: ['*']
          gateways: [gateway]
          http:
          - {{{rules}} {{(rules.Length > 0 ? "," : "")}} route: [{ destination: { host: ping, port: { number: 8080 } } }] }

        """;

    public static string DestinationRule(string policy) => $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: ping }
        spec: { host: ping, trafficPolicy: { {{policy}} } }

        """;
}
