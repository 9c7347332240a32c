namespace Benchmarks.Traffic;

/// <summary>The mesh folders of the gateways under measurement: the seed's route to three replicas, and features on top of it.</summary>
internal static class MeshDocuments
{
    /// <summary>The features that are switched on one at a time at the Istio door.</summary>
    public static readonly (string Name, string Http, string TrafficPolicy, string Other)[] Features =
    [
        ("timeout and retries", "timeout: 5s; retries: { attempts: 2, perTryTimeout: 1s, retryOn: 'connect-failure,refused-stream,reset' }", "", ""),
        ("header operations", "headers: { request: { set: { x-a: b } }, response: { add: { x-c: d } } }", "", ""),
        ("CORS", "corsPolicy: { allowOrigins: [{ exact: 'https://example.com' }], allowMethods: [GET] }", "", ""),
        ("fault at 0 %", "fault: { delay: { fixedDelay: 1s, percentage: { value: 0 } } }", "", ""),
        ("ejection", "", "outlierDetection: { consecutive5xxErrors: 5, interval: 10s, maxEjectionPercent: 67 }", ""),
        ("connection pool", "", "connectionPool: { http: { http2MaxRequests: 1000 }, tcp: { maxConnections: 1000 } }", ""),
        ("round robin", "", "loadBalancer: { simple: ROUND_ROBIN }", ""),
        ("consistent hash", "", "loadBalancer: { consistentHash: { httpHeaderName: x-user } }", ""),
        ("authorization at the gateway", "", "", Authorization("istio-system", "istio: ingressgateway")),
        ("authorization at the workload", "", "", Authorization("default", "app: ping")),
    ];

    /// <summary>The seed's Ingress; more routes are longer paths, which are tried before it.</summary>
    public static string Ingress(IEnumerable<int> replicas, int routes) => Services(replicas) +
        $$"""
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: gateway, annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 } }
        spec:
          ingressClassName: nginx
          rules:
          - http:
              paths:
        {{string.Concat(Enumerable.Range(1, routes).Select(version =>
            $"      - {{ path: '/api/v{version}(/|$)(.*)', pathType: ImplementationSpecific, backend: {{ service: {{ name: ping, port: {{ name: http }} }} }} }}\n"))}}
        """;

    /// <summary>The same route for Istio; the seed's comes last.</summary>
    public static string Istio(IEnumerable<int> replicas, int routes, string http = "", string trafficPolicy = "", string other = "") =>
        Services(replicas) +
        $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: { name: ping }
        spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: ping }
        spec:
          hosts: ['*']
          gateways: [ping]
          http:
        {{string.Concat(Enumerable.Range(1, routes).Reverse().Select(version =>
            $$"""
              - match: [{ uri: { regex: '(?i)/api/v{{version}}(/.*)?' } }]
                rewrite: { uriRegexRewrite: { match: '(?i)^/api/v{{version}}(/|$)(.*)$', rewrite: '/\2' } }
                route: [{ destination: { host: ping, port: { number: 8080 } } }]

            """))}}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: ping }
        spec: { host: ping, trafficPolicy: { {{trafficPolicy}} } }
        """.Replace("route: [{ destination", (http.Length == 0 ? "" : $"{string.Join("\n    ", http.Split("; "))}\n    ") + "route: [{ destination",
            StringComparison.Ordinal) + other;

    private static string Services(IEnumerable<int> replicas) =>
        """
        apiVersion: v1
        kind: Service
        metadata: { name: ping }
        spec: { selector: { app: ping }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }

        """ + string.Concat(replicas.Select((port, number) =>
        $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: { name: ping-{{number}}, labels: { app: ping } }
        spec: { address: 127.0.0.1, ports: { http: {{port}} }, labels: { app: ping } }

        """));

    private static string Authorization(string @namespace, string selector) =>
        $$"""

        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: ping, namespace: {{@namespace}} }
        spec:
          selector: { matchLabels: { {{selector}} } }
          action: ALLOW
          rules: [{ to: [{ operation: { methods: [GET], paths: ['/ping', '/api/v1/*'] } }] }]
        """;
}
