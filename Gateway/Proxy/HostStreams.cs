using Gateway.Clusters;
using Gateway.Clusters.Limits;
using Gateway.Forwarding;

namespace Gateway.Proxy;

/// <summary>
/// The HTTP/2 connections to one host of a cluster that limits them: how many streams one carries at a time, or in all. A request for
/// which none has room waits for another connection, or, where there may be no more, for the first stream that ends. Other clusters do
/// without: see <see cref="UpstreamConnections.Http2"/>.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/conn_pool/conn_pool_base.cc and source/common/http/http2/conn_pool.cc.</remarks>
internal sealed class HostStreams
{
    private readonly Cluster _cluster;
    private readonly CircuitBreakers _limits;
    private readonly int _maxStreams;
    private readonly int _maxRequests;
    private readonly Lock _gate = new();
    private readonly List<Connection> _connections = [];
    private readonly LinkedList<TaskCompletionSource<Connection?>> _waiting = new();
    private bool _isClosed;

    /// <summary>Makes an empty pool.</summary>
    public HostStreams(Cluster cluster)
    {
        (_cluster, _limits) = (cluster, cluster.Limits);
        _maxStreams = Limit(MaxStreams(cluster));
        _maxRequests = Limit(cluster.Settings.Connections.MaxRequestsPerConnection);
    }

    /// <summary>The cluster of the host.</summary>
    public Cluster Cluster => _cluster;

    /// <summary>Whether a cluster limits its HTTP/2 connections.</summary>
    public static bool IsNeeded(Cluster cluster) => MaxStreams(cluster) > 0 || cluster.Settings.Connections.MaxRequestsPerConnection > 0;

    /// <summary>Takes a place for a stream, until <see cref="Http2Client.Leave"/>.</summary>
    /// <exception cref="UpstreamException">A limit was reached.</exception>
    /// <exception cref="OperationCanceledException">The request or the attempt was interrupted.</exception>
    public async ValueTask<Http2Client> TakeAsync(Interruption interruption)
    {
        lock (_gate)
        {
            if (_connections.Find(HasRoom) is { } free)
            {
                return Begin(free);
            }
        }

        if (!_limits.PendingRequests.TryEnter())
        {
            throw new UpstreamException(UpstreamFailure.Overflow);
        }

        var wait = interruption.CreateWait();
        try
        {
            return await WaitAsync(wait.Token);
        }
        finally
        {
            _limits.PendingRequests.Leave();
            interruption.EndWait(wait);
        }
    }

    /// <summary>The host is gone: connections without streams end, and the others with their streams.</summary>
    public void Close()
    {
        Connection[] done;
        lock (_gate)
        {
            _isClosed = true;
            done = [.. _connections.Where(IsDone)];
            Array.ForEach(done, Remove);
        }

        Array.ForEach(done, static connection => connection.Retire());
    }

    /// <summary>Istio writes the limit into the options of HTTP/2 alone, which a cluster of the client's protocol gets anew.</summary>
    private static int MaxStreams(Cluster cluster) =>
        cluster.Settings.Protocol == ClusterProtocol.Http2 ? cluster.Settings.Connections.MaxConcurrentStreams : 0;

    private static int Limit(int value) => value > 0 ? value : int.MaxValue;

    private async Task<Http2Client> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource<Connection?> waiting;
            lock (_gate)
            {
                if (_connections.Find(HasRoom) is { } free)
                {
                    return Begin(free);
                }

                if (_limits.TryOpenConnection(_connections.Count == 0))
                {
                    return Open();
                }

                waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.AddLast(waiting);
            }

            await using var registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource<Connection?>)state!).TrySetCanceled(token), waiting);

            // Null means that a connection has ended, so that there is room for another.
            if (await waiting.Task is { } given)
            {
                return given;
            }
        }
    }

    // What follows is called under the lock.

    private bool HasRoom(Connection connection) => connection.Streams < _maxStreams && connection.Started < _maxRequests;

    private bool IsDone(Connection connection) =>
        connection.Streams == 0 && (_isClosed || connection.Started >= _maxRequests || connection.Sockets == 0);

    private Connection Open()
    {
        var connection = new Connection(_cluster, this);
        _connections.Add(connection);
        Begin(connection);
        Give(connection);
        return connection;
    }

    private static Connection Begin(Connection connection)
    {
        connection.Streams++;
        connection.Started++;
        connection.Enter();
        return connection;
    }

    /// <summary>Gives the room of a connection to those who wait.</summary>
    private void Give(Connection connection)
    {
        while (HasRoom(connection) && TakeWaiting() is { } waiting)
        {
            Begin(connection);
            if (!waiting.TrySetResult(connection))
            {
                connection.Streams--;
                connection.Started--;
                connection.Leave(isStream: false);
            }
        }
    }

    private void Remove(Connection connection)
    {
        if (!_connections.Remove(connection))
        {
            return;
        }

        if (connection.HoldsPlace)
        {
            connection.HoldsPlace = false;
            _limits.Connections.Leave();
        }
    }

    /// <summary>Lets the first who still waits try again.</summary>
    private void Wake()
    {
        while (TakeWaiting() is { } waiting && !waiting.TrySetResult(null))
        {
        }
    }

    private TaskCompletionSource<Connection?>? TakeWaiting()
    {
        var first = _waiting.First;
        if (first is not null)
        {
            _waiting.RemoveFirst();
        }

        return first?.Value;
    }

    // What follows is called without it.

    private void EndStream(Connection connection)
    {
        bool isDone;
        lock (_gate)
        {
            connection.Streams--;
            isDone = Settle(connection);
        }

        if (isDone)
        {
            connection.Retire();
        }
    }

    private void EndSocket(Connection connection)
    {
        bool isDone;
        lock (_gate)
        {
            connection.Sockets--;
            _limits.Connections.Leave();
            isDone = Settle(connection);
            Wake();
        }

        if (isDone)
        {
            connection.Retire();
        }
    }

    private bool Settle(Connection connection)
    {
        if (!_connections.Contains(connection))
        {
            return false;
        }

        if (!IsDone(connection))
        {
            Give(connection);
            return false;
        }

        Remove(connection);
        Wake();
        return true;
    }

    private void BeginSocket(Connection connection)
    {
        lock (_gate)
        {
            connection.Sockets++;
            if (connection.HoldsPlace)
            {
                connection.HoldsPlace = false;
                return;
            }
        }

        // One that the client makes by itself: the endpoint allows fewer streams, or has sent the ones of before away.
        _limits.Connections.Enter();
    }

    /// <summary>A client whose streams are counted.</summary>
    private sealed class Connection(Cluster cluster, HostStreams pool) : Http2Client(cluster)
    {
        /// <summary>Streams under way.</summary>
        public int Streams { get; set; }

        /// <summary>Streams so far.</summary>
        public int Started { get; set; }

        /// <summary>How many sockets there are: one, or none before it connects and after the endpoint has closed it.</summary>
        public int Sockets { get; set; }

        /// <summary>Whether the connection is counted already, though nothing connects yet.</summary>
        public bool HoldsPlace { get; set; } = true;

        public override void Leave() => Leave(isStream: true);

        public void Leave(bool isStream)
        {
            if (isStream)
            {
                pool.EndStream(this);
            }

            base.Leave();
        }

        public override void Retire() => base.Leave();

        protected override void OnConnecting() => pool.BeginSocket(this);

        protected override void OnDisconnected() => pool.EndSocket(this);
    }
}
