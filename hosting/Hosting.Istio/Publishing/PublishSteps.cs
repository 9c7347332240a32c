using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Lifecycle;
using Aspire.Hosting.Pipelines;
using Hosting.Istio.Deployment;

namespace Hosting.Istio.Publishing;

/// <summary>The pipeline steps of a mesh, on either engine.</summary>
internal static partial class PublishSteps
{
    private const string ManifestStep = "publish-manifest";

    /// <summary>Lets the mesh take part in publishing and deployment.</summary>
    public static IResourceBuilder<IstioResource> WithPublishing(this IResourceBuilder<IstioResource> mesh)
    {
        var builder = mesh.ApplicationBuilder;
        var publishing = new MeshPublisher(mesh.Resource, builder.AppHostDirectory);
        var isProgram = builder.AppHostAssembly == Assembly.GetEntryAssembly();
        builder.Services.TryAddEventingSubscriber<DeploymentMarkers>();
        AddHelmChart(mesh);
        return mesh.WithPipelineStepFactory(context =>
        {
            // A second mesh publishes rules of its own, but the cluster and the images are the application's.
            var isFirst = context.PipelineContext.Model.Resources.OfType<IstioResource>().First() == mesh.Resource;
            return Steps(context.Resource.Name, publishing)
                .Concat(isFirst ? DeploymentSteps.Create(publishing, mesh.Resource, builder.AppHostDirectory) : [])
                .Select(step => FailingTheProgram(step, isProgram));
        });
    }

    /// <summary>Publishes Aspire's Helm chart with the same documents, on the engine that has it.</summary>
    static partial void AddHelmChart(IResourceBuilder<IstioResource> mesh);

    private static IEnumerable<PipelineStep> Steps(string mesh, MeshPublisher publishing)
    {
        yield return new PipelineStep
        {
            Name = $"publish-components-{mesh}",
            Description = "Writes the kustomize components that belong to aspirate's output.",
            Action = context =>
            {
                publishing.WriteComponents(ScopeOf(context));
                return Task.CompletedTask;
            },

            // Before the manifest: what stops the components stops aspirate too.
            RequiredBySteps = [ManifestStep],
        };
        yield return new PipelineStep
        {
            Name = $"publish-{mesh}",
            Description = "Writes the whole of aspirate's output, without aspirate.",
            Action = context => publishing.WriteAllAsync(ScopeOf(context)),
            DependsOnSteps = [WellKnownPipelineSteps.PublishPrereq],
            RequiredBySteps = [WellKnownPipelineSteps.Publish],
        };
    }

    public static PublishScope ScopeOf(PipelineStepContext context) =>
        new(context.Model, context.ExecutionContext, context.Services, context.Logger, context.CancellationToken);

    /// <summary>A failed step ends the program with exit code 1. Aspire logs the failure, and ends with 0.</summary>
    private static PipelineStep FailingTheProgram(PipelineStep step, bool isProgram) => new()
    {
        Name = step.Name,
        Description = step.Description,
        DependsOnSteps = step.DependsOnSteps,
        RequiredBySteps = step.RequiredBySteps,
        Action = async context =>
        {
            try
            {
                await step.Action(context);
            }
            catch when (isProgram)
            {
                Environment.ExitCode = 1;
                throw;
            }
        },
    };
}
