using System.Collections.Concurrent;
using Gateway.Registry;

namespace Gateway.Forwarding;

/// <summary>The idle connections to all endpoints of a door.</summary>
internal sealed class UpstreamPool : IDisposable
{
    private readonly ConcurrentDictionary<ServiceEndpoint, IdleConnections> _endpoints = new();
    private readonly ConnectionOptions _options;
    private readonly int _maxIdle;
    private readonly TimeProvider _time;
    private readonly ITimer _cleaning;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="options">How connections are made.</param>
    /// <param name="maxIdle">How many idle connections to an endpoint are kept.</param>
    /// <param name="time">The clock.</param>
    public UpstreamPool(ConnectionOptions options, int maxIdle, TimeProvider time)
    {
        (_options, _maxIdle, _time) = (options, maxIdle, time);
        var interval = options.Idle ?? Timeout.InfiniteTimeSpan;
        _cleaning = time.CreateTimer(static pool => ((UpstreamPool)pool!).Clean(), this, interval, interval);
    }

    /// <summary>Takes an idle connection, or opens one.</summary>
    /// <exception cref="UpstreamException">The endpoint cannot be reached.</exception>
    public ValueTask<UpstreamConnection> TakeAsync(ServiceEndpoint endpoint, CancellationToken cancellationToken) =>
        Idle(endpoint).TryTake(out var connection)
            ? ValueTask.FromResult(connection)
            : new ValueTask<UpstreamConnection>(UpstreamConnection.OpenAsync(endpoint.Address, _options, _time, cancellationToken));

    /// <summary>Gives a connection back whose response has been read to its end.</summary>
    public void Return(ServiceEndpoint endpoint, UpstreamConnection connection)
    {
        if (!connection.TryRest() || !Idle(endpoint).TryAdd(connection))
        {
            connection.Dispose();
        }
    }

    public void Dispose()
    {
        _cleaning.Dispose();
        foreach (var idle in _endpoints.Values)
        {
            idle.Close();
        }
    }

    private IdleConnections Idle(ServiceEndpoint endpoint) =>
        _endpoints.TryGetValue(endpoint, out var idle) ? idle : _endpoints.GetOrAdd(endpoint, _ => new IdleConnections(_maxIdle));

    /// <summary>Drops what has died in the pool: closed connections, and endpoints without any.</summary>
    private void Clean()
    {
        foreach (var (endpoint, idle) in _endpoints)
        {
            if (idle.Clean(closes: true))
            {
                _endpoints.TryRemove(endpoint, out _);
            }
        }
    }
}
