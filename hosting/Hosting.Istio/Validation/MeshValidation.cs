using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Istio.Documents;
using Istio.Validation;
using Microsoft.Extensions.Logging;

namespace Hosting.Istio;

/// <summary>
/// Validates what a mesh declares before anything is started or published: an error stops both, a warning is logged. Touches nothing.
/// </summary>
internal sealed class MeshValidation(DistributedApplicationModel model, ILogger<MeshValidation> logger) : IDistributedApplicationEventingSubscriber
{
    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            foreach (var mesh in model.Resources.OfType<IstioResource>())
            {
                Report(Validate(mesh));
            }

            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    private ImmutableArray<Finding> Validate(IstioResource mesh)
    {
        // What the application itself contributes: without it, every rule would speak of services that nobody knows.
        var own = MeshServices.WithService(model).Select(object (service) => MeshServices.ServiceFor(service))
            .Concat(MeshServices.In(model).SelectMany(MeshServices.PlannedWorkloads));
        var documents = mesh.Rules.Concat(own).SelectMany(MeshDocuments.Read).ToImmutableArray();
        return Validator.Validate(new ResourceSet(documents, mesh.Findings));
    }

    private void Report(ImmutableArray<Finding> findings)
    {
        foreach (var warning in findings.Where(finding => finding.Severity == Severity.Warning))
        {
            Log.Warned(logger, warning);
        }

        var errors = findings.Where(finding => finding.Severity == Severity.Error).ToList();
        if (errors.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, errors));
        }
    }

    private static class Log
    {
        private static readonly Action<ILogger, Finding, Exception?> Warning =
            LoggerMessage.Define<Finding>(LogLevel.Warning, new EventId(1, nameof(Warned)), "{Finding}");

        public static void Warned(ILogger logger, Finding finding) => Warning(logger, finding, null);
    }
}
