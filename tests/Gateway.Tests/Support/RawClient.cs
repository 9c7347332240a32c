using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Support;

/// <summary>A client on a bare socket, which sends requests as they are given and keeps its connection while the server does.</summary>
internal sealed class RawClient(int port, CancellationToken cancellationToken) : IDisposable
{
    private Socket? _socket;
    private RawReader? _reader;

    public RawReader Reader => _reader ?? throw new InvalidOperationException("Nothing was sent yet.");

    /// <summary>Told of the head of every response, before its body is read; not of interim ones.</summary>
    public Action? HeadReceived { get; init; }

    public Socket Socket => _socket ?? throw new InvalidOperationException("Nothing was sent yet.");

    /// <summary>Sends a request in Latin-1 and reads its response; connects anew when the kept connection has gone.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        var isHead = request.StartsWith("HEAD ", StringComparison.Ordinal);
        if (_socket is not null && await ExchangeAsync(request, isHead) is { } response)
        {
            return response;
        }

        await ConnectAsync();
        return await ExchangeAsync(request, isHead) ?? throw new IOException($"No response to {request.Split('\r')[0]}");
    }

    public Task<RawResponse> GetAsync(string target, string host = "localhost") =>
        SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");

    public async Task ConnectAsync()
    {
        _socket?.Dispose();
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        _reader = new RawReader(_socket, cancellationToken);
    }

    public async Task WriteAsync(string text) => await Socket.SendAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    public async Task<RawResponse?> ReadAsync(bool isHead = false)
    {
        if (await Reader.ReadHeadAsync() is not { } head)
        {
            return null;
        }

        var status = int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        if (status is 101 or >= 200)
        {
            HeadReceived?.Invoke();
        }

        var close = string.Equals(RawReader.Value(head, "Connection"), "close", StringComparison.OrdinalIgnoreCase);
        var body = isHead || status is 204 or 304 or < 200 ? [] : await Reader.ReadBodyAsync(head, untilClose: close);
        var trailers = Reader.Trailers;
        if (close)
        {
            _socket!.Dispose();
            _socket = null;
        }

        return new RawResponse(status, head, Encoding.Latin1.GetString(body)) { Trailers = trailers };
    }

    public void Dispose() => _socket?.Dispose();

    private async Task<RawResponse?> ReadFinalAsync(bool isHead)
    {
        var interim = new List<RawResponse>();
        while (await ReadAsync(isHead) is { } response)
        {
            if (response.Status is 101 or >= 200)
            {
                return response with { Interim = interim };
            }

            interim.Add(response);
        }

        return null;
    }

    private async Task<RawResponse?> ExchangeAsync(string request, bool isHead)
    {
        try
        {
            await WriteAsync(request);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The server takes no more of it; what it has answered before can still be read.
        }

        try
        {
            return await ReadFinalAsync(isHead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}

/// <summary>A response: status, head and body in Latin-1.</summary>
internal sealed record RawResponse(int Status, string Head, string Body)
{
    /// <summary>The trailers of a chunked body, one a line.</summary>
    public string Trailers { get; init; } = "";

    /// <summary>The interim responses before it.</summary>
    public IReadOnlyList<RawResponse> Interim { get; init; } = [];

    public string? Header(string name) => RawReader.Value("\r\n" + Head, name);
}
