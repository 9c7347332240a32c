using System.Diagnostics;

namespace Benchmarks.Traffic;

/// <summary>A running proxy that the load is sent to.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Url">What is asked for.</param>
/// <param name="Process">The process whose CPU time and memory count, with its children.</param>
/// <param name="Stop">Ends it.</param>
internal sealed record Contestant(string Name, string Url, Process Process, Func<Task> Stop)
{
    private const string Path = "/api/v1/ping";

    /// <summary>The headers of its requests.</summary>
    public IReadOnlyList<string> Headers { get; init; } = ["x-user: 42"];

    /// <summary>The same with a header that no gateway sends on, but that makes a request none of those the gateway serves without Kestrel.</summary>
    public Contestant NotPlain() => this with { Headers = [.. Headers, "TE: deflate"] };

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It has ended instead.</exception>
    public async Task UntilHealthyAsync()
    {
        try
        {
            await Programs.UntilHealthyAsync(Url, Process);
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
        {
            throw new InvalidOperationException($"{Name}: {exception.Message}", exception);
        }
    }

    public static Contestant Nginx(string name, IReadOnlyList<int> replicas, int routes = 1)
    {
        var port = Programs.FreePort();
        var nginx = Traffic.Nginx.Proxy(port, replicas, routes);
        return new(name, $"http://127.0.0.1:{port}{Path}", nginx.Process, () =>
        {
            nginx.Dispose();
            return Task.CompletedTask;
        });
    }

    public static Contestant NaiveYarp(IEnumerable<int> replicas) => Program("naive YARP", "benchmarks/NaiveYarp", replicas);

    public static Contestant ByteRelay(IEnumerable<int> replicas) => Program("bytes only", "benchmarks/ByteRelay", replicas);

    public static Contestant IngressDoor(string name, IEnumerable<int> replicas, int routes = 1) =>
        Gateway(name, MeshDocuments.Ingress(replicas, routes), isIngress: true);

    public static Contestant IstioDoor(string name, IEnumerable<int> replicas, int routes = 1) =>
        Gateway(name, MeshDocuments.Istio(replicas, routes), isIngress: false);

    public static Contestant IstioDoor(IEnumerable<int> replicas, Feature feature)
    {
        var contestant = Gateway($"Istio door, {feature.Name}", MeshDocuments.Istio(replicas, feature), isIngress: false);
        return feature.Header is { } header ? contestant with { Headers = [.. contestant.Headers, header] } : contestant;
    }

    /// <summary>A program that is told its address and those of the replicas.</summary>
    private static Contestant Program(string name, string project, IEnumerable<int> replicas)
    {
        var address = Address();
        var process = Programs.Start(project, "", new Dictionary<string, string>(),
            [address, .. replicas.Select(replica => $"http://127.0.0.1:{replica}")]);
        return new(name, address + Path, process, () => Programs.StopAsync(process));
    }

    private static Contestant Gateway(string name, string documents, bool isIngress)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-");
        File.WriteAllText(System.IO.Path.Combine(folder.FullName, "mesh.yaml"), documents);
        var (ingress, istio, admin) = (Address(), Address(), Address());
        var process = Programs.Start("Gateway", "", new Dictionary<string, string>(),
            "--mesh", folder.FullName, "--urls", ingress, "--istio-door", istio, "--admin", admin);
        return new(name, (isIngress ? ingress : istio) + Path, process, async () =>
        {
            await Programs.StopAsync(process);
            folder.Delete(recursive: true);
        });
    }

    private static string Address() => $"http://127.0.0.1:{Programs.FreePort()}";
}
