using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gateway.Http1;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Tests.Http1;

/// <summary>What is sent to a client arrives, in order, however slowly it is taken.</summary>
public sealed class SocketOutputTests : IAsyncLifetime
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly DefaultConnectionContext _connection = new();
    private Socket _server = null!;
    private SocketOutput _output = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Small windows, so that the client has to take something before the rest can go.
        (_listener.SendBufferSize, _client.ReceiveBufferSize) = (4096, 4096);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        await _client.ConnectAsync(_listener.LocalEndPoint!, Cancellation);
        _server = await _listener.AcceptAsync(Cancellation);
        _output = new SocketOutput(_server, new ConnectionDeadline(_connection, static () => { }));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
        await _connection.DisposeAsync();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_output.GetSpan(bytes.Length));
        _output.Advance(bytes.Length);
    }

    private async Task<byte[]> ReceiveAsync(int length)
    {
        var received = new byte[length];
        for (var count = 0; count < length;)
        {
            var more = await _client.ReceiveAsync(received.AsMemory(count), Cancellation);
            Assert.NotEqual(0, more);
            count += more;
        }

        return received;
    }

    [Fact]
    public async Task What_is_written_in_pieces_is_sent_as_one()
    {
        Write("HTTP/1.1 "u8);
        Write("200 OK\r\n\r\n"u8);
        Assert.Equal(19, _output.Length);
        Assert.True(await _output.SendAsync(Cancellation));
        Assert.Equal(0, _output.Length);
        Assert.Equal("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), await ReceiveAsync(19));
        Assert.True(await _output.SendAsync(Cancellation));
    }

    [Fact]
    public async Task A_client_that_takes_little_gets_all_of_it()
    {
        var bytes = RandomNumberGenerator.GetBytes(5_000_000);
        for (var start = 0; start < bytes.Length; start += 1_000_000)
        {
            Write(bytes.AsSpan(start, 1_000_000));
        }

        var sending = _output.SendAsync(Cancellation);
        Assert.False(sending.IsCompleted);
        Assert.Equal(bytes, await ReceiveAsync(bytes.Length));
        Assert.True(await sending);
        Assert.Equal(0, _output.Length);
    }

    [Fact]
    public async Task A_client_that_goes_meanwhile_is_no_error()
    {
        Write(new byte[5_000_000]);
        var sending = _output.SendAsync(Cancellation);
        Assert.False(sending.IsCompleted);
        _client.LingerState = new LingerOption(true, 0);
        _client.Dispose();
        Assert.False(await sending);
    }

    [Fact]
    public async Task Nor_is_a_connection_that_the_server_has_broken_off()
    {
        Write("a"u8);
        _server.Dispose();
        Assert.False(await _output.SendAsync(Cancellation));
        Assert.Equal(0, _output.Length);
    }

    [Fact]
    public async Task Nor_is_one_that_it_breaks_off_meanwhile()
    {
        Write(new byte[5_000_000]);
        var sending = _output.SendAsync(Cancellation);
        _server.Dispose();
        Assert.False(await sending);
    }

    [Fact]
    public async Task Sending_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        Write(new byte[5_000_000]);
        var sending = _output.SendAsync(source.Token);
        Assert.False(sending.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
    }
}
