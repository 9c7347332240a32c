using System.Diagnostics;
using Gateway.Tests.Support;

namespace Conformance.Upstreams;

/// <summary>A request at an endpoint.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Request">The request.</param>
/// <param name="Connection">The connection that it came by, or anything that stands for it.</param>
internal sealed record SeenRequest(string Endpoint, RawRequest Request, object Connection)
{
    /// <summary>Whether the connection has been used in an earlier step.</summary>
    public bool IsConnectionOld { get; init; }
}

/// <summary>What the endpoints have seen in one step, and how far the responses have come.</summary>
/// <param name="patience">How long a request that nobody waits for, such as a mirror's, may be under way in real time.</param>
internal sealed class SeenRequests(TimeSpan patience)
{
    /// <summary>Longer than a busy machine takes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Where nobody knows whether the request comes at all.</summary>
    public static readonly TimeSpan Impatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<SeenRequest> _seen = [];
    private readonly HashSet<object> _oldConnections = [];
    private int _heads;
    private int _headsAwaited;
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<SeenRequest> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Begins another step.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _oldConnections.UnionWith(_seen.Select(request => request.Connection));
            _seen.Clear();
            (_heads, _headsAwaited) = (0, 0);
        }
    }

    public void Add(SeenRequest request)
    {
        lock (_gate)
        {
            _seen.Add(request with { IsConnectionOld = _oldConnections.Contains(request.Connection) });
            Signal();
        }
    }

    /// <summary>Says that a client has got the head of a response.</summary>
    public void AddHead()
    {
        lock (_gate)
        {
            _heads++;
            Signal();
        }
    }

    /// <summary>
    /// Waits until a client has got the head of the response that an endpoint stops in the middle of: no time is to pass before.
    /// </summary>
    public Task WaitForHeadAsync()
    {
        var count = Interlocked.Increment(ref _headsAwaited);
        return WaitAsync(_ => Volatile.Read(ref _heads) >= count);
    }

    /// <summary>Waits until the requests suffice; whether they ever do is for the caller to find out.</summary>
    public async Task WaitAsync(Func<IReadOnlyList<SeenRequest>, bool> suffice)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < patience;)
        {
            Task added;
            lock (_gate)
            {
                added = _added.Task;
            }

            if (suffice(All))
            {
                return;
            }

            await added.WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Signal()
    {
        _added.SetResult();
        _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
