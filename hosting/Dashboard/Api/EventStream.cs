using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dashboard.Resources;
using Dashboard.Telemetry;

namespace Dashboard.Api;

/// <summary>
/// Changes as server-sent events: <c>resource</c> with a replica as it is now (all of them at first), <c>removed</c>, and at most four
/// times a second <c>telemetry</c>, which tells what kinds of telemetry have come.
/// </summary>
internal static class EventStream
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Opens a stream.</summary>
    public static IResult Open(
        ResourceStore resources, TelemetryStore store, ProcessUsage usage, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.ServerSentEvents(ReadAsync(resources, store, usage, time, cancellationToken));

    private static async IAsyncEnumerable<SseItem<object>> ReadAsync(
        ResourceStore resources,
        TelemetryStore store,
        ProcessUsage usage,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A reader that does not read loses changes, not the memory of this process.
        var channel = Channel.CreateBounded<SseItem<object>>(
            new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var pending = 0;
        using var changes = resources.Subscribe(change =>
        {
            if (change.Id is { } id)
            {
                channel.Writer.TryWrite(change.Resource is { } resource
                    ? new SseItem<object>(ResourceJson.From(resource, usage), "resource")
                    : new SseItem<object>(new RemovedJson(id), "removed"));
            }
        });
        using var telemetry = store.Changes.Subscribe(signals => Interlocked.Or(ref pending, (int)signals));
        foreach (var resource in resources.All)
        {
            yield return new SseItem<object>(ResourceJson.From(resource, usage), "resource");
        }

        yield return Told(Signals.All, store);
        await using var timer = time.CreateTimer(
            _ =>
            {
                if (Interlocked.Exchange(ref pending, 0) is var signals and not 0)
                {
                    channel.Writer.TryWrite(Told((Signals)signals, store));
                }
            },
            null,
            Interval,
            Interval);
        await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
        {
            yield return item;
        }
    }

    private static SseItem<object> Told(Signals signals, TelemetryStore store) => new(
        new TelemetryEventJson(
            signals.HasFlag(Signals.Logs), signals.HasFlag(Signals.Traces), signals.HasFlag(Signals.Metrics), store.Logs.Received),
        "telemetry");
}
