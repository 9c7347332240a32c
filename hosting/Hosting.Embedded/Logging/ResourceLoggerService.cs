using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The logs of the resources: what the AppHost says of them and what their processes print, one log per replica. The last
/// 10,000 lines of each are kept.
/// </summary>
public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(ResourceNameComparer.Instance);
    private readonly Lock _lock = new();
    private readonly List<ChannelWriter<LogSubscriber>> _subscriberWatchers = [];
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Where the time of a line comes from.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The log of a resource; with replicas, what is logged goes to each of them.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>A logger that stamps each line with the time.</returns>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceLogger(() => resource.GetResourceIds().Select(LogOf));
    }

    /// <summary>The log of a resource or replica.</summary>
    /// <param name="resourceName">The name of the replica, or of a resource that has only one.</param>
    /// <returns>A logger that stamps each line with the time.</returns>
    public ILogger GetLogger(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        var log = LogOf(resourceName);
        return new ResourceLogger(() => [log]);
    }

    /// <summary>The lines a resource has logged so far.</summary>
    /// <param name="resource">The resource; with replicas, one after the other.</param>
    /// <returns>The lines.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Concatenate(resource.GetResourceIds().Select(GetAllAsync));
    }

    /// <summary>The lines a resource or replica has logged so far.</summary>
    /// <param name="resourceName">The name of the replica, or of a resource that has only one.</param>
    /// <returns>The lines.</returns>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        await Task.CompletedTask;
        yield return LogOf(resourceName).Snapshot();
    }

    /// <summary>The lines a resource has logged so far, then each new one until its log is completed.</summary>
    /// <param name="resource">The resource; with replicas, their lines are mixed.</param>
    /// <returns>The lines, in batches.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchManyAsync([.. resource.GetResourceIds()]);
    }

    /// <summary>The lines a resource or replica has logged so far, then each new one until its log is completed.</summary>
    /// <param name="resourceName">The name of the replica, or of a resource that has only one.</param>
    /// <returns>The lines, in batches.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        return WatchManyAsync([resourceName]);
    }

    /// <summary>Tells which logs are watched: all that are at first, then each change.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The changes, without end.</returns>
    public async IAsyncEnumerable<LogSubscriber> WatchAnySubscribersAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var channel = Channel.CreateUnbounded<LogSubscriber>();
        lock (_lock)
        {
            _subscriberWatchers.Add(channel.Writer);
            foreach (var log in _logs.Values.Where(static l => l.IsWatched))
            {
                channel.Writer.TryWrite(new LogSubscriber(log.Name, AnySubscribers: true));
            }
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(linked.Token))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_lock)
            {
                _subscriberWatchers.Remove(channel.Writer);
            }
        }
    }

    /// <summary>Ends the log of a resource: those that watch it come to an end.</summary>
    /// <param name="resource">The resource.</param>
    public void Complete(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var id in resource.GetResourceIds())
        {
            Complete(id);
        }
    }

    /// <summary>Ends the log of a resource or replica: those that watch it come to an end.</summary>
    /// <param name="name">The name of the replica, or of a resource that has only one.</param>
    public void Complete(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_logs.TryGetValue(name, out var log))
        {
            log.Complete();
        }
    }

    /// <summary>Forgets the lines a resource or replica has logged so far.</summary>
    /// <param name="resourceName">The name of the replica, or of a resource that has only one.</param>
    public void ClearBacklog(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        if (_logs.TryGetValue(resourceName, out var log))
        {
            log.Clear();
        }
    }

    /// <summary>Ends all logs.</summary>
    public void Dispose()
    {
        _disposing.Cancel();
        foreach (var log in _logs.Values)
        {
            log.Complete();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a line that a process has printed, stamped with the time.</summary>
    internal void AddLine(string resourceId, string text, bool isError) => LogOf(resourceId).Add(text, isError);

    private ResourceLog LogOf(string name) =>
        _logs.GetOrAdd(name, static (n, self) => new ResourceLog(n, self.TimeProvider, self.OnWatchedChanged), this);

    private void OnWatchedChanged(string name, bool isWatched)
    {
        lock (_lock)
        {
            foreach (var watcher in _subscriberWatchers)
            {
                watcher.TryWrite(new LogSubscriber(name, isWatched));
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchManyAsync(
        IReadOnlyList<string> names,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<LogLine>(new UnboundedChannelOptions { SingleReader = true });
        var open = names.Count;
        var watches = names.Select(name => LogOf(name).Watch(channel.Writer, onCompleted: () =>
        {
            if (Interlocked.Decrement(ref open) == 0)
            {
                channel.Writer.TryComplete();
            }
        })).ToArray();
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<LogLine>();
                while (batch.Count < 1000 && channel.Reader.TryRead(out var line))
                {
                    batch.Add(line);
                }

                yield return batch;
            }
        }
        finally
        {
            foreach (var watch in watches)
            {
                watch.Dispose();
            }
        }
    }

    private static async IAsyncEnumerable<IReadOnlyList<LogLine>> Concatenate(IEnumerable<IAsyncEnumerable<IReadOnlyList<LogLine>>> sources)
    {
        foreach (var source in sources)
        {
            await foreach (var lines in source)
            {
                yield return lines;
            }
        }
    }

    /// <summary>Writes to one log or several; which ones is asked at each line, because the replicas are known late.</summary>
    private sealed class ResourceLogger : ILogger
    {
        private readonly Func<IEnumerable<ResourceLog>> _logs;

        public ResourceLogger(Func<IEnumerable<ResourceLog>> logs)
        {
            _logs = logs;
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}";
            foreach (var log in _logs())
            {
                log.Add(text, logLevel >= LogLevel.Error);
            }
        }
    }
}

/// <summary>A line of a resource's log.</summary>
/// <param name="LineNumber">Its number, counted from 1.</param>
/// <param name="Content">The time (ISO 8601, UTC), a space and the text.</param>
/// <param name="IsErrorMessage">Whether it is an error or was printed to the error stream.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>Whether somebody watches a log.</summary>
/// <param name="Name">The name of the resource or replica.</param>
/// <param name="AnySubscribers">Whether somebody watches it.</param>
public readonly record struct LogSubscriber(string Name, bool AnySubscribers);
