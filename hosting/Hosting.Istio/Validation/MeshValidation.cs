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
/// Validates what a mesh declares: an error stops a run or a publish, a warning is logged. Touches nothing. A publish is validated before
/// anything else is done; for a run see <see cref="MeshStart"/>.
/// </summary>
internal sealed class MeshValidation(DistributedApplicationModel model, ILogger<MeshValidation> logger) : IDistributedApplicationEventingSubscriber
{
    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        if (executionContext.IsPublishMode)
        {
            eventing.Subscribe<BeforeStartEvent>((_, _) =>
            {
                Validate(MeshModel.Of(model));
                return Task.CompletedTask;
            });
        }

        return Task.CompletedTask;
    }

    /// <summary>Validates the rules of every mesh.</summary>
    /// <exception cref="DistributedApplicationException">There are errors; the message lists them.</exception>
    public void Validate(MeshModel declared)
    {
        // What the application itself contributes: without it, every rule would speak of services that nobody knows.
        IEnumerable<object> own = [.. declared.Services, .. declared.PlannedWorkloads];
        foreach (var (mesh, rules) in declared.Meshes)
        {
            var documents = rules.Concat(own).SelectMany(MeshDocuments.Read).ToImmutableArray();
            Report(Validator.Validate(new ResourceSet(documents, mesh.Findings)));
        }
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
