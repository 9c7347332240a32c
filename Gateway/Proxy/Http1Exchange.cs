using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gateway.Clusters;
using Gateway.Forwarding;
using Gateway.Requests;
using Microsoft.Net.Http.Headers;

namespace Gateway.Proxy;

/// <summary>An attempt in HTTP/1.1, on a pooled connection. Used again for every attempt of every request of its owner.</summary>
internal sealed class Http1Exchange(ProxyRequest request) : UpstreamExchange
{
    private readonly HeadWriter _writer = new();
    private HostConnections? _connections;
    private UpstreamConnection? _connection;
    private Http1RequestBody? _sending;
    private ResponseFraming _framing;
    private byte[]? _interim;
    private bool _isUpgraded;

    /// <summary>Where connections come from; set before the first attempt.</summary>
    public UpstreamConnections Pool { get; set; } = null!;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<AttemptResult> StartAsync(RequestHead head, Cluster cluster, UpstreamHost host)
    {
        try
        {
            _connections = Pool.To(cluster, host);
            var taking = _connections.TakeAsync(request.Interruption);
            _connection = taking.IsCompleted ? await taking : await WaitAsync(taking);
            request.OnConnected();
            if (!request.Interruption.Watch(_connection))
            {
                await EndAsync(isClean: false);
                return Interrupted(request.Interruption);
            }

            request.Arrival.Begin(request.Time.GetTimestamp());
            if (request.Chain.AccessLog.IsEnabled)
            {
                request.UpstreamLocalAddress = _connection.LocalEndPoint as IPEndPoint;
            }

            await SendAsync(head);
            UpstreamOutcome outcome;
            while (!TryReceiveHead(_connection, out outcome))
            {
                if (_interim is { } interim)
                {
                    _interim = null;
                    await InterimResponse.SendAsync(request.Context, interim);
                }
                else if (!_connection.EndFill(await _connection.BeginFill()))
                {
                    throw new UpstreamException(UpstreamFailure.Closed);
                }
            }

            return new AttemptResult(outcome);
        }
        catch (Exception exception)
            when (exception is UpstreamException or SocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            var isSent = _connection is not null;
            await EndAsync(isClean: false);
            return request.Interruption.Reason != InterruptionReason.None ? Interrupted(request.Interruption)
                : request.BodyFailure is { } failure ? throw failure
                : exception is UpstreamException failed ? AttemptResult.Of(failed.Failure)
                : exception is OperationCanceledException ? throw new OperationCanceledException(exception.Message, exception)
                : AttemptResult.Terminated(isSent);
        }
    }

    public override ValueTask<long> CopyBodyAsync()
    {
        var copying = _isUpgraded
            ? new UpgradeTunnel(request.Context, _connection!).RunAsync()
            : ResponseBody.CopyAsync(_connection!, _framing, request.ResponseWriter);
        if (!copying.IsCompletedSuccessfully || _sending is not null)
        {
            return WaitAsync(copying);
        }

        var length = copying.Result;
        End(CanBeUsedAgain);
        return new(length);
    }

    /// <summary>Whether a connection on which the body has ended can serve another request.</summary>
    private bool CanBeUsedAgain =>
        !_isUpgraded && _framing is { KeepsAlive: true, EndsWithConnection: false } && _sending is null or { IsSent: true };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> WaitAsync(ValueTask<long> copying)
    {
        var isClean = false;
        try
        {
            var length = await copying;
            isClean = CanBeUsedAgain;
            return length;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or UpstreamException)
        {
            throw new IOException("The upstream broke off.", exception);
        }
        finally
        {
            await EndAsync(isClean);
        }
    }

    /// <summary>A response that has ended with its head leaves a connection that can be used; otherwise the rest would be in the way.</summary>
    public override ValueTask DiscardAsync() => EndAsync(_framing is { KeepsAlive: true, Length: 0 } && _sending is null or { IsSent: true });

    private async ValueTask<UpstreamConnection> WaitAsync(ValueTask<UpstreamConnection> taking)
    {
        request.Body.ReceiveAhead();
        try
        {
            return await taking;
        }
        finally
        {
            await request.Body.EndReceivingAheadAsync();
        }
    }

    private ValueTask SendAsync(RequestHead head)
    {
        var framing = RequestFraming.Of(request);
        var body = request.Body;
        _writer.Clear();
        UpstreamHead.Write(head, framing, _writer);
        if (!body.Exists)
        {
            return _connection!.SendAsync(_writer.Written);
        }

        _sending = new Http1RequestBody(request, _connection!, framing.IsChunked);
        return _sending.StartAsync(_writer);
    }

    /// <summary>Takes the head of the response, if it is all there, or of an interim response that is to be passed on.</summary>
    private bool TryReceiveHead(UpstreamConnection connection, out UpstreamOutcome outcome)
    {
        while (true)
        {
            var length = connection.ReadHead(HttpMethods.IsHead(request.Head.Method), "its response headers are longer than 60 KB");
            if (length == 0)
            {
                outcome = default;
                return false;
            }

            if (TryTakeHead(connection, length, out outcome) || _interim is not null)
            {
                return outcome.Status > 0;
            }
        }
    }

    private bool TryTakeHead(UpstreamConnection connection, int length, out UpstreamOutcome outcome)
    {
        var head = connection.Head;
        _isUpgraded = head.Status == StatusCodes.Status101SwitchingProtocols;
        if (_isUpgraded && request.Upgrade is null)
        {
            throw ResponseHead.Invalid("it switched protocols without being asked");
        }

        if (head.Count > ClusterConnections.MaxHeaders)
        {
            throw ResponseHead.Invalid("its response has more than 100 headers");
        }

        _framing = head.Framing;
        if (_isUpgraded)
        {
            request.Interruption.EndLimits();
        }

        if (head.Status < 200 && !_isUpgraded)
        {
            TakeInterim(head);
            connection.Take(length);
            outcome = default;
            return false;
        }

        request.GrpcStatus = request.IsGrpc ? GrpcStatusOf(head) : null;
        outcome = UpstreamOutcome.Response(head.Status, request.GrpcStatus);
        head.CopyTo(request.Response);
        if (_isUpgraded)
        {
            request.Response.Headers.Upgrade = head.Find(HeaderNames.Upgrade);
        }

        connection.Take(length);
        request.Interruption.EndAttemptLimit();
        request.MarkResponse();
        return true;
    }

    /// <summary>The first interim response goes on to the client, and so there can be no other attempt; 100 lets the body come.</summary>
    private void TakeInterim(ResponseHead head)
    {
        _sending?.Continue();
        if (InterimResponse.IsPassed(head.Status) && !request.HasInterimResponse)
        {
            request.HasInterimResponse = true;
            request.Interruption.EndAttemptLimit();
            _interim = InterimResponse.Bytes(request, head);
        }
    }

    private static int? GrpcStatusOf(ResponseHead head) =>
        int.TryParse(head.Find("grpc-status"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var status) ? status : null;

    private async ValueTask EndAsync(bool isClean)
    {
        if (_sending is not { } sending || _connection is not { } connection)
        {
            End(isClean);
            return;
        }

        (_sending, _connection) = (null, null);
        request.Interruption.Unwatch();
        if (!isClean)
        {
            // An upstream that takes no more of the request would keep its sender waiting.
            connection.Dispose();
        }

        await sending.StopAsync();
        _connections!.End(connection, isClean);
    }

    /// <summary>Ends an exchange that sends nothing any more.</summary>
    private void End(bool isClean)
    {
        if (_connection is { } connection)
        {
            _connection = null;
            request.Interruption.Unwatch();
            _connections!.End(connection, isClean);
        }
    }
}
