using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Istio.Documents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.Shared;

namespace Publishing.Tests.Embedded;

/// <summary>
/// What is published, given to the gateway as a folder, acts as the model does when it runs: the same documents, and the same answer to
/// every request at both doors.
/// </summary>
public sealed partial class RoundTripTests : IDisposable
{
    // Where a rule applies and where it stops: the prefix, its edges, its case, encodings, methods, other hosts, and the canary's header.
    private static readonly (string Method, string Path, string? Host, bool AsksForCanary)[] Requests =
    [
        ("GET", "/api/v1/ping", null, false), ("GET", "/api/v1/ping?a=1&b=%20", null, false), ("HEAD", "/api/v1/ping", null, false),
        ("POST", "/api/v1/ping", null, false), ("GET", "/api/v1", null, false), ("GET", "/api/v1/", null, false),
        ("GET", "/api/v1ping", null, false), ("GET", "/api/v12/ping", null, false), ("GET", "/API/V1/ping", null, false),
        ("GET", "/api/v1/PING", null, false), ("GET", "/ping", null, false), ("GET", "/", null, false),
        ("GET", "//api/v1/ping", null, false),
        ("GET", "/api/v1//ping", null, false), ("GET", "/api/v1/%70ing", null, false), ("GET", "/api/v1%2Fping", null, false),
        ("GET", "/api/v1/x/../ping", null, false), ("GET", "/api/v1/missing", null, false), ("GET", "/api/v1/api/v1/ping", null, false),
        ("GET", "/api/v1/ping", "shop.example.com", false), ("GET", "/api/v1/ping", null, true),
    ];

