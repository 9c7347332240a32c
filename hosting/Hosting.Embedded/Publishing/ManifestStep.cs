using System.Text.Json;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Publishing;

/// <summary>The step <c>publish-manifest</c>: writes the model as Aspire's manifest, which deployment tools read.</summary>
internal static partial class ManifestStep
{
    public const string Name = "publish-manifest";

    public static PipelineStep Create() => new()
    {
        Name = Name,
        Description = "Publishes the Aspire application model as a JSON manifest file.",
        Action = WriteAsync
    };

    private static async Task WriteAsync(PipelineStepContext context)
    {
        var path = context.Services.GetRequiredService<IOptions<PipelineOptions>>().Value.OutputPath
            ?? throw new DistributedApplicationException(
                "The '--output-path [path]' option was not specified even though manifest publishing was requested.");

        // A directory is meant when the path does not end in .json, as in Aspire.
        path = Path.GetFullPath(path.EndsWith(".json", StringComparison.Ordinal) ? path : Path.Combine(path, "aspire-manifest.json"));
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            await new ManifestPublishingContext(context.ExecutionContext, path, writer, context.CancellationToken)
                .WriteModelAsync(context.Model);
        }

        Replace(path, buffer.ToArray());
        var logger = context.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Hosting.Publishing.ManifestPublisher");
        LogPublished(logger, path);
    }

    /// <summary>Moves the whole file into place, so that a reader never sees half of it; one that says the same is not touched.</summary>
    private static void Replace(string path, byte[] content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            {
                return;
            }

            var temporary = $"{path}.{Environment.ProcessId}.tmp";
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"The manifest cannot be written to '{path}': {exception.Message} Choose another --output-path.", exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Published manifest to: {ManifestPath}")]
    private static partial void LogPublished(ILogger logger, string manifestPath);
}
