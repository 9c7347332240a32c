using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Conformance.Time;
using Gateway.Tests.Support;

namespace Conformance.Upstreams;

/// <summary>An endpoint that speaks HTTP/1.1 on a bare socket, and answers what its script says, when it says so.</summary>
internal sealed class ScriptedEndpoint : IEndpoint
{
    private const int MostKept = 200;

    private static readonly ConcurrentQueue<Socket> Kept = new();

    private readonly Script _script;
    private readonly SeenRequests _seen;
    private readonly EndpointDelays _delays;
    private readonly List<Socket> _reserved = [];
    private RawUpstream? _upstream;

    /// <summary>Makes an endpoint that listens.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="script">What it answers.</param>
    /// <param name="time">The clock of delays.</param>
    /// <param name="seen">Gets every request.</param>
    public ScriptedEndpoint(string name, Script script, VirtualTime time, SeenRequests seen)
    {
        (Name, _script, _delays, _seen) = (name, script, new EndpointDelays(time), seen);
        Up();
        Port = _upstream!.Port;
    }

    public string Name { get; }

    public int Port { get; }

    public int Delays => _delays.Count;

    /// <summary>Listens, on the port it has had before.</summary>
    public void Up()
    {
        Release();
        _upstream ??= RawUpstream.Start(AnswerAsync, Port);
    }

    /// <summary>Stops listening and resets its connections, as a killed process does.</summary>
    public async Task DownAsync()
    {
        if (_upstream is { } upstream)
        {
            _upstream = null;
            _reserved.Add(upstream.Kill());
            await upstream.DisposeAsync();
        }
    }

    /// <summary>Accepts no connections any more: they stay in the queue, and when that is full their packets are dropped.</summary>
    public async Task FillAsync()
    {
        await DownAsync();
        _reserved[0].Listen(1);
        while (IsConnecting(Reserve()))
        {
        }
    }

    /// <summary>
    /// Whether a connection comes about. The kernel is asked, which connects at once or never: a task of the pool may only be late.
    /// </summary>
    private bool IsConnecting(Socket socket)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, Port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectWrite);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        if (_upstream is { } upstream)
        {
            Keep(upstream);
            await upstream.DisposeAsync();
        }
    }

    /// <summary>Keeps the port for a while: what is still on its way here must not come to an endpoint of another case.</summary>
    private static void Keep(RawUpstream upstream)
    {
        try
        {
            Kept.Enqueue(upstream.Kill());
        }
        catch (SocketException)
        {
            // Somebody else has it already.
        }

        if (Kept.Count > MostKept && Kept.TryDequeue(out var oldest))
        {
            oldest.Dispose();
        }
    }

    private Socket Reserve()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _reserved.Add(socket);
        return socket;
    }

    private void Release()
    {
        foreach (var socket in _reserved)
        {
            socket.Dispose();
        }

        _reserved.Clear();
    }

    /// <summary>The sender's end is seen without reading, for what comes next belongs to the next request.</summary>
    private static bool IsConnected(RawConnection connection)
    {
        try
        {
            return !connection.Socket.Poll(0, SelectMode.SelectRead) || connection.Socket.Available > 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task AnswerAsync(RawRequest request, RawConnection connection)
    {
        _seen.Add(new SeenRequest(Name, request, connection));
        await ReplySender.SendAsync(_script.Next(), Name, request, connection, "", WaitAsync, StopAsync);

        Task WaitAsync(TimeSpan delay) => _delays.WaitAsync(delay, () => IsConnected(connection), connection.Stop);

        async Task StopAsync()
        {
            await _seen.WaitForHeadAsync();
            await WaitAsync(Script.Never);
        }
    }
}
