using Aspire.Hosting.Orchestration.Priority;

namespace Hosting.Embedded.Tests.Orchestration.Priority;

public sealed class StartPriorityTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ManualTimeProvider _time = new();
    private readonly Shares _shares = new();
    private readonly StartPriority _priority;

    public StartPriorityTests() => _priority = new StartPriority(_shares, _time);

    [Fact]
    public async Task Those_that_serve_give_way_until_the_new_process_serves_too()
    {
        _priority.OnServing(1);
        _priority.OnServing(2);
        Assert.Empty(_shares.Changes);

        _priority.OnStartingAgain(3);
        Assert.Equal(["1 gives way", "2 gives way"], _shares.Take());

        _priority.OnServing(3);
        await TickAsync();
        Assert.Equal(["1 back", "2 back"], _shares.Take());
    }

    [Fact]
    public async Task They_give_way_until_the_last_of_several_has_started()
    {
        _priority.OnServing(1);
        _priority.OnStartingAgain(2);
        _priority.OnStartingAgain(3);
        _priority.OnServing(2);
        await TickAsync();
        Assert.Equal(["1 gives way", "2 gives way"], _shares.Take());

        _priority.OnServing(3);
        await TickAsync();
        Assert.Equal(["1 back", "2 back"], _shares.Take());
    }

    [Fact]
    public async Task A_start_that_hangs_holds_nobody_back_for_longer_than_five_seconds()
    {
        _priority.OnServing(1);
        _priority.OnStartingAgain(2);
        for (var elapsed = Period; elapsed < StartPriority.Limit; elapsed += Period)
        {
            await TickAsync();
        }

        Assert.Equal(["1 gives way"], _shares.Take());
        await TickAsync();
        Assert.Equal(["1 back"], _shares.Take());
    }

    [Fact]
    public async Task A_process_that_dies_while_it_starts_is_waited_for_no_more()
    {
        _priority.OnServing(1);
        _priority.OnStartingAgain(2);
        _priority.OnEnded(2);
        await TickAsync();

        Assert.Equal(["1 gives way", "1 back"], _shares.Take());
    }

    [Fact]
    public async Task A_process_that_has_ended_is_left_alone()
    {
        _priority.OnServing(1);
        _priority.OnStartingAgain(2);
        _priority.OnEnded(1); // its id may be another program's from now on
        _priority.OnServing(2);
        await TickAsync();

        Assert.Equal(["1 gives way"], _shares.Take());
    }

    [Fact]
    public async Task A_system_that_is_not_ready_for_the_next_change_is_asked_again()
    {
        _priority.OnServing(1);
        _priority.OnServing(2);
        _shares.Next.Enqueue(ShareChange.Done);
        _shares.Next.Enqueue(ShareChange.Busy);
        _priority.OnStartingAgain(3);
        Assert.Equal(["1 gives way"], _shares.Take());
        await TickAsync();
        Assert.Equal(["2 gives way"], _shares.Take());

        _shares.Next.Enqueue(ShareChange.Busy);
        _priority.OnServing(3);
        await TickAsync();
        Assert.Empty(_shares.Take());
        await TickAsync();
        Assert.Equal(["1 back", "2 back"], _shares.Take());
    }

    [Fact]
    public void Where_it_is_impossible_it_is_tried_once()
    {
        _priority.OnServing(1);
        _shares.Next.Enqueue(ShareChange.Impossible);
        _priority.OnStartingAgain(2);
        _priority.OnStartingAgain(3);

        Assert.Empty(_shares.Take());
    }

    private async Task TickAsync()
    {
        await _time.WaitForTimerAsync(Period);
        _time.Advance(Period);
    }

    private sealed class Shares : IProcessorShares
    {
        public Queue<ShareChange> Next { get; } = [];

        public List<string> Changes { get; } = [];

        public ShareChange Change(int processId, bool reduced)
        {
            var change = Next.TryDequeue(out var next) ? next : ShareChange.Done;
            if (change == ShareChange.Done)
            {
                Changes.Add($"{processId} {(reduced ? "gives way" : "back")}");
            }

            return change;
        }

        public string[] Take()
        {
            string[] changes = [.. Changes];
            Changes.Clear();
            return changes;
        }
    }
}
