using Gateway.Clusters;
using Gateway.Registry;
using Istio.Documents;

namespace Gateway.Tests.Registry;

public sealed class ServiceHostsTests
{
    private static (ServiceHosts Hosts, List<Finding> Findings) Build(params string[] documents)
    {
        var findings = new List<Finding>();
        return (ServiceHosts.Build(ResourceReader.ReadText(string.Join("\n---\n", documents), "mesh.yaml"), findings), findings);
    }

    private static string Service(string metadata, string spec) => $"apiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec: {spec}";

    private static string Workload(string name, string spec, string metadata = "") =>
        $"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}";

    private static string Entry(string name, string spec, string metadata = "") =>
        $"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}";

    private static string Endpoints(ServiceHost? host, int port) => string.Join(' ', host?.FindPort(port)?.Endpoints.Select(endpoint =>
        endpoint.Endpoint) ?? []);

    [Theory]
    [InlineData("ping", "default", "ping.default.svc.cluster.local")]
    [InlineData("ping", "other", "ping.other.svc.cluster.local")]
    [InlineData("ping.other", "default", "ping.other")]
    [InlineData("ping.other.svc.cluster.local", "default", "ping.other.svc.cluster.local")]
    [InlineData("example.com", "default", "example.com")]
    [InlineData("*", "default", "*")]
    [InlineData("*.example.com", "default", "*.example.com")]
    [InlineData("::1", "default", "::1")]
    [InlineData("", "default", "")]
    public void A_name_without_dots_is_a_Service_of_the_namespace(string host, string @namespace, string expected) =>
        Assert.Equal(expected, ServiceHosts.Resolve(host, @namespace));

    [Theory]
    // A Service port's appProtocol declares its protocol, else its name up to a hyphen.
    [InlineData("{port: 1, name: http}", "Http")]
    [InlineData("{port: 1, name: http-web}", "Http")]
    [InlineData("{port: 1, name: HTTP2-x}", "Http2")]
    [InlineData("{port: 1, name: grpc}", "Grpc")]
    [InlineData("{port: 1, name: grpc-web}", "GrpcWeb")]
    [InlineData("{port: 1, name: grpc-web-x}", "GrpcWeb")]
    [InlineData("{port: 1, name: grpc-x}", "Grpc")]
    [InlineData("{port: 1, name: tcp-x}", "Tcp")]
    [InlineData("{port: 1, name: https}", "Https")]
    [InlineData("{port: 1, name: tls}", "Tls")]
    [InlineData("{port: 1, name: mongo}", "Mongo")]
    [InlineData("{port: 1, name: redis}", "Redis")]
    [InlineData("{port: 1, name: mysql}", "MySql")]
    [InlineData("{port: 1, name: httpx}", "Unsupported")]
    [InlineData("{port: 1, name: web}", "Unsupported")]
    [InlineData("{port: 1}", "Unsupported")]
    [InlineData("{port: 3306}", "Tcp")]
    [InlineData("{port: 25, name: smtp}", "Tcp")]
    [InlineData("{port: 25, name: http}", "Http")]
    [InlineData("{port: 1, name: http, protocol: UDP}", "Udp")]
    [InlineData("{port: 1, name: tcp, appProtocol: http}", "Http")]
    [InlineData("{port: 1, name: http, appProtocol: kubernetes.io/h2c}", "Http2")]
    [InlineData("{port: 1, name: tcp, appProtocol: kubernetes.io/ws}", "Http")]
    [InlineData("{port: 1, name: tcp, appProtocol: kubernetes.io/wss}", "Https")]
    [InlineData("{port: 1, name: http, appProtocol: example.com/custom}", "Unsupported")]
    [InlineData("{port: 1, name: http, appProtocol: a-protocol-of-a-long-name}", "Unsupported")]
    public void The_protocol_is_selected_as_Istio_does(string port, string expected)
    {
        var (hosts, _) = Build(Service("{name: ping}", $"{{ports: [{port}]}}"));
        Assert.Equal(expected, $"{Assert.Single(Assert.Single(hosts.All).Ports).Protocol}");
    }

    [Theory]
    [InlineData("HTTP", "Http")]
    [InlineData("http2", "Http2")]
    [InlineData("GRPC", "Grpc")]
    [InlineData("GRPC-WEB", "GrpcWeb")]
    [InlineData("HTTPS", "Https")]
    [InlineData("TLS", "Tls")]
    [InlineData("TCP", "Tcp")]
    [InlineData("HTTP_PROXY", "HttpProxy")]
    public void A_ServiceEntrys_protocol_is_written_out(string protocol, string expected)
    {
        var (hosts, _) = Build(Entry("e", $"{{hosts: [a.com], ports: [{{number: 1, name: x, protocol: {protocol}}}]}}"));
        Assert.Equal(expected, $"{hosts.Find("a.com")!.Ports[0].Protocol}");
    }

