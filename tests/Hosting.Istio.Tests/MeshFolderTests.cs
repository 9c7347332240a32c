using Istio.Networking;
using k8s.Models;

namespace Hosting.Istio.Tests;

public class MeshFolderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_writes_the_rules_and_a_Service_per_service_before_any_replica()
    {
        var builder = Model.Create();
        var ping = builder.AddService("ping");
        builder.AddIstio("mesh").WithIngress("gateway", ingress => ingress.RewriteTarget("/$2").Path("/api/v1(/|$)(.*)", ping));
        await using var app = builder.Build();

        await app.StartAsync(Cancellation);

        Assert.Equal(["ingress-gateway.yaml", "service-ping.yaml"], app.Files());
        var service = (V1Service)app.Document("service-ping.yaml").Resource;
        Assert.Equal("ping", service.Spec.Selector["app"]);
        Assert.Equal(("http", 8080, "8080"), (service.Spec.Ports[0].Name, service.Spec.Ports[0].Port, service.Spec.Ports[0].TargetPort.Value));
        Assert.Equal(
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              annotations:
                nginx.ingress.kubernetes.io/rewrite-target: /$2
              name: gateway
            spec:
              ingressClassName: nginx
              rules:
              - http:
                  paths:
                  - backend:
                      service:
                        name: ping
                        port:
                          name: http
                    path: /api/v1(/|$)(.*)
                    pathType: ImplementationSpecific

            """,
            await File.ReadAllTextAsync(Path.Combine(app.Folder(), "ingress-gateway.yaml"), Cancellation));
    }

    [Fact]
    public async Task A_replica_is_in_the_folder_as_long_as_it_runs()
    {
        var builder = Model.Create();
        var ping = builder.AddService("ping");
        builder.AddIstio("mesh");
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);

        await app.PublishReplicaAsync(ping.Resource, "ping-x7k2p", 40123);
        await Model.UntilAsync(() => app.Files().Contains("workloadentry-ping-x7k2p.yaml"), "a healthy replica appears");
        var entry = (WorkloadEntry)app.Document("workloadentry-ping-x7k2p.yaml").Resource;
        Assert.Equal("127.0.0.1", entry.Spec.Address);
        Assert.Equal([KeyValuePair.Create("http", 40123u)], entry.Spec.Ports);
        Assert.Equal([KeyValuePair.Create("app", "ping"), KeyValuePair.Create("version", "v1")], entry.Spec.Labels);

        await app.PublishReplicaAsync(ping.Resource, "ping-x7k2p", 40123, running: false);
        await Model.UntilAsync(() => !app.Files().Contains("workloadentry-ping-x7k2p.yaml"), "one that ended goes");

        await app.PublishReplicaAsync(ping.Resource, "ping-x7k2p", 40123);
        await Model.UntilAsync(() => app.Files().Contains("workloadentry-ping-x7k2p.yaml"), "and returns when it runs again");
    }

    [Fact]
    public async Task Another_version_has_no_Service_of_its_own_and_carries_the_labels_that_subsets_select()
    {
        var builder = Model.Create();
        var ping = builder.AddService("ping");
        var other = builder.AddService("ping-v2").AsVersionOf(ping, "v2");
        builder.AddIstio("mesh");
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);

        await app.PublishReplicaAsync(other.Resource, "ping-v2-bcdfg", 40124);
        await Model.UntilAsync(() => app.Files().Contains("workloadentry-ping-v2-bcdfg.yaml"), "the other version's replica appears");

        Assert.DoesNotContain("service-ping-v2.yaml", app.Files());
        var entry = (WorkloadEntry)app.Document("workloadentry-ping-v2-bcdfg.yaml").Resource;
        Assert.Equal([KeyValuePair.Create("app", "ping"), KeyValuePair.Create("version", "v2")], entry.Spec.Labels);
    }

    [Fact]
    public async Task The_folder_goes_with_the_application()
    {
        var builder = Model.Create();
        builder.AddService("ping");
        builder.AddIstio("mesh");
        string folder;
        await using (var app = builder.Build())
        {
            await app.StartAsync(Cancellation);
            folder = app.Folder();
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData(true, 31001)]
    [InlineData(false, null)] // A port in the manifest would become the Service's own.
    public void A_NodePort_is_the_endpoint_s_port_in_a_run_only(bool run, int? expected)
    {
        var builder = run ? Model.Create() : Model.Create("--operation", "publish", "--step", "publish");

        var ping = builder.AddService("ping").WithNodePort(31001);

        Assert.Equal(expected, ping.Resource.Annotations.OfType<EndpointAnnotation>().Single().Port);
    }
}
