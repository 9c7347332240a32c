namespace Aspire.Hosting.Orchestration.Priority;

/// <summary>
/// Lets a replica that is started again go before those that serve: while it starts, each of them has a third of its share of the
/// processors. Under full load a start takes two to three times as long otherwise, since it competes with the load for them.
/// </summary>
/// <remarks>
/// Works where <see cref="IProcessorShares"/> can be changed back by anybody; elsewhere nothing happens. Knows processes by their ids
/// only.
/// </remarks>
internal sealed class StartPriority(IProcessorShares shares, TimeProvider time)
{
    /// <summary>A start that takes longer is no reason any more to keep others back: it hangs, or there is no end to its work.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // As often as Linux lets a process without privileges change the share of another.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _starting = []; // since when
    private readonly Dictionary<int, bool> _serving = []; // whether it gives way
    private bool _isWorking;

    /// <summary>A process has been started in the place of one that died.</summary>
    public void OnStartingAgain(int processId)
    {
        lock (_gate)
        {
            _starting[processId] = time.GetTimestamp();
            Work();
        }
    }

    /// <summary>A process takes traffic.</summary>
    public void OnServing(int processId)
    {
        lock (_gate)
        {
            _starting.Remove(processId);
            _serving.TryAdd(processId, false);
            Work();
        }
    }

    /// <summary>A process has ended.</summary>
    public void OnEnded(int processId)
    {
        lock (_gate)
        {
            _starting.Remove(processId);
            _serving.Remove(processId);
        }
    }

    private void Work()
    {
        if (!_isWorking)
        {
            _isWorking = Apply();
            if (_isWorking)
            {
                _ = WorkOnAsync();
            }
        }
    }

    private async Task WorkOnAsync()
    {
        var isWorking = true;
        while (isWorking)
        {
            await Task.Delay(Period, time);
            lock (_gate)
            {
                isWorking = _isWorking = Apply();
            }
        }
    }

    // Whether there will be something to do later.
    private bool Apply()
    {
        foreach (var (processId, since) in _starting.ToArray())
        {
            if (time.GetElapsedTime(since) >= Limit)
            {
                _starting.Remove(processId);
            }
        }

        var giveWay = _starting.Count > 0;
        foreach (var (processId, givesWay) in _serving.ToArray())
        {
            if (givesWay != giveWay && !TryChange(processId, giveWay))
            {
                return true;
            }
        }

        return giveWay;
    }

    private bool TryChange(int processId, bool giveWay)
    {
        switch (shares.Change(processId, reduced: giveWay))
        {
            case ShareChange.Busy:
                return false;
            case ShareChange.Done:
                _serving[processId] = giveWay;
                return true;
            default:
                _serving.Remove(processId);
                return true;
        }
    }
}
