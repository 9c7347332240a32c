using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Gateway.Clusters;
using Gateway.Forwarding;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Proxy;

/// <summary>An attempt in HTTP/2: gRPC, and upstreams whose port says so.</summary>
internal sealed class Http2Exchange(ProxyRequest request, UpstreamConnections connections) : UpstreamExchange
{
    // RFC 9113, section 7.
    private const long RefusedStream = 7;

    private const int PieceSize = 16 * 1024;
    private const int MostUnflushed = 64 * 1024;

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private Http2Client? _client;
    private Cluster? _cluster;
    private UpstreamHost? _host;
    private CancellationTokenSource? _wait;
    private HttpRequestMessage? _message;
    private HttpResponseMessage? _response;
    private Func<ValueTask>? _stopSending;

    public override async ValueTask<AttemptResult> StartAsync(RequestHead head, Cluster cluster, UpstreamHost host)
    {
        request.Body.ReceiveAhead();
        try
        {
            return await SendAsync(head, cluster, host);
        }
        finally
        {
            await request.Body.EndReceivingAheadAsync();
        }
    }

    private async ValueTask<AttemptResult> SendAsync(RequestHead head, Cluster cluster, UpstreamHost host)
    {
        try
        {
            _client = await connections.TakeHttp2Async(cluster, host, request.Interruption);
        }
        catch (UpstreamException exception)
        {
            return AttemptResult.Of(exception.Failure);
        }
        catch (OperationCanceledException) when (request.Interruption.Reason != InterruptionReason.None)
        {
            return Interrupted(request.Interruption);
        }

        if (!cluster.Limits.TryEnterRequest())
        {
            _client.Leave();
            return AttemptResult.Of(UpstreamFailure.Overflow);
        }

        (_cluster, _host) = (cluster, host);
        host.BeginRequest();
        _wait = request.Interruption.CreateWait();
        try
        {
            _message = Message(head, host);
            request.Arrival.Begin(request.Time.GetTimestamp());
            if (!request.Body.Exists)
            {
                request.OnConnected();
            }

            _response = await _client.Invoker.SendAsync(_message, _wait.Token);
            request.Interruption.EndAttemptLimit();
            request.MarkResponse();
            return new AttemptResult(TakeHead(_response));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
        {
            await EndAsync();
            return request.Interruption.Reason != InterruptionReason.None ? Interrupted(request.Interruption) : Classify(exception);
        }
    }

    public override async ValueTask<long> CopyBodyAsync()
    {
        try
        {
            var length = await CopyAsync(await _response!.Content.ReadAsStreamAsync(_wait!.Token));
            CopyTrailers();
            return length;
        }
        catch (HttpRequestException exception)
        {
            throw new IOException("The upstream broke off.", exception);
        }
        catch (OperationCanceledException exception) when (request.Interruption.Reason == InterruptionReason.RequestTimeout)
        {
            throw new IOException("The request's time ran out.", exception);
        }
        finally
        {
            await EndAsync();
        }
    }

    public override ValueTask DiscardAsync() => EndAsync();

    private HttpRequestMessage Message(RequestHead head, UpstreamHost host)
    {
        var message = new HttpRequestMessage(
            new HttpMethod(head.Method), new Uri($"{host.Endpoint.Prefix}{head.Path}{head.Query}", AsItIs))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        message.Headers.Host = head.Authority;
        if (request.Body.Exists)
        {
            var content = new Http2RequestBody(request.Body, head.Headers.ContentLength, request.OnConnected);
            (message.Content, _stopSending) = (content, content.StopAsync);
        }

        foreach (var (name, values) in head.Headers)
        {
            if (UpstreamHead.IsCopied(name) && !string.Equals(name, HeaderNames.Expect, StringComparison.OrdinalIgnoreCase))
            {
                Add(message, name, values);
            }
        }

        if (UpstreamHead.AcceptsTrailers(head.Headers))
        {
            message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        }

        var (parent, state) = UpstreamHead.Trace(head.Headers);
        Add(message, HeaderNames.TraceParent, parent);
        Add(message, HeaderNames.TraceState, state);
        return message;
    }

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        foreach (var value in values)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                // A content header; without a body the client keeps it on an empty one.
                message.Content ??= new ByteArrayContent([]);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    private UpstreamOutcome TakeHead(HttpResponseMessage message)
    {
        var response = request.Context.Response;
        response.StatusCode = (int)message.StatusCode;
        foreach (var (name, values) in message.Headers.NonValidated.Concat(message.Content.Headers.NonValidated))
        {
            if (ResponseRules.Envoy.Shows(name))
            {
                response.Headers.Append(name, new StringValues([.. values]));
            }
        }

        if (message.Content.Headers.ContentLength is { } length && response.StatusCode is not (204 or 304))
        {
            response.ContentLength = length;
        }

        request.GrpcStatus = GrpcStatusOf(response.Headers["grpc-status"]);
        return UpstreamOutcome.Response(response.StatusCode, request.GrpcStatus);
    }

    /// <summary>Copies the body. What there is goes out before more is waited for, the head included; a response that ends at once is not split.</summary>
    private async ValueTask<long> CopyAsync(Stream body)
    {
        var writer = request.ResponseWriter;
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            for (var length = 0L; ;)
            {
                var pending = body.ReadAsync(buffer, _wait!.Token);
                if (!pending.IsCompleted)
                {
                    await FlushAsync(writer);
                }

                var count = await pending;
                if (count == 0)
                {
                    return length;
                }

                writer.Write(buffer.AsSpan(0, count));
                length += count;
                if (writer.UnflushedBytes >= MostUnflushed)
                {
                    await FlushAsync(writer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask FlushAsync(PipeWriter writer)
    {
        var flushed = await writer.FlushAsync();
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }

    private int? GrpcStatusOf(string? text) =>
        request.IsGrpc && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null;

    private void CopyTrailers()
    {
        var response = request.Context.Response;
        if (_response!.TrailingHeaders.NonValidated.TryGetValues("grpc-status", out var status))
        {
            request.GrpcStatus = GrpcStatusOf(status.ToString());
        }

        if (HttpProtocol.IsHttp11(request.Received.Protocol) || !response.SupportsTrailers())
        {
            // Envoy's codec of HTTP/1.1 drops trailers, as Istio leaves its enable_trailers off.
            return;
        }

        foreach (var (name, values) in _response!.TrailingHeaders.NonValidated)
        {
            if (ResponseRules.Envoy.Shows(name))
            {
                response.AppendTrailer(name, new StringValues([.. values]));
            }
        }
    }

    private static AttemptResult Classify(Exception exception) => exception switch
    {
        OperationCanceledException { InnerException: TimeoutException } => AttemptResult.Of(UpstreamFailure.ConnectTimeout),
        OperationCanceledException => throw exception,
        HttpRequestException { InnerException: AuthenticationException handshake } =>
            AttemptResult.Of(UpstreamFailure.Handshake(handshake.InnerException?.Message ?? handshake.Message)),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            AttemptResult.Of(UpstreamFailure.Connect((exception.InnerException as SocketException)?.SocketErrorCode ?? SocketError.HostNotFound)),
        HttpRequestException { InnerException: HttpProtocolException { ErrorCode: RefusedStream } } =>
            new AttemptResult(UpstreamOutcome.Refused, ResetReason.RemoteRefusedStreamReset),
        HttpRequestException { InnerException: HttpProtocolException } => new AttemptResult(UpstreamOutcome.Reset(), ResetReason.RemoteReset),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
            AttemptResult.Of(UpstreamFailure.Invalid(exception.Message)),
        _ => AttemptResult.Terminated(),
    };

    private async ValueTask EndAsync()
    {
        if (_wait is null)
        {
            return;
        }

        _response?.Dispose();
        if (_stopSending is not null)
        {
            await _stopSending();
        }

        _message?.Dispose();
        request.Interruption.EndWait(_wait);
        _wait = null;
        _cluster!.Limits.Requests.Leave();
        _host!.EndRequest();
        _client!.Leave();
    }
}
