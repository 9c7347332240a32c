using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Shutdown;

/// <summary>
/// Holds back the shutdown of the host, before any server stops, for the configured time, in which requests are still answered and
/// readiness is already false. When a signal is repeated, the process ends at once.
/// </summary>
internal sealed partial class Drain : IHostedLifecycleService, IDisposable
{
    private readonly ServiceDefaultsOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<Drain> _logger;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PosixSignalRegistration[] _signals = [];
    private int _stopping;

    public Drain(IOptions<ServiceDefaultsOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Drain> logger)
    {
        _options = options.Value;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _signals = [ExitWhenRepeated(PosixSignal.SIGINT, 2), ExitWhenRepeated(PosixSignal.SIGTERM, 15)];
        return Task.CompletedTask;
    }

    /// <summary>The first of the host's stopping steps: servers and background services are stopped after it.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // The host may be stopped twice, by code and by the end of its Run method; both wait for the one drain.
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
        {
            await DrainAsync(cancellationToken);
            _drained.SetResult();
        }

        await _drained.Task;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => Array.ForEach(_signals, signal => signal.Dispose());

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var asked = _lifetime.ApplicationStopping.IsCancellationRequested;
        var drain = _options.Drain ?? (asked ? ServiceDefaultsOptions.DefaultDrain : TimeSpan.Zero);
        _lifetime.StopApplication(); // what readiness looks at; the host itself would do it only after this step
        if (drain > TimeSpan.Zero)
        {
            LogDraining(drain);
            await Task.Delay(drain, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Only the same signal counts: Ctrl+C reaches a whole process group, and a supervisor in it may well follow with SIGTERM.
    private static PosixSignalRegistration ExitWhenRepeated(PosixSignal signal, int number)
    {
        var received = 0;
        return PosixSignalRegistration.Create(signal, _ =>
        {
            if (Interlocked.Increment(ref received) == 2)
            {
                Environment.Exit(128 + number); // the status a shell reports for a process that the signal has killed
            }
        });
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "Stopping: not ready any more, still answering for {Drain}. Repeat the signal to stop at once.")]
    private partial void LogDraining(TimeSpan drain);
}