    private const string Selecting = "{selector: {app: ping}, ports: [{port: 80, name: http, targetPort: 8080}]}";

    [Fact]
    public void A_Service_finds_the_workloads_of_its_namespace_by_their_labels()
    {
        var (hosts, _) = Build(
            Service("{name: ping}", Selecting),
            Workload("a", "{address: 10.0.0.1, labels: {app: ping}, weight: 5, locality: r/z}"),
            Workload("b", "{address: 10.0.0.2}", ", labels: {app: ping}"),
            Workload("c", "{address: 10.0.0.3, labels: {app: ping}}", ", labels: {app: pong}"),
            Workload("d", "{address: 10.0.0.4, labels: {app: ping}}", ", namespace: other"),
            Workload("e", "{address: 'unix:///x', labels: {app: ping}}"),
            Workload("f", "{address: 10.0.0.1, labels: {app: ping}}"));
        var host = hosts.Find("ping.default.svc.cluster.local")!;
        // The labels of metadata count before those of spec, and one address is one endpoint.
        Assert.Equal("10.0.0.1:8080 10.0.0.2:8080", Endpoints(host, 80));
        var first = host.Ports[0].Endpoints[0];
        Assert.Equal((5, "default/a", "r/z"), (first.Weight, $"{first.Workload}", first.Locality));
        Assert.Equal(1, host.Ports[0].Endpoints[1].Weight);
        Assert.True(host is { IsKubernetes: true, IsExternal: false, IsHeadless: false, Resolution: HostResolution.Static });
    }

    [Theory]
    [InlineData("{port: 80, name: http, targetPort: 8080}", "{http: 9001}", "10.0.0.1:9001")]
    [InlineData("{port: 80, name: http, targetPort: 8080}", "{web: 9001}", "10.0.0.1:8080")]
    [InlineData("{port: 80, name: http, targetPort: 0}", "{}", "10.0.0.1:80")]
    [InlineData("{port: 80, name: http}", "{}", "10.0.0.1:80")]
    [InlineData("{port: 80, name: http, targetPort: web}", "{web: 9002, http: 9001}", "10.0.0.1:9002")]
    [InlineData("{port: 80, name: http, targetPort: web}", "{http: 9001}", "")]
    public void A_Services_port_leads_to_the_workloads(string port, string ports, string expected)
    {
        var (hosts, _) = Build(Service("{name: ping}", $"{{selector: {{app: ping}}, ports: [{port}]}}"),
            Workload("a", $"{{address: 10.0.0.1, ports: {ports}, labels: {{app: ping}}}}"));
        Assert.Equal(expected, Endpoints(hosts.Find("ping.default.svc.cluster.local"), 80));
    }

    [Fact]
    public void A_Service_without_selector_selects_nothing()
    {
        var (hosts, _) = Build(Service("{name: ping}", "{ports: [{port: 80}]}"), Workload("a", "{address: 10.0.0.1}"));
        Assert.Equal("", Endpoints(hosts.Find("ping.default.svc.cluster.local"), 80));
    }

    [Fact]
    public void An_external_name_is_found_by_DNS()
    {
        var (hosts, _) = Build(Service("{name: ping}",
            "{type: ExternalName, externalName: example.com., ports: [{port: 80, name: http}]}"));
        var host = hosts.Find("ping.default.svc.cluster.local")!;
        Assert.Equal("example.com:80", Endpoints(host, 80));
        Assert.True(host is { IsExternal: true, Resolution: HostResolution.Dns });
    }

    [Fact]
    public void A_ServiceEntrys_endpoints_have_their_own_ports_labels_and_weights()
    {
        var (hosts, findings) = Build(Entry("e", """
            {hosts: [a.com, b.com], location: MESH_INTERNAL, resolution: STATIC, addresses: [240.0.0.1], subjectAltNames: [x],
                ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], endpoints: [{address: 10.0.0.1}, {address: 10.0.0.2,
                ports: {http: 9001}, weight: 7, labels: {version: v2}}, {address: 'unix:///x'}]}
            """.Trim()));
        foreach (var host in hosts.All)
        {
            Assert.Equal("10.0.0.1:8080 10.0.0.2:9001", Endpoints(host, 80));
            Assert.Equal("v2", host.Ports[0].Endpoints[1].Labels["version"]);
            Assert.Equal(7, host.Ports[0].Endpoints[1].Weight);
            Assert.True(host is { IsExternal: false, IsKubernetes: false, Resolution: HostResolution.Static });
            Assert.Equal(["240.0.0.1"], host.Addresses);
            Assert.Equal(["x"], host.SubjectAltNames);
        }

        Assert.Equal(["a.com", "b.com"], hosts.All.Select(host => host.Name));
        Assert.Equal(("GWY008", "spec.endpoints[2].address"), (Assert.Single(findings).Code, findings[0].Field));
    }

