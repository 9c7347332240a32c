using Istio.Documents;
using Istio.Networking;

namespace Hosting.Istio.Tests;

public sealed class ValidationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rules-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_error_in_a_rule_written_in_CSharp_stops_the_start_and_says_where()
    {
        var builder = Model.Create();
        builder.AddService("ping");
        builder.AddIstio("mesh").WithResources(new VirtualService
        {
            Metadata = new() { Name = "ping" },
            Spec = new() { Hosts = ["ping"], Http = [new HTTPRoute { Timeout = new Duration("soon"), Route = [new() { Destination = new() { Host = "ping" } }] }] },
        });
        await using var app = builder.Build();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(Cancellation));

        Assert.StartsWith("virtualservice-ping.yaml:", error.Message, StringComparison.Ordinal);
        Assert.Contains(" error IST0106 VirtualService/ping spec.http[0].timeout: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_YAML_that_was_brought_along_names_its_file_and_line()
    {
        var file = Path.Combine(_folder.FullName, "rules.yaml");
        await File.WriteAllTextAsync(file, "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n\tname: ping\n", Cancellation);
        var builder = Model.Create();
        builder.AddIstio("mesh").WithYaml(file);
        await using var app = builder.Build();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(Cancellation));

        Assert.StartsWith($"{file}:4: error ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task YAML_that_was_brought_along_reaches_the_folder_with_every_field()
    {
        var file = Path.Combine(_folder.FullName, "rules.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            apiVersion: networking.istio.io/v1beta1
            kind: DestinationRule
            metadata:
              name: ping
            spec:
              host: ping
              trafficPolicy:
                loadBalancer: { simple: ROUND_ROBIN }
            """,
            Cancellation);
        var builder = Model.Create();
        builder.AddService("ping");
        builder.AddIstio("mesh").WithYaml(file);
        await using var app = builder.Build();

        await app.StartAsync(Cancellation);

        var rule = app.Document("destinationrule-ping.yaml");
        Assert.Equal("networking.istio.io/v1beta1", rule.ApiVersion);
        Assert.Equal("ROUND_ROBIN", ((DestinationRule)rule.Resource).Spec.TrafficPolicy!.LoadBalancer!.Simple);
    }

    [Fact]
    public async Task A_publish_stops_on_an_error_too()
    {
        var builder = Model.Create("--operation", "publish", "--step", "publish");
        builder.AddIstio("mesh").WithYaml(Path.Combine(_folder.FullName, "absent.yaml"));
        await using var app = builder.Build();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(Cancellation));

        Assert.Contains("absent.yaml", error.Message, StringComparison.Ordinal);
    }
}