    // What differs from one answer to the next.
    private static readonly string[] Varying = ["Date", "x-request-id", "x-envoy-upstream-service-time", "Content-Length"];

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("canary")]
    [InlineData("chaos")] // Its faults come by chance: the documents are compared, not the answers.
    public async Task Published_documents_act_as_the_running_model(string scenario)
    {
        await Publication.RunAppHostAsync("publish", _folder.File("output"), $"--Scenario={scenario}");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Scenario={scenario}"], Cancellation);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        await using var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        await UntilCompleteAsync(app, scenario);
        var running = app.ResourceNotifications.TryGetCurrentState("mesh", out var mesh)
            ? (string)mesh.Snapshot.Properties.Single(property => property.Name == "mesh.folder").Value!
            : throw new InvalidOperationException("The mesh has no state.");

        foreach (var (name, folders) in Published())
        {
            Assert.Equal(Rules([running]), Rules(folders));
            if (scenario != "chaos")
            {
                await CompareAsync(app, Folder(name, folders, running));
            }
        }
    }

    /// <summary>Waits for all replicas, and for the gateway to know of them: it is started when those of ping are there.</summary>
    private async Task UntilCompleteAsync(DistributedApplication app, string scenario)
    {
        foreach (var resource in app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ProjectResource>())
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(resource.Name, Cancellation);
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var canary = Requests.Single(request => request.AsksForCanary);
        while (scenario == "canary"
            && !(await AnswerAsync(app.GetEndpoint("gateway", "istio"), canary, true)).StartsWith("200", StringComparison.Ordinal))
        {
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    /// <summary>The two forms in which the rules are published: for Istio and an ingress controller, and for our own gateway.</summary>
    private IEnumerable<(string Name, string[] Folders)> Published()
    {
        yield return ("components",
            [_folder.File("output/components/istio"), _folder.File("output/components/ingress"), _folder.File("output/ping")]);
        yield return ("gateway-rules", [_folder.File("output/components/gateway-rules/mesh")]);
    }

    /// <summary>The rules as JSON, by kind and name: without what a cluster's namespace and deployment add to them.</summary>
    private static SortedDictionary<string, string> Rules(IEnumerable<string> folders) => new(
        folders.SelectMany(folder => ResourceReader.ReadPaths([folder]).Documents)
            .Where(document => document.Kind is "Ingress" or "Gateway" or "VirtualService" or "DestinationRule")
            .ToDictionary(document => $"{document.Kind}/{document.Name}", document => document.Json["spec"]!.ToJsonString()),
        StringComparer.Ordinal);

    /// <summary>The published documents with the replicas of the run in the place of a cluster's pods.</summary>
    private string Folder(string name, string[] folders, string running)
    {
        var documents = folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml"))
            .Where(file => Path.GetFileName(file) is not ("kustomization.yaml" or "deployment.yaml" or "workloadentry-ping.yaml"))
            .Concat(Directory.EnumerateFiles(running, "workloadentry-*.yaml"));
        foreach (var file in documents)
        {
            // What the root's kustomization makes one namespace is one here: the default.
            var text = Namespace().Replace(File.ReadAllText(file), "");
            _folder.Write($"{name}/{Path.GetFileName(file)}", text);
        }

        return _folder.File(name);
    }

    private async Task CompareAsync(DistributedApplication app, string folder)
    {
        var (ingress, istio) = (FreePort.Next(), FreePort.Next());
        using var gateway = StartGateway(folder, ingress, istio);
        try
        {
            foreach (var (name, port) in new[] { ("http", ingress), ("istio", istio) })
            {
                await UntilReadyAsync(gateway, port);
                var (expected, door) = (app.GetEndpoint("gateway", name), new Uri($"http://127.0.0.1:{port}"));
                foreach (var request in Requests)
                {
                    // An Ingress knows no versions: there it is any of them.
                    var tellsVersion = port == istio && request.AsksForCanary;
                    var want = await AnswerAsync(expected, request, tellsVersion);
                    var got = await AnswerAsync(door, request, tellsVersion);
                    Assert.True(want == got, $"{door} {request}: {got} instead of {want}");
                }

                Assert.Equal(await InstancesAsync(expected), await InstancesAsync(door));
            }
        }
        finally
        {
            gateway.Kill(entireProcessTree: true);
            await gateway.WaitForExitAsync(Cancellation);
        }
    }

    /// <summary>Status, headers and body, without what varies, and which of the instances it was.</summary>
    private async Task<string> AnswerAsync(Uri door, (string Method, string Path, string? Host, bool AsksForCanary) request,
        bool tellsVersion)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), Exactly(door, request.Path));

        // A host's port is part of it; the doors have different ones.
        message.Headers.Host = request.Host ?? "localhost";
        if (request.AsksForCanary)
        {
            message.Headers.Add("x-canary", "true");
        }

        using var response = await _client.SendAsync(message, Cancellation);
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => !Varying.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal);
        var body = Pong().Replace(await response.Content.ReadAsStringAsync(Cancellation), tellsVersion ? "pong at $1" : "pong");
        return string.Join('\n', [$"{(int)response.StatusCode}", .. headers, body]);
    }

    private async Task<SortedSet<string>> InstancesAsync(Uri door)
    {
        var instances = new SortedSet<string>(StringComparer.Ordinal);

        // The canary's share is a tenth: it is asked for by its header.
        for (var i = 0; i < 12; i++)
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(door, "/api/v1/ping"));
            message.Headers.Host = "localhost";
            instances.Add(Pong().Match(await (await _client.SendAsync(message, Cancellation)).Content.ReadAsStringAsync(Cancellation))
                .Groups[2].Value);
        }

        instances.RemoveWhere(name => name.StartsWith("ping-v2-", StringComparison.Ordinal));
        Assert.Equal(3, instances.Count);
        return instances;
    }

    private static Uri Exactly(Uri door, string path) =>
        new($"{door.GetLeftPart(UriPartial.Authority)}{path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static Process StartGateway(string folder, int ingress, int istio)
    {
        var configuration = typeof(RoundTripTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var program = Path.Combine(Repository.Root, "Gateway", "bin", configuration, "net10.0", "Gateway.dll");
        return Process.Start(new ProcessStartInfo(
            "dotnet",
            [program, "--mesh", folder, "--urls", $"http://127.0.0.1:{ingress}", "--istio-door", $"http://127.0.0.1:{istio}", "--admin", "none"]))!;
    }

    private async Task UntilReadyAsync(Process gateway, int port)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            Assert.False(gateway.HasExited, "The gateway ended early.");
            try
            {
                using var response = await _client.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"), Cancellation);
                return;
            }
            catch (HttpRequestException)
            {
                await timer.WaitForNextTickAsync(Cancellation);
            }
        }
    }

    // Group 1 tells the version, group 2 the instance.
    [GeneratedRegex(@"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]+ UTC \d+\\n pong at (?=(ping(?:-v2)?)-)([\w-]+)")]
    private static partial Regex Pong();

    [GeneratedRegex(@"^  namespace: .*\n", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