    [Theory]
    [InlineData("{}", "10.0.0.1:80 10.0.0.2:80")]
    [InlineData("{labels: {app: a}}", "10.0.0.1:80")]
    [InlineData("{labels: {app: c}}", "")]
    public void A_ServiceEntry_selects_workloads_of_its_namespace(string selector, string expected)
    {
        var (hosts, _) = Build(
            Entry("e", $$"""
                {hosts: [a.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], workloadSelector: {{selector}} }
                """),
            Workload("a", "{address: 10.0.0.1, labels: {app: a}}"), Workload("b", "{address: 10.0.0.2, labels: {app: b}}"),
            Workload("c", "{address: 10.0.0.3, labels: {app: a}}", ", namespace: other"));
        Assert.Equal(expected, Endpoints(hosts.Find("a.com"), 80));
    }

    [Theory]
    [InlineData("DNS", "", "a.com:8080")]
    [InlineData("DNS_ROUND_ROBIN", "", "a.com:8080")]
    [InlineData("DNS", ", endpoints: [{address: x.com}, {address: y.com}]", "x.com:8080 y.com:8080")]
    [InlineData("STATIC", "", "")]
    [InlineData("NONE", "", "")]
    public void A_host_found_by_DNS_is_its_own_endpoint_unless_others_are_named(string resolution, string endpoints, string expected)
    {
        var (hosts, _) = Build(Entry("e", $$"""
            {hosts: [a.com], resolution: {{resolution}}, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]{{endpoints}} }
            """));
        Assert.Equal(expected, Endpoints(hosts.Find("a.com"), 80));
    }

    [Fact]
    public void A_ServiceEntry_for_a_Service_adds_endpoints_to_its_ports_of_the_same_name()
    {
        var (hosts, _) = Build(
            Entry("vm", """
                {hosts: [ping.default.svc.cluster.local], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP},
                    {number: 81, name: admin, protocol: HTTP}], endpoints: [{address: 10.0.0.9}]}
                """.Trim()),
            Service("{name: ping}", Selecting), Workload("a", "{address: 10.0.0.1, labels: {app: ping}}"));
        var host = hosts.Find("ping.default.svc.cluster.local")!;
        Assert.True(host.IsKubernetes);
        Assert.Equal("10.0.0.1:8080 10.0.0.9:80", Endpoints(host, 80));
        Assert.Null(host.FindPort(81));
    }

    [Fact]
    public void The_longest_wildcard_serves_a_name_that_no_resource_has()
    {
        static string Wildcard(string name, string host) =>
            Entry(name, $"{{hosts: ['{host}'], ports: [{{number: 80, name: http, protocol: HTTP}}]}}");
        var (hosts, _) = Build(Wildcard("a", "*.com"), Wildcard("b", "*.example.com"), Wildcard("c", "x.example.com"));
        Assert.Equal("x.example.com", hosts.Find("x.example.com")!.Name);
        Assert.Equal("*.example.com", hosts.Find("y.example.com")!.Name);
        Assert.Equal("*.example.com", hosts.Find("*.example.com")!.Name);
        Assert.Equal("*.com", hosts.Find("example.com")!.Name);
        Assert.Null(hosts.Find("example.org"));
    }

    [Theory]
    [InlineData("", "other", true)]
    [InlineData("'*'", "other", true)]
    [InlineData("'.'", "default", true)]
    [InlineData("'.'", "other", false)]
    [InlineData("other", "other", true)]
    [InlineData("other", "third", false)]
    [InlineData("'~'", "default", false)]
    public void A_host_is_seen_by_those_it_is_exported_to(string exportTo, string viewer, bool isVisible)
    {
        var (hosts, _) = Build(Entry("e",
            $"{{hosts: [a.com], exportTo: [{exportTo}], ports: [{{number: 80, name: http, protocol: HTTP}}]}}"),
            Service($"{{name: ping, annotations: {{networking.istio.io/exportTo: \"{exportTo.Trim('\'')}\"}}}}", "{ports: [{port: 80}]}"));
        Assert.Equal(isVisible, hosts.Find("a.com", viewer) is not null);
        Assert.Equal(isVisible, hosts.Find("ping.default.svc.cluster.local", viewer) is not null);
        Assert.Equal(isVisible ? 2 : 0, hosts.VisibleTo(viewer).Count());
    }

