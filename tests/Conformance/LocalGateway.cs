using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Conformance.Cases;
using Conformance.Time;
using Gateway;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Proxy;
using Gateway.Requests;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Conformance;

/// <summary>The gateway of this repository, in this process, on a clock that stands still and with chance from a seed.</summary>
internal sealed class LocalGateway : IGateway
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-");
    private readonly ConcurrentDictionary<string, ConcurrentBag<RawClient>> _clients = new();
    private readonly Channel<ResponseFlags> _flags = Channel.CreateUnbounded<ResponseFlags>();
    private readonly CancellationToken _cancellation;
    private readonly string _fixture;
    private readonly MeshLoader _loader;
    private WebApplication? _app;

    private LocalGateway(ConformanceCase @case, string fixture, VirtualTime time, Random random, CancellationToken cancellation)
    {
        (_fixture, _cancellation) = (fixture, cancellation);
        _loader = new MeshLoader(_folder.FullName, Services(@case), time, random);
    }

    /// <summary>Starts a gateway for a case.</summary>
    /// <param name="case">The case.</param>
    /// <param name="fixture">The documents that stay when others are replaced.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends waiting for responses.</param>
    public static async Task<LocalGateway> StartAsync(ConformanceCase @case, string fixture, VirtualTime time, CancellationToken cancellation)
    {
        var random = new SeededRandom(@case.Seed);
        var gateway = new LocalGateway(@case, fixture, time, random, cancellation);
        try
        {
            await gateway.StartAsync(Services(@case), CaseDocuments.Write(@case), time, random);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async Task<RawResponse> SendAsync(string door, string request)
    {
        var clients = _clients.GetOrAdd(door, _ => []);
        if (!clients.TryTake(out var client))
        {
            client = new RawClient(_app!.Services.GetRequiredService<DoorListeners>().PortOf($"{door}-0"), _cancellation);
        }

        try
        {
            return await client.SendAsync(request);
        }
        finally
        {
            clients.Add(client);
        }
    }

    public Task ApplyAsync(string yaml)
    {
        _app!.Services.GetRequiredService<MeshState>().Replace(Load(yaml));
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<string>> FlagsAsync(int count)
    {
        var flags = new List<string>();
        while (flags.Count < count)
        {
            flags.Add((await _flags.Reader.ReadAsync(_cancellation)) is var one && one == ResponseFlags.None ? "-" : one.ToString().Replace(" ", "", StringComparison.Ordinal));
        }

        return flags;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values.SelectMany(clients => clients))
        {
            client.Dispose();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _loader.Dispose();
        _folder.Delete(recursive: true);
    }

    private static ImmutableArray<ServiceAddress> Services(ConformanceCase @case) => @case.Door != "mesh"
        ? []
        : [.. @case.EndpointNames.Select(CaseDocuments.ServiceOf).Distinct()
            .Select(service => new ServiceAddress($"{service}.default.svc.cluster.local", 8080, "http://127.0.0.1:0"))];

    private async Task StartAsync(ImmutableArray<ServiceAddress> services, string yaml, VirtualTime time, Random random)
    {
        var doors = new DoorOptions
        {
            Urls = ["http://127.0.0.1:0"],
            IstioDoors = [new IstioDoorAddress(null, "http://127.0.0.1:0")],
            Services = services,
        };
        _app = GatewayApplication.Build(_loader, Load(yaml), doors, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Error);
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton(random);

            // Documents are replaced by steps of the case, not by the clock.
            builder.Services.RemoveAll<IHostedService>();
        });
        _app.Services.GetRequiredService<ProxyHandler>().Ended = request => _flags.Writer.TryWrite(request.Flags);
        await _app.StartAsync(_cancellation);
    }

    private MeshSnapshot Load(string yaml)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "mesh.yaml"), $"{_fixture}\n{yaml}");
        var (snapshot, findings) = _loader.Load();
        return snapshot ?? throw new CaseFailedException(
            "the gateway refuses the documents: " + string.Join('\n', findings.Where(MeshLoader.IsFatal)));
    }
}
