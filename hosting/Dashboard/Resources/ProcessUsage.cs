using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Dashboard.Resources;

/// <summary>What a process uses at one moment.</summary>
/// <param name="Cpu">The share of one core, 1 for all of it.</param>
/// <param name="Memory">Resident memory in bytes.</param>
internal readonly record struct Usage(double Cpu, long Memory);

/// <summary>Looks every other second at how much CPU and memory each replica uses, and remembers a few minutes of it.</summary>
internal sealed class ProcessUsage(ResourceStore resources, TimeProvider time) : BackgroundService
{
    private const int Capacity = 60;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, History> _histories = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What a replica has used, the latest last; empty when it does not run.</summary>
    public IReadOnlyList<Usage> Of(string id) => _histories.TryGetValue(id, out var history) ? history.Samples : [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Look();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The dashboard stops.
        }
    }

    private void Look()
    {
        var running = resources.All.Where(resource => resource.ProcessId is not null).ToDictionary(resource => resource.Id);
        foreach (var gone in _histories.Keys.Where(id => !running.ContainsKey(id)).ToList())
        {
            _histories.TryRemove(gone, out _);
        }

        foreach (var (id, resource) in running)
        {
            var history = _histories.GetOrAdd(id, static _ => new History());
            if (Measure(resource.ProcessId!.Value) is { } measured)
            {
                history.Add(resource.ProcessId.Value, measured.Cpu, measured.Memory, time.GetTimestamp(), time);
            }
        }
    }

    private static (TimeSpan Cpu, long Memory)? Measure(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return (process.TotalProcessorTime, process.WorkingSet64);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null; // it has just ended, or belongs to another user
        }
    }

    private sealed class History
    {
        private int _processId;
        private TimeSpan _cpu;
        private long _moment;

        public IReadOnlyList<Usage> Samples { get; private set; } = [];

        public void Add(int processId, TimeSpan cpu, long memory, long moment, TimeProvider time)
        {
            if (processId == _processId)
            {
                var elapsed = time.GetElapsedTime(_moment, moment);
                var share = elapsed > TimeSpan.Zero ? Math.Max(0, (cpu - _cpu) / elapsed) : 0;
                Samples = [.. Samples.Skip(Math.Max(0, Samples.Count + 1 - Capacity)), new Usage(share, memory)];
            }
            else
            {
                Samples = [new Usage(0, memory)];
            }

            (_processId, _cpu, _moment) = (processId, cpu, moment);
        }
    }
}
