using Aspire.Hosting;
using Aspire.Hosting.Pipelines;
using Hosting.Istio.Publishing;
using Hosting.Istio.Publishing.Aspirate;
using Hosting.Istio.Publishing.Components;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting.Istio.Deployment;

/// <summary>
/// The steps that act on images and clusters. Aspire runs every step there is when the command line names none, so each of these does its
/// work only when it was asked for by name.
/// </summary>
internal static class DeploymentSteps
{
    public static IEnumerable<PipelineStep> Create(MeshPublisher publisher, IstioResource mesh, string appHostDirectory)
    {
        yield return Step(DeploymentCommand.BuildStep, "Builds the images of all projects with the .NET SDK.", (context, configuration) =>
            new ImageBuild(AspirateSettings.Read(appHostDirectory), publisher.OptionsOf(context), Console.Out).RunAsync(
                context.Model, configuration.GetValue<bool>("Images:Push"), configuration["Images:Archive"], context.CancellationToken));
        yield return Step(DeploymentCommand.ApplyStep, "Applies what was published to a cluster, after asking.", (context, configuration) =>
            Cluster(publisher, context, configuration).ApplyAsync(context.CancellationToken));
        yield return Step(DeploymentCommand.DestroyStep, "Deletes what was applied, after asking.", (context, configuration) =>
            Cluster(publisher, context, configuration).DestroyAsync(context.CancellationToken));
        yield return Step(DeploymentCommand.VerifyStep, "Checks what runs in a cluster.", async (context, configuration) =>
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };

            // A new connection each time, so that a balancer of connections chooses each time.
            client.DefaultRequestHeaders.ConnectionClose = true;
            var conformance = ConformanceSuite.Create(
                configuration["Kubernetes:Conformance"], configuration["Kubernetes:Endpoints"], configuration["Kubernetes:Context"],
                appHostDirectory, Console.Out);
            await new ClusterVerification(
                KubectlOf(configuration), PublishedMesh.Of(context.Model, mesh, publisher.OptionsOf(context)), client, conformance, Console.Out)
                .RunAsync(Addresses(configuration["Kubernetes:Url"]), context.CancellationToken);
        });
    }

    private static PipelineStep Step(string name, string description, Func<PublishScope, IConfiguration, Task> action) => new()
    {
        Name = name,
        Description = description,
        Action = context =>
        {
            var configuration = context.Services.GetRequiredService<IConfiguration>();
            return configuration["Pipeline:Step"] == name ? action(PublishSteps.ScopeOf(context), configuration) : Task.CompletedTask;
        },
    };

    private static ClusterDeployment Cluster(MeshPublisher publisher, PublishScope context, IConfiguration configuration) => new(
        KubectlOf(configuration), publisher.OptionsOf(context), configuration.GetValue<bool>("Kubernetes:Yes"), Console.In, Console.Out);

    private static Kubectl KubectlOf(IConfiguration configuration) => new(configuration["Kubernetes:Context"], Console.Out);

    private static Uri[] Addresses(string? text) => [.. (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new DistributedApplicationException(
                $"--url {address}: an address such as http://172.16.67.147/api/v1/ping is expected."))];
}
