using Dashboard.EngineLink;

namespace Dashboard.Tests.Support;

/// <summary>A mesh folder with a canary in it, as an engine writes it, and the resources the engine tells of.</summary>
internal sealed class TestMesh : IDisposable
{
    public const string VirtualService =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata:
          name: ping
        spec:
          hosts:
            - "*"
          gateways:
            - gateway
          http:
            - name: a tenth
              match:
                - uri:
                    prefix: /api/v1
              route:
                - destination:
                    host: ping
                    subset: v1
                  weight: 90
                - destination:
                    host: ping
                    subset: v2
                  weight: 10
              timeout: 10s

        """;

    private const string Others =
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata:
          name: gateway
        spec:
          selector:
            istio: ingressgateway
          servers:
            - port:
                number: 80
                name: http
                protocol: HTTP
              hosts:
                - "*"
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata:
          name: ping
        spec:
          host: ping
          trafficPolicy:
            outlierDetection:
              consecutive5xxErrors: 5
          subsets:
            - name: v1
              labels:
                version: v1
            - name: v2
              labels:
                version: v2
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: ping
        spec:
          selector:
            app: ping
          ports:
            - name: http
              port: 8080
              targetPort: 8080
              appProtocol: http

        """;

    public TestMesh()
    {
        Folder = Directory.CreateTempSubdirectory("dashboard-mesh-").FullName;
        File.WriteAllText(VirtualServiceFile, VirtualService);
        File.WriteAllText(Path.Combine(Folder, "others.yaml"), Others);
        Add("ping-aaaaa", "v1", 9001);
        Add("ping-bbbbb", "v1", 9002);
        Add("ping-v2-ccccc", "v2", 9003);
    }

    public string Folder { get; }

    public string VirtualServiceFile => Path.Combine(Folder, "virtualservice-ping.yaml");

    public string Rules => File.ReadAllText(VirtualServiceFile);

    public async Task TellAsync(TestEngine engine, Uri? admin = null)
    {
        await engine.TellAsync(new ResourceInfo { Id = "mesh", Name = "mesh", Type = "Istio", State = "Running", MeshFolder = Folder });
        await engine.TellAsync(TestEngine.Replica("gateway", "xxxxx") with
        {
            ProcessId = Environment.ProcessId,
            Properties = [new ValueInfo("executable.args", $"--mesh {Folder}{(admin is null ? "" : $" --admin {admin}")}")],
        });
        await engine.TellAsync(TestEngine.Replica("ping", "aaaaa"));
        await engine.TellAsync(TestEngine.Replica("ping", "bbbbb"));
        await engine.TellAsync(TestEngine.Replica("ping-v2", "ccccc"));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Add(string name, string version, int port) => File.WriteAllText(
        Path.Combine(Folder, $"workloadentry-{name}.yaml"),
        $$"""
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata:
          name: {{name}}
        spec:
          address: 127.0.0.1
          ports:
            http: {{port}}
          labels:
            app: ping
            version: {{version}}

        """);
}
