using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Pipelines;

/// <summary>What the command line says about the pipeline: the configuration section <c>Pipeline</c>.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineOptions
{
    /// <summary>Where to write (<c>--output-path</c>).</summary>
    public string? OutputPath { get; set; }

    /// <summary>The step to run, after those it depends on (<c>--step</c>).</summary>
    public string? Step { get; set; }

    /// <summary>How much is logged (<c>--log-level</c>).</summary>
    public string? LogLevel { get; set; }

    /// <summary>Whether to go on without asking (<c>--yes</c>).</summary>
    public bool SkipConfirmation { get; set; }
}

/// <summary>Where steps write.</summary>
[Experimental("ASPIREPIPELINES004", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IPipelineOutputService
{
    /// <summary>The directory for what is published: <c>--output-path</c>, else <c>aspire-output</c> beside the AppHost.</summary>
    /// <returns>The directory; it need not exist.</returns>
    string GetOutputDirectory();

    /// <summary>The directory for what a resource publishes.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The directory; it need not exist.</returns>
    string GetOutputDirectory(IResource resource);

    /// <summary>A directory for intermediate files, removed when the application ends.</summary>
    /// <returns>The directory.</returns>
    string GetTempDirectory();

    /// <summary>A directory for intermediate files of a resource, removed when the application ends.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The directory; it need not exist.</returns>
    string GetTempDirectory(IResource resource);
}

/// <inheritdoc />
internal sealed class PipelineOutputService : IPipelineOutputService, IDisposable
{
    private readonly string _output;
    private readonly Lazy<string> _temporary = new(static () => Directory.CreateTempSubdirectory("aspire-pipelines-").FullName);

    public PipelineOutputService(IOptions<PipelineOptions> options, DistributedApplicationOptions application)
    {
        _output = Path.GetFullPath(options.Value.OutputPath
            ?? Path.Combine(application.ProjectDirectory ?? Environment.CurrentDirectory, "aspire-output"));
    }

    public string GetOutputDirectory() => _output;

    public string GetOutputDirectory(IResource resource) => Path.Combine(_output, resource.Name);

    public string GetTempDirectory() => _temporary.Value;

    public string GetTempDirectory(IResource resource) => Path.Combine(_temporary.Value, resource.Name);

    public void Dispose()
    {
        if (_temporary.IsValueCreated && Directory.Exists(_temporary.Value))
        {
            Directory.Delete(_temporary.Value, recursive: true);
        }
    }
}
