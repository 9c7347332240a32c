using Hosting.Istio.Publishing.Aspirate;
using Hosting.Istio.Publishing.Components;
using Istio.Documents;
using Istio.Validation;
using k8s;
using k8s.Models;

namespace Publishing.Tests;

/// <summary>aspirate-output as it is committed: what the AppHost makes of its model, and what a cluster would take.</summary>
public sealed class CommittedOutputTests : IDisposable
{
    private static readonly Dictionary<string, Func<string, object>> CoreKinds = new()
    {
        ["Namespace"] = Strictly<V1Namespace>,
        ["ServiceAccount"] = Strictly<V1ServiceAccount>,
        ["Deployment"] = Strictly<V1Deployment>,
        ["Service"] = Strictly<V1Service>,
        ["Ingress"] = Strictly<V1Ingress>,
        ["HorizontalPodAutoscaler"] = Strictly<V2HorizontalPodAutoscaler>,
        ["PodDisruptionBudget"] = Strictly<V1PodDisruptionBudget>,
        ["NetworkPolicy"] = Strictly<V1NetworkPolicy>,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_what_the_AppHost_publishes()
    {
        await Publication.RunAppHostAsync("publish", _folder.Path);

        var published = Repository.Files(_folder.Path);
        var committed = Repository.Files(Repository.Output);
        Assert.Equal(published.Keys, committed.Keys);
        Assert.All(published, file => Assert.Equal(file.Value, committed[file.Key]));
    }

    [Fact]
    public async Task A_manifest_run_writes_the_components_and_nothing_that_is_aspirate_s()
    {
        var output = _folder.File("output");
        await Publication.RunAppHostAsync("publish-manifest", output, "--output-path", _folder.File("manifest.json"));

        var expected = Repository.Files(Repository.Output).Where(file => ComponentSet.Owns(file.Key)).ToDictionary();
        Assert.Equal(expected, Repository.Files(output));
        Assert.True(File.Exists(_folder.File("manifest.json")));
    }

    [Fact]
    public void Every_core_object_has_only_fields_that_Kubernetes_knows()
    {
        var count = 0;
        foreach (var (file, document) in Documents())
        {
            if (CoreKinds.TryGetValue(document.Kind, out var read) && !PublishedMesh.IsGatewayApi(document))
            {
                Assert.True(read(ResourceWriter.Write(document)) is not null, file);
                count++;
            }
        }

        Assert.True(count >= 15, $"only {count} core objects were found");
    }

    [Fact]
    public void Every_document_is_read_without_a_finding_and_the_mesh_is_valid()
    {
        Assert.All(Repository.Files(Repository.Output).Where(IsDocument), file =>
            Assert.Empty(ResourceReader.ReadText(file.Value, file.Key).Findings));

        // As a cluster has it: the services, the chosen rules and the workloads.
        var applied = Repository.Files(Repository.Output)
            .Where(file => IsDocument(file) && !file.Key.Contains("/gateway-rules/", StringComparison.Ordinal)
                && !file.Key.Contains("/gateway-api/", StringComparison.Ordinal))
            .SelectMany(file => ResourceReader.ReadText(file.Value, file.Key).Documents);
        Assert.Empty(Validator.Validate(new ResourceSet([.. applied], [])).Where(finding => finding.Severity == Severity.Error));

        // As our own gateway has it: the folder of its ConfigMap alone.
        var mounted = ResourceReader.ReadPaths([Path.Combine(Repository.Output, "components", GatewayRules.Folder, "mesh")]);
        Assert.Empty(Validator.Validate(mounted).Where(finding => finding.Severity == Severity.Error));
    }

    [Fact]
    public void The_deployment_is_the_seed_s_with_what_production_needs()
    {
        var deployment = Documents().Select(pair => pair.Document).Where(document => document is { Kind: "Deployment", Name: "ping" })
            .Select(document => Strictly<V1Deployment>(ResourceWriter.Write(document))).OfType<V1Deployment>().Single();
        Assert.Equal(3, deployment.Spec.Replicas);
        Assert.Equal("RollingUpdate", deployment.Spec.Strategy.Type);
        var pod = deployment.Spec.Template.Spec;
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        var container = Assert.Single(pod.Containers);
        Assert.Equal("registry.example.com/ping-service:latest", container.Image);
        Assert.Equal(["/health", "/health", "/alive"],
            new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }.Select(probe => probe.HttpGet.Path));
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);

        // ServiceDefaults' drain, and the host's time for the requests in flight.
        Assert.True(pod.TerminationGracePeriodSeconds > 3 + 30);
    }

    [Fact]
    public async Task Publishing_again_touches_nothing_and_takes_less_than_a_second()
    {
        await Publication.RunAppHostAsync("publish", _folder.Path);
        var old = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, old);
        }

        // The time of the processor, because the machine may be busy with something else, and the least of some rounds, because this
        // process may be, too: other tests run in it.
        var least = TimeSpan.MaxValue;
        for (var round = 0; round < 10 && least > TimeSpan.FromSeconds(1); round++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            await Publication.RunAppHostAsync("publish", _folder.Path);
            var taken = Environment.CpuUsage.TotalTime - cpu;
            least = taken < least ? taken : least;
        }

        Assert.InRange(least, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.All(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories), file =>
            Assert.Equal(old, File.GetLastWriteTimeUtc(file)));
    }

    private static bool IsDocument(KeyValuePair<string, string> file) => !file.Key.EndsWith("kustomization.yaml", StringComparison.Ordinal);

    private static IEnumerable<(string File, ResourceDocument Document)> Documents() =>
        Repository.Files(Repository.Output).Where(IsDocument)
        .SelectMany(file => ResourceReader.ReadText(file.Value, file.Key).Documents.Select(document => (file.Key, document)));

    private static object Strictly<T>(string yaml)
        where T : class => KubernetesYaml.Deserialize<T>(yaml, strict: true);
}
