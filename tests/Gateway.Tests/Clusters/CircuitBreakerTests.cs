using Gateway.Clusters.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Clusters;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();

    private CircuitBreakers Start(CircuitBreakerLimits limits) => new(limits, _time);

    [Fact]
    public void Without_configuration_nothing_overflows()
    {
        var breakers = Start(new CircuitBreakerLimits());
        for (var index = 0; index < 100_000; index++)
        {
            Assert.True(breakers.TryEnterRequest());
            Assert.True(breakers.PendingRequests.TryEnter());
            Assert.True(breakers.TryEnterRetry());
            Assert.True(breakers.TryOpenConnection(isFirstOfHost: false));
        }
    }

    [Fact]
    public void A_limit_lets_so_many_in_and_another_when_one_leaves()
    {
        var breaker = Start(new CircuitBreakerLimits(MaxRequests: 2)).Requests;
        Assert.True(breaker.TryEnter());
        Assert.False(breaker.IsOpen);
        Assert.True(breaker.TryEnter());
        Assert.True(breaker.IsOpen);
        Assert.False(breaker.TryEnter());
        Assert.Equal((2, 1), (breaker.Count, breaker.Overflows));
        breaker.Leave();
        Assert.True(breaker.TryEnter());
    }

    [Fact]
    public void A_host_without_connections_gets_one_in_spite_of_the_limit()
    {
        var breakers = Start(new CircuitBreakerLimits(MaxConnections: 1));
        Assert.True(breakers.TryOpenConnection(isFirstOfHost: true));
        Assert.False(breakers.TryOpenConnection(isFirstOfHost: false));
        Assert.True(breakers.TryOpenConnection(isFirstOfHost: true));
        Assert.Equal(2, breakers.Connections.Count);
        breakers.Connections.Leave();
        Assert.False(breakers.TryOpenConnection(isFirstOfHost: false));
    }

    [Fact]
    public async Task Many_threads_never_pass_a_limit()
    {
        var breaker = Start(new CircuitBreakerLimits(MaxRequests: 5)).Requests;
        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), TestContext.Current.CancellationToken, (_, _) =>
        {
            if (breaker.TryEnter())
            {
                Assert.InRange(breaker.Count, 1, 5);
                breaker.Leave();
            }

            return ValueTask.CompletedTask;
        });
        Assert.Equal(0, breaker.Count);
    }

    [Theory]
    // 20 percent of 100 requests; the least number where that is more; nothing else.
    [InlineData(20, 3, 100, 0, 20)]
    [InlineData(20, 3, 50, 50, 20)]
    [InlineData(20, 3, 10, 0, 3)]
    [InlineData(20, 3, 0, 0, 3)]
    [InlineData(25, 1, 7, 0, 1)]
    [InlineData(0, 2, 1000, 0, 2)]
    [InlineData(100, 1, 9, 0, 9)]
    public void A_retry_budget_is_a_share_of_the_requests_there_are(double percent, int least, int active, int pending, int expected)
    {
        var budget = new RetryBudgetLimit(percent, (uint)least, TimeSpan.Zero);
        var breakers = Start(new CircuitBreakerLimits(MaxRetries: 1) { RetryBudget = budget });
        for (var index = 0; index < active; index++)
        {
            breakers.TryEnterRequest();
        }

        for (var index = 0; index < pending; index++)
        {
            breakers.PendingRequests.TryEnter();
        }

        var retries = 0;
        while (breakers.TryEnterRetry())
        {
            retries++;
        }

        Assert.Equal(expected, retries);
    }

    [Fact]
    public void A_retry_budget_with_an_interval_counts_the_requests_that_began_within_it()
    {
        var budget = new RetryBudgetLimit(10, 1, TimeSpan.FromSeconds(10));
        var breakers = Start(new CircuitBreakerLimits() { RetryBudget = budget });
        for (var index = 0; index < 100; index++)
        {
            breakers.TryEnterRequest();
            breakers.Requests.Leave();
        }

        Assert.Equal(10u, breakers.RetryLimit);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(10u, breakers.RetryLimit);
        for (var index = 0; index < 100; index++)
        {
            breakers.TryEnterRequest();
            breakers.Requests.Leave();
        }

        Assert.Equal(20u, breakers.RetryLimit);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(10u, breakers.RetryLimit);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1u, breakers.RetryLimit);
    }
}
