using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Hosting.Embedded.Tests.Eventing;

public class EventingTests
{
    private readonly DistributedApplicationEventing _eventing = new();

    [Theory]
    [InlineData(EventDispatchBehavior.BlockingSequential, false, false)]
    [InlineData(EventDispatchBehavior.BlockingConcurrent, true, false)]
    [InlineData(EventDispatchBehavior.NonBlockingSequential, false, true)]
    [InlineData(EventDispatchBehavior.NonBlockingConcurrent, true, true)]
    public async Task Subscribers_are_called_in_turn_or_at_once_and_waited_for_or_not(
        EventDispatchBehavior behavior,
        bool atOnce,
        bool goesOn)
    {
        var firstMayEnd = new TaskCompletionSource();
        var firstStarted = new TaskCompletionSource();
        var secondStarted = new TaskCompletionSource();
        _eventing.Subscribe<Happened>((_, _) =>
        {
            firstStarted.SetResult();
            return firstMayEnd.Task;
        });
        _eventing.Subscribe<Happened>((_, _) =>
        {
            secondStarted.SetResult();
            return Task.CompletedTask;
        });
        var publish = _eventing.PublishAsync(new Happened(), behavior, TestContext.Current.CancellationToken);
        await firstStarted.Task;
        if (atOnce)
        {
            await secondStarted.Task;
        }
        else
        {
            Assert.False(secondStarted.Task.IsCompleted);
        }

        Assert.Equal(goesOn, publish.IsCompleted);
        firstMayEnd.SetResult();
        await publish;
        await secondStarted.Task;
    }

    [Fact]
    public async Task A_subscriber_that_fails_stops_the_next_and_the_publisher()
    {
        _eventing.Subscribe<Happened>((_, _) => throw new FormatException());
        _eventing.Subscribe<Happened>((_, _) =>
        {
            Assert.Fail("Not to be called.");
            return Task.CompletedTask;
        });
        await Assert.ThrowsAsync<FormatException>(() => _eventing.PublishAsync(new Happened(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_subscription_may_be_ended()
    {
        var count = 0;
        var subscription = _eventing.Subscribe<Happened>((_, _) => Task.FromResult(count++));
        await _eventing.PublishAsync(new Happened(), TestContext.Current.CancellationToken);
        _eventing.Unsubscribe(subscription);
        await _eventing.PublishAsync(new Happened(), TestContext.Current.CancellationToken);
        Assert.Equal(1, count);
    }

    [Fact]
    public void An_event_is_subscribed_to_by_its_own_type() =>
        Assert.Throws<ArgumentException>(() => _eventing.Subscribe<IDistributedApplicationEvent>((_, _) => Task.CompletedTask));

    [Fact]
    public async Task Handlers_of_a_resource_are_called_for_that_resource()
    {
        var log = new List<string>();
        var builder = TestModel.Run();
        var ping = builder.AddResource(new CustomResource("ping"));
        var pong = builder.AddResource(new CustomResource("pong"));
        ping.OnBeforeResourceStarted((r, _, _) => Log($"before {r.Name}"))
            .OnResourceReady((r, _, _) => Log($"ready {r.Name}"))
            .OnResourceEndpointsAllocated((r, _, _) => Log($"endpoints {r.Name}"))
            .OnResourceStopped((r, e, _) => Log($"stopped {r.Name} {e.ResourceEvent.Snapshot.ExitCode}"))
            .OnInitializeResource((r, e, _) => Log($"initialize {r.Name} {e.Notifications is not null}"));
        await using var app = builder.Build();
        foreach (var resource in (IResource[])[ping.Resource, pong.Resource])
        {
            await builder.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, app.Services), TestContext.Current.CancellationToken);
            await builder.Eventing.PublishAsync(new ResourceReadyEvent(resource, app.Services), TestContext.Current.CancellationToken);
            await builder.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, app.Services), TestContext.Current.CancellationToken);
            var snapshot = new CustomResourceSnapshot { ResourceType = "x", Properties = [], ExitCode = 7 };
            await builder.Eventing.PublishAsync(new ResourceStoppedEvent(resource, app.Services, new ResourceEvent(resource, resource.Name, snapshot)), TestContext.Current.CancellationToken);
        }

        Assert.Equal(["before ping", "ready ping", "endpoints ping", "stopped ping 7"], log);
        Task Log(string line)
        {
            log.Add(line);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_custom_resource_starts_itself_when_it_is_initialized_and_waits_by_announcing_it()
    {
        var log = new List<string>();
        var builder = TestModel.Run();
        var db = builder.AddResource(new CustomResource("db"));
        var app = builder.AddResource(new CustomResource("app")).WaitFor(db).OnInitializeResource(async (r, e, token) =>
        {
            await e.Eventing.PublishAsync(new BeforeResourceStartedEvent(r, e.Services), token);
            log.Add("app starts");
            await e.Notifications.PublishUpdateAsync(r, s => s with { State = KnownResourceStates.Running });
        });
        await using var application = builder.Build();
        await application.StartAsync(TestContext.Current.CancellationToken);
        await application.ResourceNotifications.WaitForResourceAsync("app", KnownResourceStates.Waiting, TestContext.Current.CancellationToken);
        log.Add("db runs");
        await application.ResourceNotifications.PublishUpdateAsync(db.Resource, s => s with { State = KnownResourceStates.Running });
        await application.ResourceNotifications.WaitForResourceHealthyAsync("app", TestContext.Current.CancellationToken);
        Assert.Equal(["db runs", "app starts"], log);
    }

    private sealed class Happened : IDistributedApplicationEvent;
}
