using System.ComponentModel;
using System.Diagnostics;
using Hosting.Istio.Publishing.Components;
using Istio.Documents;

namespace Publishing.Tests;

/// <summary>What kustomize makes of the output: each capability alone, and all together.</summary>
public sealed class KustomizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Choices => [.. ComponentSet.Names, "ingress,nodeport,istio", string.Join(',', ComponentSet.Names)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Choices))]
    public async Task Components_can_be_composed(string components)
    {
        await Publication.RunAppHostAsync("publish", _folder.Path, $"--Components={components}");

        var objects = await BuildAsync(_folder.Path);

        Assert.Contains(("Namespace", "demo"), objects.Keys);
        Assert.All(objects.Where(pair => pair.Key.Kind != "Namespace"), pair => Assert.Equal("demo", pair.Value.Namespace));
        Assert.Equal(components.Contains("nodeport", StringComparison.Ordinal), objects.ContainsKey(("Service", "ping-node-port")));
        Assert.Equal(components.Contains("ingress", StringComparison.Ordinal), objects.ContainsKey(("Ingress", "gateway")));
        Assert.Equal(components.Contains("autoscaling", StringComparison.Ordinal), objects.ContainsKey(("HorizontalPodAutoscaler", "ping")));

        // An autoscaler and a number of replicas would take turns.
        Assert.Equal(components.Contains("autoscaling", StringComparison.Ordinal), objects[("Deployment", "ping")].Json["spec"]!["replicas"] is null);

        // Our own gateway starts with its rules, whatever was chosen.
        var rules = objects[("ConfigMap", "gateway-mesh")].Json["data"]!.AsObject();
        Assert.Contains("service-ping.yaml", rules.Select(file => file.Key));
        Assert.Contains(("Service", "ping-pods"), objects.Keys);
    }

    [Theory]
    [InlineData("canary")]
    [InlineData("chaos")]
    public async Task A_scenario_is_published_as_it_runs(string scenario)
    {
        await Publication.RunAppHostAsync("publish", _folder.Path, $"--Scenario={scenario}");
        var objects = await BuildAsync(_folder.Path);
        Assert.Equal(scenario == "canary", objects.ContainsKey(("Deployment", "ping-v2")));
        Assert.NotEqual(
            File.ReadAllText(Path.Combine(Repository.Output, "components/istio/virtualservice-ping.yaml")),
            File.ReadAllText(_folder.File("components/istio/virtualservice-ping.yaml")));
    }

    [Fact]
    public async Task Capabilities_that_a_model_has_no_use_for_are_empty()
    {
        var builder = Publication.Declare(_folder, "publish", $"--AspirateOutput={_folder.File("output")}", "--Components=nodeport,ingress,gateway-api");
        builder.AddProject(_folder, "worker");
        builder.AddIstio("mesh");
        await builder.PublishAsync();
        Assert.DoesNotContain((await BuildAsync(_folder.File("output"))).Keys, key => key.Kind is "Ingress" or "HTTPRoute" or "Service");
    }

    [Fact]
    public async Task Versions_workers_and_containers_with_volumes_can_be_composed_too()
    {
        var builder = Publication.Declare(_folder, "publish", $"--AspirateOutput={_folder.File("output")}", "--Components=istio");
        var ping = builder.AddProject(_folder, "ping").WithHttpEndpoint();
        builder.AddProject(_folder, "ping-v2").WithHttpEndpoint().AsVersionOf(ping, "v2");
        builder.AddProject(_folder, "worker");
        builder.AddContainer("cache", "redis", "8").WithVolume("data", "/data").WithEndpoint(targetPort: 6379, scheme: "tcp", name: "tcp");
        builder.AddIstio("mesh");
        await builder.PublishAsync();

        var objects = await BuildAsync(_folder.File("output"));

        Assert.DoesNotContain(("Service", "ping-v2"), objects.Keys);
        Assert.DoesNotContain(("Service", "worker"), objects.Keys);
        Assert.Contains(("StatefulSet", "cache"), objects.Keys);
        var labels = objects[("Deployment", "ping-v2")].Json["spec"]!["template"]!["metadata"]!["labels"]!;
        Assert.Equal(("ping", "v2"), ((string?)labels["app"], (string?)labels["version"]));
    }

    private static async Task<Dictionary<(string Kind, string Name), ResourceDocument>> BuildAsync(string folder)
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip("kubectl is not on the PATH; install it to compose the components.");
        }

        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);

        // Istio and the Gateway API both have a Gateway.
        return ResourceReader.ReadText(output, "kustomize").Documents.DistinctBy(document => (document.Kind, document.Name))
            .ToDictionary(document => (document.Kind, document.Name));
    }
}
