namespace Gateway.Tests.Support;

/// <summary>YAML documents that tests share.</summary>
internal static class Documents
{
    /// <summary>The seed's gin-demo-ingress.yaml.</summary>
    public const string SeedIngress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: gateway
          annotations:
            kubernetes.io/ingress.class: "nginx"
            nginx.ingress.kubernetes.io/rewrite-target: /$2
        spec:
          rules:
          - http:
              paths:
              - path: /api/v1(/|$)(.*)
                pathType: ImplementationSpecific
                backend:
                  service:
                    name: gin-demo
                    port:
                      name: http

        """;

    /// <summary>The seed's system with endpoints at some ports.</summary>
    public static string Seed(params int[] ports) =>
        Join([SeedIngress, Service("gin-demo"), .. ports.Select(port => Workload("gin-demo", port))]);

    public static string Service(string name) => $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, labels: { app: {{name}} } }
        spec:
          ports: [{port: 8080, name: http, protocol: TCP, targetPort: 8080}]
          selector: { app: {{name}} }

        """;

    public static string Workload(string service, int port) => $$"""
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: { name: {{service}}-{{port}} }
        spec: {address: 127.0.0.1, ports: { http: {{port}} }, labels: { app: {{service}} } }

        """;

    /// <summary>An Ingress; each path is <c>type path service</c>.</summary>
    public static string Ingress(string name, string host, string annotations, params string[] paths)
    {
        var items = paths.Select(path => path.Split(' ')).Select(part =>
            $$"""
                  - {path: '{{part[1]}}', pathType: {{part[0]}}, backend: { service: { name: {{part[2]}}, port: { name: http } } } }
            """);
        return $$"""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: {{name}}
              annotations: { {{annotations}} }
            spec:
              ingressClassName: nginx
              rules:
              - {{(host.Length > 0 ? $"host: '{host}'" : "host:")}}
                http:
                  paths:
            {{string.Join('\n', items)}}

            """;
    }

    public static string Join(params IEnumerable<string> documents) => string.Join("---\n", documents);
}
