namespace Benchmarks.Startup;

/// <summary>The documents that a gateway is given: the rules as they are, and the places of other replicas.</summary>
internal sealed record MeshFolder(IReadOnlyDictionary<string, string> Rules)
{
    private const string WorkloadPrefix = "workloadentry-";

    /// <summary>Reads the rules of a folder.</summary>
    public static MeshFolder Read(string folder) => new(Directory.EnumerateFiles(folder, "*.yaml")
        .Where(file => !Path.GetFileName(file).StartsWith(WorkloadPrefix, StringComparison.Ordinal))
        .ToDictionary(file => Path.GetFileName(file), File.ReadAllText));

    /// <summary>Writes the same rules, and the replicas' places.</summary>
    public async Task WriteAsync(string folder, IReadOnlyList<int> replicas)
    {
        foreach (var (name, text) in Rules)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), text);
        }

        for (var i = 0; i < replicas.Count; i++)
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"{WorkloadPrefix}ping-{i}.yaml"),
                $$"""
                apiVersion: networking.istio.io/v1
                kind: WorkloadEntry
                metadata: { name: ping-{{i}}, labels: { app: ping, version: v1 } }
                spec: { address: 127.0.0.1, ports: { http: {{replicas[i]}} }, labels: { app: ping, version: v1 } }
                """);
        }
    }
}
