using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using Hosting.Embedded;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Launch;

/// <summary>What a replica is started with, and how to show it.</summary>
internal sealed record ReplicaLaunch(
    ProcessSpec Spec,
    ImmutableArray<EnvironmentVariableSnapshot> Variables,
    ImmutableArray<ResourcePropertySnapshot> Properties);

/// <summary>Turns the model of a project or executable into a command line and an environment for one replica.</summary>
internal sealed class ProcessSpecFactory(ProjectOutput projects, DistributedApplicationExecutionContext executionContext)
{
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";

    /// <summary>Evaluates environment and arguments of a replica; waits for endpoints that are not allocated yet.</summary>
    /// <param name="resource">A project or executable.</param>
    /// <param name="index">The index of the replica.</param>
    /// <param name="suffix">What tells the replica from its siblings.</param>
    /// <param name="logger">The log of the replica.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DistributedApplicationException">A value is missing.</exception>
    /// <exception cref="ProcessStartException">The project has not been built.</exception>
    public async Task<ReplicaLaunch> CreateAsync(
        IResource resource,
        int index,
        string suffix,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(resource, index)
            .WithEnvironmentVariablesConfig()
            .WithArgumentsConfig()
            .BuildAsync(executionContext, logger, cancellationToken);
        if (configuration.Exception is { } exception)
        {
            throw exception is AggregateException { InnerExceptions: [var first, ..] } ? first : exception;
        }

        var (program, leading, workingDirectory) = await FindProgramAsync(resource, cancellationToken);
        var environment = new Dictionary<string, string?>();
        foreach (var (name, value) in configuration.EnvironmentVariables)
        {
            environment[name] = value;
        }

        AddOwnVariables(resource, suffix, environment);
        var arguments = configuration.Arguments.ToArray();
        var spec = new ProcessSpec(program, [.. leading, .. arguments.Select(argument => argument.Value)], workingDirectory, environment);
        return new ReplicaLaunch(
            spec,
            Variables(configuration, environment),
            Properties(resource, spec, arguments.Any(argument => argument.IsSensitive)));
    }

    private async Task<(string Program, string[] Arguments, string WorkingDirectory)> FindProgramAsync(
        IResource resource,
        CancellationToken cancellationToken)
    {
        switch (resource)
        {
            case ProjectResource project:
                var (program, arguments) = await projects.FindAsync(project, cancellationToken);
                return (program, arguments, Path.GetDirectoryName(project.GetProjectMetadata().ProjectPath)!);
            case ExecutableResource executable:
                return (executable.Command, [], executable.WorkingDirectory);
            default:
                var assembly = resource.Annotations.OfType<ContainerProgramAnnotation>().Last().AssemblyPath;
                return (ProjectOutput.DotNet, [assembly], Path.GetDirectoryName(assembly)!);
        }
    }

    // Who a replica is, for its telemetry: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
    // A laptop has no load balancer to tell, so services do not linger when they are stopped.
    private static void AddOwnVariables(IResource resource, string suffix, Dictionary<string, string?> environment)
    {
        var instance = $"service.instance.id={suffix}";
        environment.TryAdd("OTEL_SERVICE_NAME", resource.Name);
        environment[ResourceAttributes] = environment.GetValueOrDefault(ResourceAttributes) switch
        {
            null or "" => instance,
            var attributes when attributes.Contains("service.instance.id=", StringComparison.Ordinal) => attributes,
            var attributes => $"{attributes},{instance}",
        };

        // What an AppHost has in it, by its launch profile, is where its dashboard is.
        environment.TryAdd("ASPNETCORE_URLS", null);
        if (resource is not ExecutableResource)
        {
            environment.TryAdd("ServiceDefaults__Drain", "00:00:00");
            if (ProjectOutput.DotNetRoot is { } root && Environment.GetEnvironmentVariable("DOTNET_ROOT") is null)
            {
                environment.TryAdd("DOTNET_ROOT", root);
            }
        }
    }

    // A secret is not shown: its value stays with the process.
    private static ImmutableArray<EnvironmentVariableSnapshot> Variables(
        IExecutionConfigurationResult configuration, Dictionary<string, string?> environment)
    {
        var secrets = configuration.EnvironmentVariablesWithUnprocessed
            .Where(variable => ValueResolver.ContainsSecret(variable.Value.Unprocessed))
            .Select(variable => variable.Key)
            .ToHashSet();
        return [.. environment.Where(variable => variable.Value is not null).Select(variable =>
            new EnvironmentVariableSnapshot(variable.Key, secrets.Contains(variable.Key) ? null : variable.Value, IsFromSpec: true))];
    }

    private static ImmutableArray<ResourcePropertySnapshot> Properties(IResource resource, ProcessSpec spec, bool isSensitive)
    {
        var source = resource is ProjectResource project ? project.GetProjectMetadata().ProjectPath : spec.FileName;
        return
        [
            new(CustomResourceKnownProperties.Source, source),
            new("executable.path", spec.FileName),
            new("executable.workDir", spec.WorkingDirectory),
            new("executable.args", ImmutableArray.CreateRange(spec.Arguments)) { IsSensitive = isSensitive },
            .. resource is ProjectResource ? new ResourcePropertySnapshot[] { new("project.path", source) } : [],
        ];
    }
}
