using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gateway.Registry;

namespace Gateway.Forwarding;

/// <summary>
/// One try of one request at one endpoint, in HTTP/1.1 on a pooled connection: sends the message, passes the response on.
/// </summary>
/// <remarks>
/// Written on the socket because this is the gateway's hot path: an HTTP client's objects for each message cost about as much as all
/// the rest, and it cannot send some messages that nginx sends. Suspended calls reuse their state (pooled builders).
/// </remarks>
internal sealed class HttpExchange
{
    private readonly UpstreamPool _pool;

    public HttpExchange(UpstreamPool pool) => _pool = pool;

    /// <summary>Runs the try to its end.</summary>
    /// <exception cref="UpstreamException">There was no response; the client has been sent nothing.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync(HttpContext context, ServiceEndpoint endpoint, RequestMessage message)
    {
        var connection = await _pool.TakeAsync(endpoint, context.RequestAborted);

        // A client that leaves ends its request at the endpoint too.
        var registration = context.RequestAborted.UnsafeRegister(static state => ((UpstreamConnection)state!).Dispose(), connection);
        var isClean = false;
        try
        {
            var framing = await ReceiveHeadAsync(context, connection, message);
            await CopyBodyAsync(context, connection, framing);
            isClean = framing.KeepsAlive && !framing.EndsWithConnection;
        }
        finally
        {
            // The registration first: afterwards the connection belongs to someone else.
            isClean &= registration.Unregister() || !context.RequestAborted.CanBeCanceled;
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ResponseFraming> ReceiveHeadAsync(
        HttpContext context, UpstreamConnection connection, RequestMessage message)
    {
        try
        {
            await connection.SendAsync(message.Head);
            await connection.SendAsync(message.Body);
            while (true)
            {
                var length = ResponseHead.FindEnd(connection.Received);
                if ((length == 0 ? connection.Received.Length + 1 : length) > connection.MaxHeadSize)
                {
                    throw ResponseHead.Invalid("its response headers are longer than 4 KB (proxy_buffer_size)");
                }

                if (length > 0 && TryTakeHead(context, connection, length, out var framing))
                {
                    return framing;
                }

                if (length == 0 && !await connection.FillAsync())
                {
                    throw new UpstreamException(UpstreamFailure.Closed);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw new UpstreamException(connection.TimedOut ? UpstreamFailure.Timeout : UpstreamFailure.Closed, exception);
        }
    }

    /// <summary>Takes a head out of the buffer; false for an interim response (1xx), which nginx does not pass on.</summary>
    private static bool TryTakeHead(HttpContext context, UpstreamConnection connection, int length, out ResponseFraming framing)
    {
        var head = ResponseHead.Parse(connection.Received[..length], HttpMethods.IsHead(context.Request.Method));
        framing = head.Framing;
        if (head.Status == StatusCodes.Status101SwitchingProtocols)
        {
            throw ResponseHead.Invalid("it switched protocols without being asked");
        }

        if (head.Status >= 200)
        {
            try
            {
                head.CopyTo(context, ResponseRules.Nginx);
            }
            catch (InvalidOperationException)
            {
                // The server refuses control characters in a header.
                context.Response.Clear();
                throw ResponseHead.Invalid("its answer has a header with control characters");
            }
        }

        connection.Take(length);
        return head.Status >= 200;
    }

    /// <summary>From here on the client has an answer: a failure can only break it off.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask CopyBodyAsync(HttpContext context, UpstreamConnection connection, ResponseFraming framing)
    {
        try
        {
            await ResponseBody.CopyAsync(connection, framing, context.Response.BodyWriter);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException or UpstreamException)
        {
            context.Abort();
            throw new OperationCanceledException("The response broke off.", exception);
        }
    }
}
