using System.Globalization;
using Conformance.Cases;
using Gateway.Tests.Support;

namespace Conformance.Upstreams;

/// <summary>Does with a request of HTTP/1.1 what a reply says.</summary>
internal static class ReplySender
{
    /// <summary>Sends a reply, when its time has come.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="request">The request.</param>
    /// <param name="connection">Its connection.</param>
    /// <param name="headers">More lines of headers.</param>
    /// <param name="wait">Waits.</param>
    /// <param name="stop">Waits for ever, with a part of the response sent.</param>
    public static async Task SendAsync(
        Reply reply, string endpoint, RawRequest request, RawConnection connection, string headers, Func<TimeSpan, Task> wait, Func<Task> stop)
    {
        if (Script.DelayOf(reply) is { Ticks: > 0 } delay)
        {
            await wait(delay);
        }

        foreach (var interim in reply.Interim)
        {
            var lines = string.Concat(interim.Headers.Select(header => $"{header.Key}: {header.Value}\r\n"));
            await connection.SendAsync($"HTTP/1.1 {interim.Status.ToString(CultureInfo.InvariantCulture)} Status\r\n{lines}\r\n");
        }

        switch (reply.Instead)
        {
            case "reset":
                connection.Reset();
                break;
            case "close":
                connection.Socket.Dispose();
                break;
            case "truncate":
                await connection.SendAsync($"HTTP/1.1 200 OK\r\n{headers}Content-Length: 10\r\n\r\nhalf");
                connection.Reset();
                break;
            case "stall":
                await connection.SendAsync($"HTTP/1.1 200 OK\r\n{headers}Content-Length: 10\r\n\r\nhalf");
                await stop();
                break;
            case "" or "hang":
                await RespondAsync(reply, endpoint, request, connection, headers);
                break;
            default:
                throw new InvalidDataException($"{reply.Instead} is nothing that an endpoint does.");
        }
    }

    private static Task RespondAsync(Reply reply, string endpoint, RawRequest request, RawConnection connection, string headers)
    {
        var status = $"{reply.Status.ToString(CultureInfo.InvariantCulture)} Status";
        var all = headers + string.Concat(reply.Headers.Select(header => $"{header.Key}: {header.Value}\r\n"));
        if (reply.Grpc is { } grpc)
        {
            return connection.RespondAsync("", $"{all}content-type: application/grpc\r\ngrpc-status: {grpc}\r\n", status);
        }

        if (reply.Trailers.Count > 0)
        {
            var body = Script.BodyOf(reply, endpoint, request.Target);
            var trailers = string.Concat(reply.Trailers.Select(trailer => $"{trailer.Key}: {trailer.Value}\r\n"));
            return connection.SendAsync(
                $"HTTP/1.1 {status}\r\n{all}transfer-encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n{trailers}\r\n");
        }

        return request.Method == "HEAD" || reply.Status is 204 or 304
            ? connection.SendAsync($"HTTP/1.1 {status}\r\n{all}\r\n")
            : connection.RespondAsync(Script.BodyOf(reply, endpoint, request.Target), all, status);
    }
}
