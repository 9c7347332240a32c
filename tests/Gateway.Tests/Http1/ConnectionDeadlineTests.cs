using Gateway.Http1;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Tests.Http1;

/// <summary>How long a connection waits, in beats of the server's heart: seconds.</summary>
public sealed class ConnectionDeadlineTests : IConnectionHeartbeatFeature, IAsyncDisposable
{
    private readonly AbortableConnection _connection = new();
    private readonly ConnectionDeadline _deadline;
    private Action? _beat;
    private int _idle;

    public ConnectionDeadlineTests()
    {
        _connection.Features.Set<IConnectionHeartbeatFeature>(this);
        _deadline = new ConnectionDeadline(_connection, () => _idle++);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state) => _beat = () => action(state);

    private void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _beat!();
        }
    }

    [Fact]
    public void A_connection_without_a_request_ends_after_75_seconds()
    {
        _deadline.BeginIdle();
        Pass(75);
        Assert.Equal(0, _idle);
        Pass(1);
        Assert.Equal((1, false), (_idle, _connection.IsAborted));
    }

    [Fact]
    public void A_request_may_take_as_long_as_its_rules_let_it()
    {
        _deadline.BeginIdle();
        Pass(70);
        _deadline.End();
        Pass(100_000);
        _deadline.BeginIdle();
        Pass(75);
        Assert.Equal((0, false), (_idle, _connection.IsAborted));
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(100, 100)]
    public void A_client_that_takes_nothing_of_its_response_is_broken_off(long bytes, int seconds)
    {
        _deadline.BeginSending(bytes);
        Pass(seconds);
        Assert.False(_connection.IsAborted);
        Pass(1);
        Assert.Equal((0, true), (_idle, _connection.IsAborted));
    }

    private sealed class AbortableConnection : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
