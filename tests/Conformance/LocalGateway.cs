using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Conformance.Cases;
using Conformance.Time;
using Gateway;
using Gateway.AccessLogs;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Metrics;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Conformance;

/// <summary>The gateway of this repository, in this process, on a clock that stands still and with chance from a seed.</summary>
internal sealed class LocalGateway : IAsyncDisposable
{
    /// <summary>A header that tells requests apart whose flags are asked for.</summary>
    public const string IdHeader = "x-conformance-id";

    // A request is over for its client a little sooner than for the gateway.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly IstioDoorAddress Plain = new(null, "http://127.0.0.1:0");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-");
    private readonly ConcurrentDictionary<string, ConcurrentBag<RawClient>> _clients = new();
    private readonly FlagsLog _log = new();
    private readonly Action _headReceived;
    private readonly CancellationToken _cancellation;
    private readonly DoorOptions _doors;
    private readonly MeshLoader _loader;
    private WebApplication? _app;

    private LocalGateway(ConformanceCase @case, VirtualTime time, Random random, Action headReceived, CancellationToken cancellation)
    {
        (_headReceived, _cancellation) = (headReceived, cancellation);
        _doors = new DoorOptions
        {
            Urls = ["http://127.0.0.1:0"],
            IstioDoors = @case.Steps.Exists(step => step.Tls is not null)
                ? [Plain, new IstioDoorAddress(null, "https://127.0.0.1:0")]
                : [Plain],
            Services = Services(@case),
            AccessLog = AccessLogMode.Text,
        };
        _loader = new MeshLoader(_folder.FullName, _doors, time, random);
    }

    /// <summary>Starts a gateway for a case.</summary>
    /// <param name="case">The case.</param>
    /// <param name="yaml">The documents to begin with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="headReceived">Told of the head of every response, before its body is read.</param>
    /// <param name="cancellation">Ends waiting for responses.</param>
    public static async Task<LocalGateway> StartAsync(
        ConformanceCase @case, string yaml, VirtualTime time, Action headReceived, CancellationToken cancellation)
    {
        var random = new SeededRandom(@case.Seed);
        var gateway = new LocalGateway(@case, time, random, headReceived, cancellation);
        try
        {
            await gateway.StartAsync(yaml, time, random);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request to a door and reads the whole response.</summary>
    /// <param name="door"><c>istio</c>, <c>ingress</c> or <c>mesh</c>.</param>
    /// <param name="request">The request as bytes in Latin-1.</param>
    /// <param name="serverName">For TLS; null without.</param>
    public async Task<RawResponse> SendAsync(string door, string request, string? serverName)
    {
        if (serverName is not null)
        {
            return await TlsClient.SendAsync(PortOf($"{door}-1"), serverName, request, _cancellation);
        }

        var clients = _clients.GetOrAdd(door, _ => []);
        if (!clients.TryTake(out var client))
        {
            client = new RawClient(PortOf($"{door}-0"), _cancellation) { HeadReceived = _headReceived };
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

    /// <summary>Puts documents in the place of those applied before.</summary>
    public Task ApplyAsync(string yaml)
    {
        _app!.Services.GetRequiredService<MeshState>().Replace(Load(yaml));
        return Task.CompletedTask;
    }

    /// <summary>Envoy's response flags of a request that has been answered; <c>-</c> for none.</summary>
    /// <param name="id">The request's header <see cref="IdHeader"/>.</param>
    public async Task<string> FlagsAsync(string id)
    {
        try
        {
            return await _log.FlagsOfAsync(id).WaitAsync(Patience, _cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new CaseFailedException("there is no line of the access log for the request", exception);
        }
    }

    /// <summary>The metrics in Prometheus' text format, one sample a line.</summary>
    public string[] Metrics()
    {
        var (services, output) = (_app!.Services, new ArrayBufferWriter<byte>());
        services.GetRequiredService<IstioMetrics>().Write(output);
        var clusters = services.GetRequiredService<MeshState>().Current.Proxies.Clusters.SelectMany(pair => pair.Clusters.All);
        services.GetRequiredService<ClusterMetrics>().Write([.. clusters], output);
        return Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
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
        : [.. @case.Services
            .Select(service => new ServiceAddress($"{service}.default.svc.cluster.local", 8080, "http://127.0.0.1:0"))];

    private int PortOf(string listener) => _app!.Services.GetRequiredService<DoorListeners>().PortOf(listener);

    private async Task StartAsync(string yaml, VirtualTime time, Random random)
    {
        _app = GatewayApplication.Build(_loader, Load(yaml), _doors, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Error);
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton(random);
            builder.Services.AddSingleton(new AccessLog(_log, FlagsLog.Format, FlagsLog.Clock));

            // Documents are replaced by steps of the case, not by the clock.
            builder.Services.RemoveAll<IHostedService>();
        });
        await _app.StartAsync(_cancellation);
    }

    private MeshSnapshot Load(string yaml)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "mesh.yaml"), yaml);
        var (snapshot, findings) = _loader.Load();
        return snapshot ?? throw new RefusedException(string.Join('\n', findings.Where(MeshLoader.IsFatal)));
    }
}
