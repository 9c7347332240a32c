using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ServiceDefaults.Tests;

public sealed class DrainTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_turns_readiness_off_and_serves_for_the_drain_then_finishes_requests_in_flight()
    {
        var time = new DrainClock();
        var answer = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var service = await TestService.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time),
            app =>
            {
                app.MapGet("/quick", () => "quick");
                app.MapGet("/slow", async () =>
                {
                    arrived.SetResult();
                    await answer.Task;
                    return "slow";
                });
            },
            ("ServiceDefaults:Drain", "00:00:05"));
        var slow = service.Client.GetStringAsync("/slow", Cancel);
        await arrived.Task.WaitAsync(Bound, Cancel);

        var stop = service.App.StopAsync(Cancel);

        Assert.Equal(TimeSpan.FromSeconds(5), await time.DrainBegun.WaitAsync(Bound, Cancel));
        var health = await service.Client.GetAsync("/health", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("Stopping", await health.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("/alive", Cancel)).StatusCode);
        var quick = await service.Client.GetAsync("/quick", Cancel);
        Assert.Equal("quick", await quick.Content.ReadAsStringAsync(Cancel));
        Assert.True(quick.Headers.ConnectionClose);

        time.Advance(TimeSpan.FromSeconds(4.999));
        Assert.Equal("quick", await service.Client.GetStringAsync("/quick", Cancel));

        time.Advance(TimeSpan.FromSeconds(0.001));
        await service.StopsAcceptingAsync();
        Assert.False(stop.IsCompleted);
        Assert.False(slow.IsCompleted);

        answer.SetResult();
        Assert.Equal("slow", await slow.WaitAsync(Bound, Cancel));
        await stop.WaitAsync(Bound, Cancel);
    }

    [Fact]
    public async Task Connections_are_kept_alive_until_the_application_stops()
    {
        await using var service = await TestService.StartAsync();

        Assert.NotEqual(true, (await service.Client.GetAsync("/alive", Cancel)).Headers.ConnectionClose);
    }

    [Fact]
    public async Task Unconfigured_the_drain_takes_three_seconds_when_the_application_is_asked_to_stop()
    {
        var time = new DrainClock();
        await using var service = await TestService.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        var run = service.App.WaitForShutdownAsync(Cancel);

        service.App.Lifetime.StopApplication(); // what the host does on SIGTERM and Ctrl+C

        Assert.Equal(TimeSpan.FromSeconds(3), await time.DrainBegun.WaitAsync(Bound, Cancel));
        Assert.False(run.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        await run.WaitAsync(Bound, Cancel);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("00:00:00", false)]
    [InlineData("00:00:00", true)]
    public async Task There_is_no_drain_when_code_stops_the_host_or_it_is_turned_off(string? drain, bool asked)
    {
        var time = new DrainClock();
        await using var service = await TestService.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time),
            settings: drain is null ? [] : [("ServiceDefaults:Drain", drain)]);

        if (asked)
        {
            service.App.Lifetime.StopApplication();
        }

        await service.App.StopAsync(Cancel).WaitAsync(Bound, Cancel);
        Assert.False(time.DrainBegun.IsCompleted);
    }

    [Fact]
    public async Task Code_goes_before_the_default()
    {
        var time = new DrainClock();
        await using var service = await TestService.StartAsync(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.Configure<Shutdown.ServiceDefaultsOptions>(options => options.Drain = TimeSpan.FromSeconds(7));
        });

        var stop = service.App.StopAsync(Cancel);

        Assert.Equal(TimeSpan.FromSeconds(7), await time.DrainBegun.WaitAsync(Bound, Cancel));
        time.Advance(TimeSpan.FromSeconds(7));
        await stop.WaitAsync(Bound, Cancel);
    }

    [Theory]
    [InlineData("00:01:00", 90)]
    [InlineData("00:00:00", 30)]
    [InlineData(null, 33)]
    public void The_time_for_requests_in_flight_begins_after_the_drain(string? drain, int seconds)
    {
        using var app = TestService.Build(settings: drain is null ? [] : [("ServiceDefaults:Drain", drain)]);

        Assert.Equal(TimeSpan.FromSeconds(seconds), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Theory]
    [InlineData("-00:00:01")]
    [InlineData("5")] // five days
    [InlineData("1.00:00:00")]
    public void A_drain_out_of_range_is_refused_at_start(string drain)
    {
        var error = Assert.Throws<OptionsValidationException>(() => TestService.Build(settings: ("ServiceDefaults:Drain", drain)));

        Assert.Contains("ServiceDefaults:Drain must be at least 00:00:00 and less than a day", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drain_that_is_no_time_is_refused_at_start()
    {
        var error = Assert.Throws<InvalidOperationException>(() => TestService.Build(settings: ("ServiceDefaults:Drain", "3s")));

        Assert.Contains("'3s' at 'ServiceDefaults:Drain'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A clock that stands still and tells how long the drain will be, once it has begun.</summary>
    private sealed class DrainClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> DrainBegun => _begun.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _begun.TrySetResult(dueTime);
            return timer;
        }
    }
}
