using Dashboard.Localization;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Parts;

/// <summary>
/// A part of a page that follows what changes: it is loaded once on the server, so that a page has its data when it opens, and again when
/// there is something new, a few times a second at most however much comes.
/// </summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _disposed = new();
    private IReadOnlyList<IDisposable> _subscriptions = [];
    private Task _following = Task.CompletedTask;
    private int _isChanged;

    /// <summary>The words of the page.</summary>
    [CascadingParameter]
    protected Texts T { get; set; } = Texts.Of(null);

    /// <summary>The clock.</summary>
    [Inject]
    protected TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Disposed => _disposed.Token;

    /// <summary>How often it is loaded again at most.</summary>
    protected virtual TimeSpan Interval => TimeSpan.FromMilliseconds(400);

    /// <summary>Whether it changes with time alone.</summary>
    protected virtual bool IsTicking => false;

    /// <summary>Subscribes to what it shows; the subscriptions end with it.</summary>
    protected virtual IEnumerable<IDisposable> Subscribe() => [];

    /// <summary>Reads what it shows.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <summary>Takes note that there is something new. May be called from any thread.</summary>
    protected void MarkChanged() => Volatile.Write(ref _isChanged, 1);

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LoadAsync();

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _subscriptions = [.. Subscribe()];
            MarkChanged(); // what came between the first load and the subscription
            _following = FollowAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _disposed.CancelAsync();
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }

        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _disposed.Dispose();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(Interval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(Disposed))
            {
                if (Interlocked.Exchange(ref _isChanged, 0) == 1 || IsTicking)
                {
                    await LoadAsync();
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page has been left.
        }
    }
}
