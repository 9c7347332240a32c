using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Support;

/// <summary>Endpoints whose responses take their time, for the tests of both doors.</summary>
internal static class StreamingUpstreams
{
    /// <summary>Answers with a stream of events: the head at once, the first event when told, and no end.</summary>
    public static RawUpstream Events(Task first) => RawUpstream.Start(async (_, connection) =>
    {
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        await first;
        await connection.SendAsync("data: 1\n\n");
        await Task.Delay(Timeout.Infinite, connection.Stop);
    });

    /// <summary>Accepts a WebSocket and sends back, after "echo ", what it gets.</summary>
    public static RawUpstream WebSocketEcho() => RawUpstream.Start(async (request, connection) =>
    {
        Assert.Equal(("websocket", "upgrade"), (request.Header("Upgrade"), request.Header("Connection")?.ToLowerInvariant()));
        await connection.SendAsync(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
        var buffer = new byte[64];
        while (await connection.ReceiveAsync(buffer) is var count and > 0)
        {
            await connection.SendAsync("echo " + Encoding.Latin1.GetString(buffer, 0, count));
        }
    });

    /// <summary>Never answers.</summary>
    /// <param name="arrived">Completes when a request has come.</param>
    /// <param name="left">Gets how many bytes came after it: 0 when its sender has closed the connection.</param>
    public static RawUpstream Silent(TaskCompletionSource arrived, TaskCompletionSource<int> left) => RawUpstream.Start(async (_, connection) =>
    {
        arrived.SetResult();
        try
        {
            left.SetResult(await connection.ReceiveAsync(new byte[1]));
        }
        catch (SocketException)
        {
            left.SetResult(0);
        }
    });
}
