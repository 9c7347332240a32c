using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Hosting.Istio.Publishing.Components;
using Istio.Documents;
using Istio.Security;

namespace Hosting.Istio.Deployment;

/// <summary>
/// Checks what runs in a cluster against the model: roll-outs, sidecars, mutual TLS, path normalisation, which instances answer at an
/// address, and if asked the conformance suite. Every check is a line; one that fails makes the whole fail.
/// </summary>
internal sealed class ClusterVerification
{
    private const int RequestsPerAddress = 30;

    private readonly Kubectl _kubectl;
    private readonly PublishedMesh _mesh;
    private readonly HttpClient _client;
    private readonly ConformanceSuite? _conformance;
    private readonly TextWriter _output;
    private int _failed;

    public ClusterVerification(Kubectl kubectl, PublishedMesh mesh, HttpClient client, ConformanceSuite? conformance, TextWriter output)
    {
        _kubectl = kubectl;
        _mesh = mesh;
        _client = client;
        _conformance = conformance;
        _output = output;
    }

    private string Namespace => _mesh.Options.Namespace;

    /// <summary>Runs all checks.</summary>
    /// <exception cref="DistributedApplicationException">A check failed.</exception>
    public async Task RunAsync(IReadOnlyList<Uri> addresses, CancellationToken cancellationToken)
    {
        await _output.WriteLineAsync($"Context {await _kubectl.ContextAsync(cancellationToken)}, namespace {Namespace}");
        var pods = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var service in _mesh.Services.Concat(_mesh.Gateways))
        {
            await CheckAsync($"{service.Name} is rolled out", () => RollOutAsync(service, cancellationToken));
            await CheckAsync(
                $"{service.Name} has its sidecars",
                async () => pods[service.Name] = await SidecarsAsync(service, cancellationToken));
        }

        await CheckAsync($"mTLS is {ExpectedMode()}", () => MutualTlsAsync(cancellationToken));
        if (RootNamespaceRules.NeedsPathNormalization(_mesh))
        {
            await CheckAsync("the mesh normalises paths", () => PathNormalizationAsync(cancellationToken));
        }

        foreach (var address in addresses)
        {
            await CheckAsync($"several instances answer at {address}", () => InstancesAsync(address, pods, cancellationToken));
        }

        if (_conformance is not null)
        {
            await CheckAsync($"the conformance suite passes at {_conformance.Target}", () => _conformance.RunAsync(cancellationToken));
        }

        if (_failed > 0)
        {
            throw new DistributedApplicationException($"{_failed} {(_failed == 1 ? "check" : "checks")} failed.");
        }
    }

    private async Task CheckAsync(string what, Func<Task> check)
    {
        try
        {
            await check();
            await _output.WriteLineAsync($"ok      {what}");
        }
        catch (Exception exception) when (exception is DistributedApplicationException or HttpRequestException)
        {
            _failed++;
            await _output.WriteLineAsync($"FAILED  {what}: {exception.Message}");
        }
    }

    private Task<string> RollOutAsync(IResourceWithEndpoints service, CancellationToken cancellationToken) => _kubectl.ReadAsync(
        cancellationToken, "-n", Namespace, "rollout", "status", $"deployment/{service.Name}", "--timeout=120s");

    /// <summary>Each pod has its own container and Istio's, both ready: the seed's 2/2. A native sidecar is an init container.</summary>
    private async Task<string[]> SidecarsAsync(IResourceWithEndpoints service, CancellationToken cancellationToken)
    {
        var list = await _kubectl.ReadAsync(cancellationToken, "-n", Namespace, "get", "pods", "-l", $"app={service.Name}", "-o", "json");
        var pods = JsonNode.Parse(list)?["items"] as JsonArray ?? [];
        if (pods.Count == 0)
        {
            throw new DistributedApplicationException($"there is no pod with the label app={service.Name}");
        }

        foreach (var pod in pods)
        {
            var name = (string?)pod!["metadata"]?["name"];
            var ready = Ready(pod, "containerStatuses").Concat(Ready(pod, "initContainerStatuses")).ToHashSet(StringComparer.Ordinal);
            if (!ready.Contains("istio-proxy") || ready.Count < 2)
            {
                var running = ready.Count == 0 ? "no container" : string.Join(", ", ready.Order(StringComparer.Ordinal));
                throw new DistributedApplicationException(
                    $"pod {name} has {running} ready; is the namespace labelled istio-injection=enabled, and were the pods created after " +
                        "that?");
            }
        }

        return [.. pods.Select(pod => (string)pod!["metadata"]!["name"]!)];
    }

    private static IEnumerable<string> Ready(JsonNode pod, string statuses) => (pod["status"]?[statuses] as JsonArray ?? [])
        .Where(container => (bool?)container!["ready"] == true && container["state"]?["running"] is not null)
        .Select(container => (string)container!["name"]!);

    private async Task MutualTlsAsync(CancellationToken cancellationToken)
    {
        const string ModesOfTheNamespace = "jsonpath={range .items[?(!@.spec.selector)]}{.spec.mtls.mode}{\"\\n\"}{end}";
        var mode = (await _kubectl.ReadAsync(
            cancellationToken, "-n", Namespace, "get", "peerauthentications.security.istio.io", "-o", ModesOfTheNamespace))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "PERMISSIVE";
        if (mode != ExpectedMode())
        {
            throw new DistributedApplicationException($"it is {mode} in namespace {Namespace}; apply what was published");
        }
    }

    private string ExpectedMode() => _mesh.ApplicationRules.Select(rule => rule.Resource).OfType<PeerAuthentication>()
        .Where(authentication => authentication.Spec.Selector?.MatchLabels is null or { IsEmpty: true })
        .Select(authentication => authentication.Spec.Mtls?.Mode).FirstOrDefault()
        ?? (_mesh.Options.StrictMtls ? MutualTlsMode.Strict : MutualTlsMode.Permissive);

    private async Task PathNormalizationAsync(CancellationToken cancellationToken)
    {
        var mesh = await _kubectl.ReadAsync(
            cancellationToken, "-n", PublishedMesh.RootNamespace, "get", "configmap", "istio", "-o", "jsonpath={.data.mesh}");
        if (!mesh.Contains("DECODE_AND_MERGE_SLASHES", StringComparison.Ordinal))
        {
            throw new DistributedApplicationException(
                "a policy matches paths; install Istio with istio-system/istioctl-install.yaml, or //secret gets past it");
        }
    }

    /// <summary>The names of pods in the answers: an instance says its name, as the seed's does.</summary>
    private async Task InstancesAsync(Uri address, Dictionary<string, string[]> pods, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var known = pods.Values.SelectMany(names => names).ToList();
        for (var i = 0; i < RequestsPerAddress; i++)
        {
            using var response = await _client.GetAsync(address, cancellationToken);
            var body = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
            seen.UnionWith(known.Where(name => body.Contains(name, StringComparison.Ordinal)));
        }

        var service = pods.FirstOrDefault(pair => pair.Value.Any(seen.Contains));
        if (service.Key is null || seen.Count < Math.Min(2, service.Value.Length))
        {
            var who = seen.Count == 0 ? "none names a pod" : $"all came from {string.Join(", ", seen)}";
            throw new DistributedApplicationException($"of {RequestsPerAddress} answers, {who}");
        }
    }
}
