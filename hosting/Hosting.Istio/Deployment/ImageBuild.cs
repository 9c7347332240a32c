using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Hosting.Istio.Publishing;
using Hosting.Istio.Publishing.Aspirate;

namespace Hosting.Istio.Deployment;

/// <summary>
/// Builds the image of each project with the .NET SDK, without a Dockerfile: to the local container engine, to a registry, or to archives
/// (https://learn.microsoft.com/dotnet/core/containers/publish-configuration).
/// </summary>
internal sealed class ImageBuild
{
    private readonly AspirateSettings _settings;
    private readonly PublishOptions _options;
    private readonly TextWriter _output;

    public ImageBuild(AspirateSettings settings, PublishOptions options, TextWriter output)
    {
        _settings = settings;
        _options = options;
        _output = output;
    }

    /// <summary>Builds the images, each once: versions of one project are one image.</summary>
    public async Task RunAsync(DistributedApplicationModel model, bool push, string? archive, CancellationToken cancellationToken)
    {
        var images = model.Resources.OfType<ProjectResource>().Where(project => !project.IsExcludedFromPublish())
            .Select(project => new ProjectImage(project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath, project.Name))
            .Select(image => (image.ProjectPath, Reference: image.Reference(_settings, _options)))
            .DistinctBy(image => image.Reference, StringComparer.Ordinal).ToList();
        foreach (var (project, reference) in images)
        {
            await _output.WriteLineAsync($"Building {reference}");
            var result = await Tool.Dotnet.RunAsync(Arguments(project, reference, push, archive), _output, cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new DistributedApplicationException(
                    $"The image {reference} was not built: dotnet publish ended with exit code {result.ExitCode}. {result.Error}"
                        .TrimEnd());
            }
        }
    }

    internal static IEnumerable<string> Arguments(string project, string reference, bool push, string? archive)
    {
        // The tag follows the last colon; one before it may belong to the registry's port.
        var (name, tag) = (reference[..reference.LastIndexOf(':')], reference[(reference.LastIndexOf(':') + 1)..]);
        yield return "publish";
        yield return project;
        yield return "-t:PublishContainer";
        yield return "-nologo";
        yield return "-v:minimal";
        yield return $"-p:ContainerImageTag={tag}";
        if (push)
        {
            var (registry, repository) = Split(name);
            yield return $"-p:ContainerRepository={repository}";
            yield return registry is null
                ? throw new DistributedApplicationException($"{reference} names no registry to push to; add --registry HOST.")
                : $"-p:ContainerRegistry={registry}";
        }
        else
        {
            // In a local engine and in an archive the registry is part of the name.
            yield return $"-p:ContainerRepository={name}";
        }

        if (archive is not null)
        {
            yield return $"-p:ContainerArchiveOutputPath={Path.Combine(Path.GetFullPath(archive), $"{name.Split('/')[^1]}.tar.gz")}";
        }
    }

    private static (string? Registry, string Repository) Split(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && name[..slash].AsSpan().ContainsAny('.', ':') ? (name[..slash], name[(slash + 1)..]) : (null, name);
    }
}
