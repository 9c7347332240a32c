using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Orchestration.Ports;

namespace Hosting.Embedded.Tests.Orchestration.Ports;

public sealed class PortTests
{
    [Fact]
    public void Ports_are_free_unique_and_outside_of_the_range_of_outgoing_connections()
    {
        using var one = new PortAllocator(new Random(1));
        using var other = new PortAllocator(new Random(1));

        var ports = Enumerable.Range(0, 60).SelectMany(_ => new[] { one.Allocate(), other.Allocate() }).ToArray();

        Assert.Equal(ports.Length, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, 20_000, 24_999));
        Assert.All(ports.Take(10), port => Assert.True(Loopback.IsFree(port)));
    }

    [Fact]
    public void A_port_that_somebody_took_meanwhile_is_passed_over()
    {
        using var first = new PortAllocator(Random.Shared);
        var port = first.Allocate();
        first.Dispose();
        var sockets = Loopback.Listen("127.0.0.1", port);
        using var second = new PortAllocator(Random.Shared);
        try
        {
            Assert.All(Enumerable.Range(0, 100), _ => Assert.NotEqual(port, second.Allocate()));
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
    }

    // A process that is being started has a copy of every socket of this one, until its program is loaded.
    [Fact]
    public async Task A_port_that_was_found_free_can_be_listened_on_while_processes_are_started()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /bin/true, and SO_REUSEADDR as Linux has it.");
        using var ports = new PortAllocator(Random.Shared);
        using var done = new CancellationTokenSource();
        var starts = Enumerable.Range(0, 3).Select(_ => Task.Run(() => StartProcessesAsync(done.Token))).ToArray();
        try
        {
            for (var i = 0; i < 10_000; i++)
            {
                var port = ports.Allocate();
                Array.ForEach(Loopback.Listen("localhost", port), socket => socket.Dispose());
                ports.Free(port);
            }
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(starts);
        }
    }

    [Fact]
    public async Task Localhost_is_both_addresses_where_there_are_two()
    {
        using var ports = new PortAllocator(Random.Shared);
        var port = ports.Allocate();
        var sockets = Loopback.Listen("localhost", port);
        try
        {
            Assert.False(Loopback.IsFree(port));
            foreach (var socket in sockets)
            {
                using var client = new Socket(socket.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await client.ConnectAsync(((IPEndPoint)socket.LocalEndPoint!).Address, port, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    public async Task A_program_that_listens_at_one_address_only_is_reached(string address)
    {
        Assert.SkipUnless(address != "::1" || Socket.OSSupportsIPv6, "There is no IPv6.");
        using var ports = new PortAllocator(Random.Shared);
        var port = ports.Allocate();
        var sockets = Loopback.Listen(address, port);
        try
        {
            using var client = await Loopback.ConnectAsync("localhost", port, TestContext.Current.CancellationToken);
            Assert.True(client.Connected);
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Who_holds_a_port_is_told_where_it_can_be_found_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Equal(Environment.ProcessId, PortOwner.Find(port)?.Id);
        Assert.Equal(
            $"Port {port}, which endpoint 'http' of resource 'ping' asks for, is in use by process {Environment.ProcessId} ({File.ReadAllText("/proc/self/comm").Trim()}): "
            + "end that program or choose another port, in the AppHost or by an option it reads, such as --port.",
            PortOwner.Describe(port, "http", "ping"));
        listener.Stop();
        await Eventually.IsTrueAsync(
            () => PortOwner.Find(port) is null, "nobody holds the port, nor does a process that was being started");
    }

    private static async Task StartProcessesAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = Process.Start("/bin/true");
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