    [Fact]
    public void Of_hosts_of_one_name_each_namespace_sees_its_own()
    {
        static string Private(string @namespace, string address) => Entry("e", $$"""
            {hosts: [a.com], exportTo: ['.'], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}],
                endpoints: [{address: {{address}}}]}
            """.Trim(), $", namespace: {@namespace}");
        var (hosts, _) = Build(Private("one", "10.0.0.1"), Private("two", "10.0.0.2"));
        Assert.Equal("10.0.0.2:80", Endpoints(hosts.Find("a.com", "two"), 80));
        Assert.Equal("10.0.0.1:80", Endpoints(Assert.Single(hosts.VisibleTo("one")), 80));
        Assert.Null(hosts.Find("a.com", "three"));
    }

    [Theory]
    // Where a request goes when the ServiceEntry has no endpoints: a sidecar knows what the caller asked for, a gateway does not.
    [InlineData("NONE", false, "x.a.com:81", "x.a.com:81")]
    [InlineData("NONE", false, "x.a.com", "x.a.com:80")]
    [InlineData("NONE", true, "x.a.com", null)]
    [InlineData("DYNAMIC_DNS", false, "x.a.com", "x.a.com:80")]
    [InlineData("DYNAMIC_DNS", true, "x.a.com", "x.a.com:80")]
    public void Hosts_without_endpoints_pass_requests_on(string resolution, bool isGateway, string authority, string? expected)
    {
        var (clusters, _) = Clusters.TestCluster.Compile(
            Entry("e", $"{{hosts: ['*.a.com'], resolution: {resolution}, ports: [{{number: 80, name: http, protocol: HTTP}}]}}"),
            new ClusterClient("default", IsGateway: isGateway));
        var cluster = clusters.Find(new ClusterKey("*.a.com", 80))!;
        Assert.Equal(expected, cluster.Choose(new HostChoice(Authority: authority))?.ToString());
    }

    [Fact]
    public void Resolution_NONE_with_a_targetPort_changes_the_port()
    {
        var (clusters, _) = Clusters.TestCluster.Compile(
            Entry("e", "{hosts: [a.com], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8443}]}"));
        Assert.Equal("a.com:8443", $"{clusters.Find(new ClusterKey("a.com", 80))!.Choose(new HostChoice(Authority: "a.com:80"))}");
    }

    [Fact]
    public void A_headless_Service_is_connected_to_directly_by_a_sidecar_and_balanced_by_a_gateway()
    {
        string[] documents = [Service("{name: ping}", "{clusterIP: None, selector: {app: ping}, ports: [{port: 80, name: http}]}"),
            Workload("a", "{address: 10.0.0.1, labels: {app: ping}}")];
        foreach (var (isGateway, expected) in (ReadOnlySpan<(bool, string)>)[(false, "Passthrough"), (true, "LeastRequest")])
        {
            var (clusters, _) = Clusters.TestCluster.Compile(string.Join("\n---\n", documents),
                new ClusterClient("default", IsGateway: isGateway));
            var cluster = Assert.Single(clusters.All);
            Assert.Equal(expected, $"{cluster.Settings.Balancer.Kind}");
            Assert.Equal("10.0.0.1:80", $"{cluster.Choose(default)}");
        }
    }

    [Theory]
    // An ExternalName Service is another name of a host that the mesh knows; of any other only a sidecar knows what to do.
    [InlineData("api.example.com", false, "10.0.0.9:443")]
    [InlineData("api.example.com", true, "10.0.0.9:443")]
    [InlineData("other.example.com", false, "other.example.com:443")]
    [InlineData("other.example.com", true, null)]
    [InlineData("again.default.svc.cluster.local", false, null)]
    public void An_ExternalName_Service_is_an_alias(string target, bool isGateway, string? expected)
    {
        string[] documents =
        [
            Service("{name: ping}", $"{{type: ExternalName, externalName: {target}, ports: [{{port: 443, name: tcp}}]}}"),
            Service("{name: again}", "{type: ExternalName, externalName: api.example.com, ports: [{port: 443, name: tcp}]}"),
            Entry("api", """
                {hosts: [api.example.com], resolution: STATIC, endpoints: [{address: 10.0.0.9}],
                    ports: [{number: 443, name: tcp, protocol: TCP}]}
                """),
        ];
        var (clusters, _) = Clusters.TestCluster.Compile(
            string.Join("\n---\n", documents), new ClusterClient("default", IsGateway: isGateway));
        var cluster = clusters.Find(new ClusterKey("ping.default.svc.cluster.local", 443));
        Assert.Equal(expected, cluster?.Choose(default)?.ToString());
        Assert.Equal(expected is null, cluster is null);
    }

    [Fact]
    public void A_host_found_by_DNS_without_names_is_no_cluster_and_UDP_is_none_either()
    {
        var (clusters, _) = Clusters.TestCluster.Compile(Service("{name: ping}",
            "{type: ExternalName, ports: [{port: 80, name: http}]}") + "\n---\n"
            + Service("{name: dns}", "{ports: [{port: 53, name: dns, protocol: UDP}]}"));
        Assert.Empty(clusters.All);
    }
}
