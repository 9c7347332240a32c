using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Hosting;

namespace Hosting.Istio;

/// <summary>
/// The mesh's part of a run's start: the rules are validated and written while the engine starts the services, and no gateway is started
/// before that is done. When the rules have errors, the start of the application fails with them, which ends what has been started.
/// </summary>
internal sealed class MeshStart(DistributedApplicationModel model, MeshValidation validation, MeshFolderWriter writer)
    : IDistributedApplicationEventingSubscriber, IHostedService
{
    private Task _prepared = Task.CompletedTask;

    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            // Later handlers may still change the model: what is declared now counts.
            var declared = MeshModel.Of(model);
            writer.Watch();

            // A thread of its own: the pool has one per core at first, and the engine needs those to start processes.
            _prepared = Task.Factory.StartNew(
                () =>
                {
                    validation.Validate(declared);
                    writer.Write(declared);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            return Task.CompletedTask;
        });
        foreach (var gateway in model.Resources.Where(resource => resource.Annotations.OfType<MeshGatewayAnnotation>().Any()))
        {
            eventing.Subscribe<BeforeResourceStartedEvent>(gateway, (_, token) => WhenPreparedAsync(token));
        }

        writer.Subscribe(eventing);
        return Task.CompletedTask;
    }

    /// <summary>Lets the start of the application fail with the errors that were found.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _prepared.WaitAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WhenPreparedAsync(CancellationToken cancellationToken)
    {
        await _prepared.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_prepared.IsCompletedSuccessfully)
        {
            // The start as a whole says which.
            throw new DistributedApplicationException("The gateway is not started, because the traffic rules have errors.");
        }
    }
}
