using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Orchestration.Ports;
using Aspire.Hosting.Orchestration.Proxy;

namespace Hosting.Embedded.Tests.Orchestration.Proxy;

public sealed class TcpProxyTests : IAsyncLifetime
{
    private readonly ReadyReplicas _replicas = new("localhost");
    private readonly PortAllocator _ports = new(Random.Shared);
    private readonly List<Socket> _sockets = [];
    private readonly int _port;
    private readonly TcpProxy _proxy;

    public TcpProxyTests()
    {
        _port = _ports.Allocate();
        _proxy = new TcpProxy(Loopback.Listen("localhost", _port), _replicas, TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _sockets.ForEach(socket => socket.Dispose());
        _ports.Dispose();
    }

    [Fact]
    public async Task Bytes_go_both_ways()
    {
        var (client, server) = await ConnectAsync(Listen());
        var there = RandomBytes(10_000, seed: 1);
        var back = RandomBytes(10_000, seed: 2);

        await Task.WhenAll(SendAsync(client, there), SendAsync(server, back));

        Assert.Equal(there, await ReceiveAsync(server, there.Length));
        Assert.Equal(back, await ReceiveAsync(client, back.Length));
    }

    [Fact]
    public async Task The_end_of_one_direction_leaves_the_other_open()
    {
        var (client, server) = await ConnectAsync(Listen());
        await SendAsync(client, "question"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("question"u8.ToArray(), await ReceiveToEndAsync(server));

        await SendAsync(server, "answer"u8.ToArray());
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer"u8.ToArray(), await ReceiveToEndAsync(client));
        await Eventually.IsTrueAsync(() => _proxy.ConnectionCount == 0, "the connection is closed");
    }

    [Fact]
    public async Task The_server_may_end_its_direction_first()
    {
        var (client, server) = await ConnectAsync(Listen());
        server.Shutdown(SocketShutdown.Send);
        Assert.Empty(await ReceiveToEndAsync(client));

        await SendAsync(client, "still here"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("still here"u8.ToArray(), await ReceiveToEndAsync(server));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_on_one_side_is_a_reset_on_the_other(bool byServer)
    {
        var (client, server) = await ConnectAsync(Listen());
        var (resets, sees) = byServer ? (server, client) : (client, server);
        await SendAsync(resets, new byte[] { 1 });
        await ReceiveAsync(sees, 1);

        SocketTunnel.Reset(resets);

        await AssertResetAsync(sees);
        await Eventually.IsTrueAsync(() => _proxy.ConnectionCount == 0, "the connection is closed");
    }

    [Fact]
    public async Task Two_hundred_connections_are_served_at_once()
    {
        var listener = Listen();
        var echo = EchoAsync(listener, 200);
        var bytes = RandomBytes(100_000, seed: 3);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var client = await Loopback.ConnectAsync("localhost", _port, Token);
            var mine = bytes[(i * 100)..];
            var send = Task.Run(async () =>
            {
                await SendAsync(client, mine);
                client.Shutdown(SocketShutdown.Send);
            });
            Assert.Equal(mine, await ReceiveToEndAsync(client));
            await send;
        }));
        await echo;
    }

    [Fact]
    public async Task Replicas_take_turns_and_those_that_are_not_ready_get_nothing()
    {
        Socket[] listeners = [Listen(), Listen(), Listen()];
        var order = new List<int>();
        for (var i = 0; i < 9; i++)
        {
            order.Add(await NextIndexAsync(listeners));
        }

        Assert.Equal([3, 3, 3], order.CountBy(i => i).Select(pair => pair.Value));

        _replicas.Remove(PortOf(listeners[1]));
        _replicas.Remove(PortOf(listeners[1]));
        for (var i = 0; i < 6; i++)
        {
            Assert.NotEqual(1, await NextIndexAsync(listeners));
        }

        _replicas.Add(PortOf(listeners[1]));
        _replicas.Add(PortOf(listeners[1]));
        Assert.Equal(3, _replicas.Ports.Length);
    }

    [Fact]
    public async Task A_replica_that_refuses_is_passed_over()
    {
        var gone = Listen();
        gone.Dispose();
        var listener = Listen();
        for (var i = 0; i < 4; i++)
        {
            var (client, server) = await ConnectAsync(listener);
            await SendAsync(client, new byte[] { 1 });
            Assert.Equal([1], await ReceiveAsync(server, 1));
        }
    }

    [Fact]
    public async Task Without_a_replica_the_connection_is_reset()
    {
        await AssertRefusedAsync();
        Listen().Dispose();
        await AssertRefusedAsync();

        async Task AssertRefusedAsync()
        {
            // The reset may be quicker than the end of the connect call.
            var exception = await Assert.ThrowsAnyAsync<SocketException>(async () =>
            {
                using var client = await Loopback.ConnectAsync("localhost", _port, Token);
                await client.ReceiveAsync(new byte[1], Token);
            });
            Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        }
    }

    [Fact]
    public async Task Disposal_ends_connections_and_frees_the_port()
    {
        var (client, _) = await ConnectAsync(Listen());

        await _proxy.DisposeAsync();

        await AssertResetAsync(client);
        await Eventually.IsTrueAsync(() => Loopback.IsFree(_port), "the port is free, also in a process that was being started");
        await _proxy.DisposeAsync();
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, Token)..];
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(received), Token);
            Assert.NotEqual(0, more);
            received += more;
        }

        return bytes;
    }

    private static async Task<byte[]> ReceiveToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, Token) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private static async Task AssertResetAsync(Socket socket)
    {
        var exception = await Assert.ThrowsAnyAsync<SocketException>(async () => await socket.ReceiveAsync(new byte[1], Token));
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }

    private static async Task EchoAsync(Socket listener, int count)
    {
        var connections = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            connections.Add(ServeAsync(await listener.AcceptAsync(Token)));
        }

        await Task.WhenAll(connections);

        static async Task ServeAsync(Socket socket)
        {
            using (socket)
            {
                var buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer, Token) is > 0 and var received)
                {
                    await SendAsync(socket, buffer.AsMemory(0, received));
                }
            }
        }
    }

    private Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, _ports.Allocate()));
        listener.Listen();
        _sockets.Add(listener);
        _replicas.Add(PortOf(listener));
        return listener;
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync(Socket listener)
    {
        var client = await Loopback.ConnectAsync("localhost", _port, Token);
        var server = await listener.AcceptAsync(Token);
        _sockets.AddRange([client, server]);
        return (client, server);
    }

    private async Task<int> NextIndexAsync(Socket[] listeners)
    {
        using var client = await Loopback.ConnectAsync("localhost", _port, Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var accepts = listeners.Select(listener => listener.AcceptAsync(stop.Token).AsTask()).ToArray();
        var first = await Task.WhenAny(accepts);
        (await first).Dispose();
        await stop.CancelAsync();
        await Task.WhenAll(accepts.Where(accept => accept != first).Select(accept => accept.ContinueWith(_ => { }, TaskScheduler.Default)));
        return Array.IndexOf(accepts, first);
    }
}
