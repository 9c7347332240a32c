using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Hosting;

namespace Hosting.Istio;

/// <summary>
/// The mesh's part of a run's start: the rules are validated and written while the engine gets the resources ready, and no resource is
/// started before that is done. When the rules have errors, the start of the application fails with them.
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
            _prepared = Task.Run(
                () =>
                {
                    validation.Validate(declared);
                    writer.Write(declared);
                },
                CancellationToken.None);
            return Task.CompletedTask;
        });
        eventing.Subscribe<BeforeResourceStartedEvent>((_, token) => WhenPreparedAsync(token));
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
            // The start as a whole says which; every resource need not repeat it.
            throw new DistributedApplicationException("Nothing is started, because the traffic rules have errors.");
        }
    }
}
