using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

/// <summary>Refuses to start when a resource names a health check that nobody registered.</summary>
internal sealed class HealthCheckRegistrationValidator : IHostedService
{
    private readonly DistributedApplicationModel _model;
    private readonly IOptions<HealthCheckServiceOptions> _options;

    public HealthCheckRegistrationValidator(DistributedApplicationModel model, IOptions<HealthCheckServiceOptions> options)
    {
        _model = model;
        _options = options;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var registered = _options.Value.Registrations.Select(static r => r.Name).ToHashSet();
        foreach (var resource in _model.Resources)
        {
            if (resource.Annotations.OfType<HealthCheckAnnotation>().FirstOrDefault(c => !registered.Contains(c.Key)) is { } missing)
            {
                throw new DistributedApplicationException(
                    $"The health check '{missing.Key}' is not registered and is required for resource '{resource.Name}'; " +
                    "register it with builder.Services.AddHealthChecks().AddCheck(...).");
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
