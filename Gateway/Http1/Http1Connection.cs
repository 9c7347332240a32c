using System.IO.Pipelines;
using Gateway.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;

namespace Gateway.Http1;

/// <summary>
/// A connection, as long as its requests are plain. At the first that is not, and for all that follow, it is Kestrel's. Every request goes
/// through ASP.NET Core's hosting, which makes its trace, its metrics and its logs.
/// </summary>
/// <typeparam name="TContext">What the host has of a request.</typeparam>
internal sealed partial class Http1Connection<TContext>
    where TContext : notnull
{
    private readonly ConnectionContext _connection;
    private readonly IHttpApplication<TContext> _application;
    private readonly ILogger _logger;
    private readonly PipeReader _input;
    private readonly ConnectionDeadline _deadline;
    private readonly Features _features;
    private volatile bool _isStopping;

    /// <summary>Takes a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="listener">Where it came in.</param>
    /// <param name="application">Serves its requests.</param>
    /// <param name="logger">Told of requests that fail.</param>
    public Http1Connection(ConnectionContext connection, DoorListener listener, IHttpApplication<TContext> application, ILogger logger)
    {
        (_connection, _application, _logger, _input) = (connection, application, logger, connection.Transport.Input);
        _deadline = new ConnectionDeadline(connection, Stop);
        _features = new Features(connection, listener, _deadline);
    }

    /// <summary>Serves it to its end.</summary>
    /// <param name="next">Takes it over.</param>
    public async Task RunAsync(ConnectionDelegate next)
    {
        var lifetime = _connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        var stopping = lifetime?.ConnectionClosedRequested.UnsafeRegister(static state => ((Http1Connection<TContext>)state!).Stop(), this) ?? default;
        bool isServed;
        try
        {
            isServed = await ServeAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone.
            return;
        }
        finally
        {
            stopping.Unregister();
            _deadline.End();
        }

        if (!isServed)
        {
            await next(_connection);
        }
    }

    /// <summary>Serves requests. One method, because each one that waits costs.</summary>
    /// <returns>False at a request that is not plain, and still unread; true at the end of the connection.</returns>
    private async Task<bool> ServeAsync()
    {
        var clean = ExecutionContext.Capture();
        while (!_isStopping)
        {
            _deadline.BeginIdle();
            var received = await _input.ReadAsync();
            _deadline.End();
            if (received.IsCanceled || received.Buffer.IsEmpty)
            {
                _input.AdvanceTo(received.Buffer.Start);
                if (received.IsCompleted)
                {
                    return true;
                }

                continue;
            }

            if (!TryBegin(received))
            {
                return false;
            }

            var context = _application.CreateContext(_features);
            Exception? failure = null;
            try
            {
                await _application.ProcessRequestAsync(context);
                await _features.Writer.CompleteResponseAsync();
            }
            catch (Exception exception) when (exception is OperationCanceledException || _connection.ConnectionClosed.IsCancellationRequested)
            {
                // There is nobody to answer.
                _features.Abort();
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            if (failure is not null || _features.HasOnCompleted)
            {
                await EndAsync(failure);
            }

            _application.DisposeContext(context, failure);
            if (!_features.KeepsAlive)
            {
                return true;
            }

            if (clean is not null)
            {
                // What a request leaves behind in it, its trace for one, ends with the request.
                ExecutionContext.Restore(clean);
            }
        }

        return true;
    }

    private bool TryBegin(in ReadResult received)
    {
        var length = RequestReader.FindEnd(received.Buffer);
        if (length == 0 || !_features.TryBegin(received.Buffer.FirstSpan[..length]))
        {
            _input.AdvanceTo(received.Buffer.Start);
            return false;
        }

        _input.AdvanceTo(received.Buffer.GetPosition(length));
        _features.KeepsAlive = !_isStopping;
        return true;
    }

    private async ValueTask EndAsync(Exception? failure)
    {
        try
        {
            if (failure is not null)
            {
                await FailAsync(failure);
            }

            await _features.CompletedAsync();
        }
        catch (Exception exception)
        {
            LogFailure(exception, _features.Method, _features.RawTarget);
            _features.Abort();
        }
    }

    private async ValueTask FailAsync(Exception failure)
    {
        LogFailure(failure, _features.Method, _features.RawTarget);
        if (_features.HasStarted)
        {
            // All that can still be said.
            _features.Abort();
            return;
        }

        _features.Reset();
        _features.StatusCode = StatusCodes.Status500InternalServerError;
        await _features.Writer.CompleteResponseAsync();
    }

    private void Stop()
    {
        _isStopping = true;
        _features.KeepsAlive = false;
        _input.CancelPendingRead();
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Target} failed in the gateway itself.")]
    private partial void LogFailure(Exception exception, string method, string target);

    /// <summary>Keeps the host's own object for the next request.</summary>
    private sealed class Features(ConnectionContext connection, DoorListener listener, ConnectionDeadline deadline)
        : RequestFeatures(connection, listener, deadline), IHostContextContainer<TContext>
    {
        public TContext? HostContext { get; set; }
    }
}
