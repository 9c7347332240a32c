using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Registry;
using Gateway.Tests.IstioDoor;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Registry;

/// <summary>Endpoints that are given by names: every address of a name is one, and names are looked up again.</summary>
public sealed class EndpointNamesTests
{
    private readonly ConcurrentDictionary<string, string[]> _dns = new();
    private int _lookups;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EndpointNames Names() => new((name, _) =>
    {
        Interlocked.Increment(ref _lookups);
        return _dns.TryGetValue(name, out var addresses)
            ? Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse))
            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
    });

    [Fact]
    public void An_address_is_itself_and_is_not_looked_up()
    {
        Assert.Equal(["10.0.0.1"], Names().Of("10.0.0.1"));
        Assert.Equal(["::1"], Names().Of("::1"));
        Assert.Equal(0, _lookups);
    }

    [Fact]
    public void A_name_is_all_its_addresses_and_those_of_IPv4_where_there_are_any()
    {
        _dns["both"] = ["10.0.0.2", "::1", "10.0.0.1", "10.0.0.2"];
        _dns["six"] = ["::2", "::1"];
        var names = Names();
        Assert.Equal(["10.0.0.1", "10.0.0.2"], names.Of("both"));
        Assert.Equal(["::1", "::2"], names.Of("six"));
    }

    [Fact]
    public async Task A_name_that_cannot_be_looked_up_stays_a_name_and_later_keeps_what_it_had()
    {
        var names = Names();
        Assert.Equal(["pods"], names.Of("pods"));
        _dns["pods"] = ["10.0.0.1"];
        Assert.True(await names.RefreshAsync(Cancellation));
        _dns.Clear();
        Assert.False(await names.RefreshAsync(Cancellation));
        Assert.Equal(["10.0.0.1"], names.Of("pods"));
        Assert.Equal(1, names.Version);
    }

    [Fact]
    public async Task Another_order_of_the_addresses_is_no_change_and_a_name_that_nobody_uses_is_forgotten()
    {
        _dns["pods"] = ["10.0.0.1", "10.0.0.2"];
        var names = Names();
        names.Keep(() => names.Of("pods"));
        _dns["pods"] = ["10.0.0.2", "10.0.0.1"];
        Assert.False(await names.RefreshAsync(Cancellation));
        names.Keep(() => 0);
        var before = _lookups;
        Assert.False(await names.RefreshAsync(Cancellation));
        Assert.Equal(before, _lookups);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_door_balances_over_the_addresses_of_a_name_and_follows_them(bool isServiceEntry)
    {
        await using var a = RawUpstream.Start((_, connection) => connection.RespondAsync("a"));
        await using var b = RawUpstream.Start((_, connection) => connection.RespondAsync("b"), a.Port, IPAddress.Parse("127.0.0.2"));
        _dns["pods.example.com"] = ["127.0.0.1", "127.0.0.2"];
        var folder = new TempFolder();
        var host = isServiceEntry ? "pods.example.com" : "ping";
        var endpoints = isServiceEntry
            ? $$"""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: { name: pods }
                spec:
                  hosts: [pods.example.com]
                  resolution: DNS
                  ports: [{ number: 8080, name: http, protocol: HTTP, targetPort: {{a.Port}} }]

                """
            : Documents.Join(Documents.Service("ping"), Documents.Workload("ping", a.Port).Replace("127.0.0.1", "pods.example.com"));
        folder.Write("mesh.yaml", Documents.Join(
            IstioDocuments.Gateway, endpoints, IstioDocuments.VirtualService("").Replace("host: ping", $"host: {host}"),
            IstioDocuments.DestinationRule("loadBalancer: { simple: ROUND_ROBIN }").Replace("host: ping", $"host: {host}")));
        await using var gateway = await TestGateway.StartAsync(
            folder, doors: new DoorOptions { IstioDoors = [new(null, "http://127.0.0.1:0")] }, names: Names());
        async Task<string> AskAsync() => string.Concat(
            (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => gateway.GetIstioAsync("/")))).Select(response => response.Body).Order());
        Assert.Equal("aaabbb", await AskAsync());
        _dns["pods.example.com"] = ["127.0.0.2"];
        await gateway.Services.GetRequiredService<MeshLoader>().Names.RefreshAsync(Cancellation);
        await TestGateway.UntilAsync(() => gateway.Snapshot.Proxies.Clusters.SelectMany(pair => pair.Clusters.All)
            .All(cluster => cluster.Hosts.Length == 1));
        Assert.Equal("bbbbbb", await AskAsync());
    }
}
