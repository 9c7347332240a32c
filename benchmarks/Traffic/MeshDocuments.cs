namespace Benchmarks.Traffic;

/// <summary>The mesh folders of the gateways under measurement: the seed's route to three replicas, and features on top of it.</summary>
internal static class MeshDocuments
{
    /// <summary>
    /// The features that are switched on one at a time at the Istio door. Mirroring is not among them: it sends each request twice, and
    /// what it costs is a second exchange, not a rule.
    /// </summary>
    public static readonly Feature[] Features =
    [
        new("timeout and retries")
        {
            Http = "timeout: 5s; retries: { attempts: 2, perTryTimeout: 1s, retryOn: 'connect-failure,refused-stream,reset' }",
        },
        new("header operations") { Http = "headers: { request: { set: { x-a: b } }, response: { add: { x-c: d } } }" },
        new("CORS") { Http = "corsPolicy: { allowOrigins: [{ exact: 'https://example.com' }], allowMethods: [GET] }" },
        new("fault at 0 %") { Http = "fault: { delay: { fixedDelay: 1s, percentage: { value: 0 } } }" },
        new("ejection") { TrafficPolicy = "outlierDetection: { consecutive5xxErrors: 5, interval: 10s, maxEjectionPercent: 67 }" },
        new("connection pool") { TrafficPolicy = "connectionPool: { http: { http2MaxRequests: 1000 }, tcp: { maxConnections: 1000 } }" },
        new("round robin") { TrafficPolicy = "loadBalancer: { simple: ROUND_ROBIN }" },
        new("consistent hash") { TrafficPolicy = "loadBalancer: { consistentHash: { httpHeaderName: x-user } }" },
        new("authorization at the gateway") { Other = Authorization("istio-system", "istio: ingressgateway") },
        new("authorization at the workload") { Other = Authorization("default", "app: ping") },
        new("JWT") { Other = Authentication(Token.Keys), Header = $"authorization: Bearer {Token.Signed}" },
        new("local rate limit") { Other = RateLimit },
    ];

    /// <summary>A bucket that the load never empties.</summary>
    private const string RateLimit =
        """

        ---
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: { name: limit, namespace: istio-system }
        spec:
          configPatches:
          - applyTo: HTTP_FILTER
            match: { context: GATEWAY }
            patch:
              operation: INSERT_BEFORE
              value:
                name: envoy.filters.http.local_ratelimit
                typed_config:
                  '@type': type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                  stat_prefix: limit
                  token_bucket: { max_tokens: 1000000000, tokens_per_fill: 1000000000, fill_interval: 1s }
                  filter_enabled: { default_value: { numerator: 100 } }
                  filter_enforced: { default_value: { numerator: 100 } }

        """;

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
    public static string Istio(IEnumerable<int> replicas, int routes) => Istio(replicas, routes, http: "");

    /// <summary>The route for Istio with a feature.</summary>
    public static string Istio(IEnumerable<int> replicas, Feature feature) =>
        Istio(replicas, 1, feature.Http) + (feature.TrafficPolicy.Length == 0 ? "" : DestinationRule(feature.TrafficPolicy)) + feature.Other;

    private static string Istio(IEnumerable<int> replicas, int routes, string http) =>
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
        """.Replace("route: [{ destination", (http.Length == 0 ? "" : $"{string.Join("\n    ", http.Split("; "))}\n    ") + "route: [{ destination",
            StringComparison.Ordinal);

    private static string DestinationRule(string trafficPolicy) =>
        $$"""

        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: ping }
        spec: { host: ping, trafficPolicy: { {{trafficPolicy}} } }
        """;

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

    private static string Authentication(string keys) =>
        $$"""

        ---
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: { name: ping, namespace: istio-system }
        spec:
          selector: { matchLabels: { istio: ingressgateway } }
          jwtRules: [{ issuer: '{{Token.Issuer}}', jwks: '{{keys}}' }]
        """;
}

/// <summary>A feature of the Istio door: where its YAML goes, and what requests need for it.</summary>
/// <param name="Name">What the table calls it.</param>
internal sealed record Feature(string Name)
{
    /// <summary>Fields of the VirtualService's route, separated by semicolons.</summary>
    public string Http { get; init; } = "";

    /// <summary>Fields of a DestinationRule's trafficPolicy; without any there is no DestinationRule.</summary>
    public string TrafficPolicy { get; init; } = "";

    /// <summary>Further documents.</summary>
    public string Other { get; init; } = "";

    /// <summary>A header of the requests; null for none.</summary>
    public string? Header { get; init; }
}
