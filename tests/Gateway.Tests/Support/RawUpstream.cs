using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Support;

/// <summary>
/// An endpoint on a bare socket, for an HTTP server would change what is compared. Hands each connection's requests to a script.
/// </summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<RawConnection, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly Task _accepting;

    private RawUpstream(Func<RawRequest, RawConnection, Task>? script, Func<RawConnection, Task>? serve, int port, IPAddress? address = null)
    {
        _serve = serve ?? (connection => ServeAsync(connection, script!));
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, port));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>All requests seen.</summary>
    public ConcurrentQueue<RawRequest> Requests { get; } = new();

    /// <summary>Answers every request 200 with a prefix and the request target as its body.</summary>
    public static RawUpstream Echo(string name, int port = 0) =>
        new((request, connection) => connection.RespondAsync($"{name} {request.Target}"), null, port);

    /// <summary>Answers by a script.</summary>
    /// <param name="script">Answers a request.</param>
    /// <param name="port">Where it listens; 0 for any port.</param>
    /// <param name="address">Where it listens; null for loopback.</param>
    public static RawUpstream Start(Func<RawRequest, RawConnection, Task> script, int port = 0, IPAddress? address = null) =>
        new(script, null, port, address);

    /// <summary>Hands each connection to a script that reads requests itself.</summary>
    public static RawUpstream StartRaw(Func<RawConnection, Task> serve) => new(null, serve, 0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }

        await _accepting;
        _stop.Dispose();
    }

    /// <summary>As a killed process leaves it: nothing listens, connections are reset.</summary>
    /// <returns>
    /// A socket that does not listen and keeps the port, to be disposed when nobody calls it any more: whoever got the port meanwhile,
    /// another test perhaps, would get the requests as well.
    /// </returns>
    public Socket Kill()
    {
        var endpoint = _listener.LocalEndPoint!;
        _listener.Dispose();
        foreach (var socket in _sockets.Keys)
        {
            Reset(socket);
        }

        var kept = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        kept.Bind(endpoint);
        return kept;
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself meanwhile.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
                _sockets[socket] = true;
                _ = ServeAsync(socket);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeAsync(RawConnection connection, Func<RawRequest, RawConnection, Task> script)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            Requests.Enqueue(request);
            await script(request, connection);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var connection = new RawConnection(socket, _stop.Token);
        try
        {
            await _serve(connection);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
        }
        finally
        {
            _sockets.TryRemove(socket, out _);
            socket.Dispose();
        }
    }
}

/// <summary>A request as bytes, in Latin-1.</summary>
internal sealed record RawRequest(string Method, string Target, string Head, byte[] Body)
{
    /// <summary>The trailers of a chunked body, one a line.</summary>
    public string Trailers { get; init; } = "";

    public string? Header(string name) => Head.Split("\r\n").Skip(1)
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();

    public string BodyText => Encoding.Latin1.GetString(Body);
}

/// <summary>A connection at the endpoint's side.</summary>
internal sealed class RawConnection
{
    private readonly RawReader _reader;
    private readonly CancellationToken _stop;

    public RawConnection(Socket socket, CancellationToken stop)
    {
        Socket = socket;
        _stop = stop;
        _reader = new RawReader(socket, stop);
    }

    public Socket Socket { get; }

    public CancellationToken Stop => _stop;

    public Task<string?> ReadHeadAsync() => _reader.ReadHeadAsync();

    public Task<byte[]> ReadExactlyAsync(int length) => _reader.ReadExactlyAsync(length);

    public async Task<RawRequest?> ReadRequestAsync()
    {
        if (await _reader.ReadHeadAsync() is not { } head)
        {
            return null;
        }

        var line = head[..head.IndexOf('\r')];
        var first = line.IndexOf(' ');
        var body = await _reader.ReadBodyAsync(head);
        return new RawRequest(line[..first], line[(first + 1)..line.LastIndexOf(' ')], head, body) { Trailers = _reader.Trailers };
    }

    public Task RespondAsync(string body, string extraHeaders = "", string status = "200 OK") =>
        SendAsync($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n{extraHeaders}\r\n{body}");

    public async Task SendAsync(string text) => await Socket.SendAsync(Encoding.Latin1.GetBytes(text), _stop);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Dispose();
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _reader.ReceiveAsync(buffer);
}
