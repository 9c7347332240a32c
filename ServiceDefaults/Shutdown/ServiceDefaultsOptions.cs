using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Shutdown;

/// <summary>The configuration section <c>ServiceDefaults</c>.</summary>
public sealed class ServiceDefaultsOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "ServiceDefaults";

    internal const string DrainError =
        $"{Section}:{nameof(Drain)} must be at least 00:00:00 and less than a day, " +
        "as hours:minutes:seconds (00:00:05 is five seconds, a bare 5 is five days).";

    internal static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long an application that is asked to stop goes on serving while <c>/health</c> answers 503, so that balancers stop sending
    /// requests before the server stops accepting them. <c>00:00:00</c> turns the drain off.
    /// <see langword="null"/>, the default, means 3 seconds when a signal or <see cref="IHostApplicationLifetime.StopApplication"/> stops
    /// the application, and none when code calls <see cref="IHost.StopAsync"/>, as a test does: nobody balances over an application that
    /// lives in a test. The host's <see cref="HostOptions.ShutdownTimeout"/> for the requests in flight begins after it, so in Kubernetes
    /// <c>terminationGracePeriodSeconds</c> should be at least the sum of both.
    /// </summary>
    public TimeSpan? Drain { get; set; }

    internal bool IsDrainValid => Drain is null || (Drain >= TimeSpan.Zero && Drain < TimeSpan.FromDays(1));
}
