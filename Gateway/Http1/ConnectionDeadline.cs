using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Http1;

/// <summary>
/// How long a connection may be silent, and how long its client may take nothing. Its clock is the server's heartbeat, once a second: exact
/// enough, and a deadline costs no timer.
/// </summary>
internal sealed class ConnectionDeadline
{
    /// <summary>Seconds without a request: ingress-nginx's keep-alive.</summary>
    internal const int Idle = 75;

    /// <summary>Seconds in which a client takes nothing: nginx's send_timeout. More for more bytes, a second each, as Kestrel gives.</summary>
    internal const int Sending = 60;

    private const long Never = long.MaxValue;

    private readonly ConnectionContext _connection;
    private readonly Action _onIdle;
    private volatile bool _isSending;
    private long _now;
    private long _deadline = Never;

    /// <summary>Watches a connection.</summary>
    /// <param name="connection">The connection, which is broken off when its client takes nothing.</param>
    /// <param name="onIdle">Told when there was no request.</param>
    public ConnectionDeadline(ConnectionContext connection, Action onIdle)
    {
        (_connection, _onIdle) = (connection, onIdle);
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((ConnectionDeadline)state).OnHeartbeat(), this);
    }

    /// <summary>A request is waited for.</summary>
    public void BeginIdle() => Begin(Idle, isSending: false);

    /// <summary>The client has to take bytes.</summary>
    public void BeginSending(long bytes) => Begin(Math.Max(Sending, bytes), isSending: true);

    /// <summary>Nothing is waited for.</summary>
    public void End() => Volatile.Write(ref _deadline, Never);

    private void Begin(long seconds, bool isSending)
    {
        _isSending = isSending;
        Volatile.Write(ref _deadline, Volatile.Read(ref _now) + seconds);
    }

    private void OnHeartbeat()
    {
        _now++;
        if (_now <= Volatile.Read(ref _deadline))
        {
            return;
        }

        if (_isSending)
        {
            _connection.Abort(new ConnectionAbortedException("The client took nothing of its response."));
        }
        else
        {
            _onIdle();
        }
    }
}
