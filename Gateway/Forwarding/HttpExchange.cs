using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gateway.Registry;

namespace Gateway.Forwarding;

/// <summary>
/// One try of one request at one endpoint, in HTTP/1.1 on a pooled connection: sends the message, passes the response on.
/// </summary>
/// <remarks>
/// Written on the socket because this is the gateway's hot path: an HTTP client's objects for each message cost about as much as all
/// the rest, and it cannot send some messages that nginx sends. One method, because each one that waits costs; it reuses its state (pooled
/// builder).
/// </remarks>
internal sealed class HttpExchange
{
    private readonly UpstreamPool _pool;

    public HttpExchange(UpstreamPool pool) => _pool = pool;

    /// <summary>Runs the try to its end.</summary>
    /// <exception cref="UpstreamException">There was no response; the client has been sent nothing.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or has been sent a part of the response only.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync<TClient>(TClient client, ServiceEndpoint endpoint, RequestMessage message)
        where TClient : struct, IClient
    {
        var connection = await _pool.TakeAsync(endpoint, client.Gone);

        // A client that leaves ends its request at the endpoint too.
        var registration = client.Gone.UnsafeRegister(static state => ((UpstreamConnection)state!).Dispose(), connection);
        var (isAnswered, isClean) = (false, false);
        try
        {
            await connection.SendAsync(message.Head);
            await connection.SendAsync(message.Body);
            ResponseFraming framing;
            while (!TryReceiveHead(client, connection, out framing))
            {
                if (!connection.EndFill(await connection.BeginFill()))
                {
                    throw new UpstreamException(UpstreamFailure.Closed);
                }
            }

            // From here on the client has an answer: a failure can only break it off.
            isAnswered = true;
            await ResponseBody.CopyAsync(connection, framing, client.Body);
            isClean = framing.KeepsAlive && !framing.EndsWithConnection;
        }
        catch (Exception exception) when (IsBroken(exception, isAnswered))
        {
            throw Broken(client, connection, isAnswered, exception);
        }
        finally
        {
            // The registration first: afterwards the connection belongs to someone else.
            isClean &= registration.Unregister() || !client.Gone.CanBeCanceled;
            if (isClean)
            {
                _pool.Return(endpoint, connection);
            }
            else
            {
                connection.Dispose();
            }
        }
    }

    private static bool IsBroken(Exception exception, bool isAnswered) =>
        exception is SocketException or ObjectDisposedException || (isAnswered && exception is (IOException or UpstreamException));

    private static Exception Broken<TClient>(TClient client, UpstreamConnection connection, bool isAnswered, Exception exception)
        where TClient : struct, IClient
    {
        if (!isAnswered)
        {
            return new UpstreamException(connection.TimedOut ? UpstreamFailure.Timeout : UpstreamFailure.Closed, exception);
        }

        client.Abort();
        return new OperationCanceledException("The response broke off.", exception);
    }

    /// <summary>Takes the head of the response, if it is all there; interim responses (1xx) end here, as in nginx.</summary>
    private static bool TryReceiveHead<TClient>(TClient client, UpstreamConnection connection, out ResponseFraming framing)
        where TClient : struct, IClient
    {
        while (true)
        {
            var length = connection.ReadHead(
                HttpMethods.IsHead(client.Method), "its response headers are longer than 4 KB (proxy_buffer_size)");
            if (length == 0)
            {
                framing = default;
                return false;
            }

            var head = connection.Head;
            framing = head.Framing;
            if (head.Status == StatusCodes.Status101SwitchingProtocols)
            {
                throw ResponseHead.Invalid("it switched protocols without being asked");
            }

            if (head.Status >= 200)
            {
                client.WriteHead(head);
            }

            connection.Take(length);
            if (head.Status >= 200)
            {
                return true;
            }
        }
    }
}
