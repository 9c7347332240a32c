using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Publishing;

/// <summary>What runs in publish mode in the place of the orchestrator.</summary>
internal sealed class PublishingService : IHostedService
{
    private readonly DistributedApplicationExecutionContext _context;

    public PublishingService(DistributedApplicationExecutionContext context)
    {
        _context = context;
    }

    public Task StartAsync(CancellationToken cancellationToken) => throw new DistributedApplicationException(
        $"The embedded engine cannot publish yet (publisher '{_context.PublisherName}'); build with HostingEngine=Aspire to publish, or " +
            "leave out --operation and --publisher to run.");

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
