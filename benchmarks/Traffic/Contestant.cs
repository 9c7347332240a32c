using System.Diagnostics;

namespace Benchmarks.Traffic;

/// <summary>A running proxy that the load is sent to.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Url">What is asked for.</param>
/// <param name="ProcessId">The process, with its children, whose CPU time and memory count.</param>
/// <param name="Stop">Ends it.</param>
internal sealed record Contestant(string Name, string Url, int ProcessId, Func<Task> Stop)
{
    private const string Path = "/api/v1/ping";

    public static Contestant Nginx(string name, IReadOnlyList<int> replicas, int routes = 1)
    {
        var port = Programs.FreePort();
        var nginx = Traffic.Nginx.Proxy(port, replicas, routes);
        return new(name, $"http://127.0.0.1:{port}{Path}", nginx.Id, () =>
        {
            nginx.Dispose();
            return Task.CompletedTask;
        });
    }

    public static Contestant NaiveYarp(IEnumerable<int> replicas)
    {
        var address = $"http://127.0.0.1:{Programs.FreePort()}";
        var process = Programs.Start("benchmarks/NaiveYarp", "", new Dictionary<string, string>(),
            [address, .. replicas.Select(replica => $"http://127.0.0.1:{replica}")]);
        return new("naive YARP", address + Path, process.Id, () => Programs.StopAsync(process));
    }

    public static Contestant IngressDoor(string name, IEnumerable<int> replicas, int routes = 1) =>
        Gateway(name, MeshDocuments.Ingress(replicas, routes), isIngress: true);

    public static Contestant IstioDoor(string name, string documents) => Gateway(name, documents, isIngress: false);

    private static Contestant Gateway(string name, string documents, bool isIngress)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-");
        File.WriteAllText(System.IO.Path.Combine(folder.FullName, "mesh.yaml"), documents);
        var (ingress, istio, admin) = (Address(), Address(), Address());
        Process process = Programs.Start("Gateway", "", new Dictionary<string, string>(),
            "--mesh", folder.FullName, "--urls", ingress, "--istio-door", istio, "--admin", admin);
        return new(name, (isIngress ? ingress : istio) + Path, process.Id, async () =>
        {
            await Programs.StopAsync(process);
            folder.Delete(recursive: true);
        });

        static string Address() => $"http://127.0.0.1:{Programs.FreePort()}";
    }
}
