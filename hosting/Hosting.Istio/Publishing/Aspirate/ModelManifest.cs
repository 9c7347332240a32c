using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Hosting.Istio.Publishing.Aspirate;

/// <summary>The entries of the manifest that aspirate makes something of, written to memory by the engine that runs.</summary>
internal static class ModelManifest
{
    /// <summary>Writes projects, containers and parameters.</summary>
    /// <returns>The member <c>resources</c> of a manifest.</returns>
    public static async Task<JsonObject> WriteAsync(
        DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer))
        {
            // Paths are relative to the manifest in aspirate's eyes; here each project's is taken from the model.
            var context = new ManifestPublishingContext(executionContext, Path.GetFullPath("manifest.json"), writer, cancellationToken);
            writer.WriteStartObject();
            foreach (var resource in model.Resources.Where(resource => !resource.IsExcludedFromPublish()))
            {
                await WriteAsync(resource, context);
            }

            writer.WriteEndObject();
        }

        return (JsonObject)JsonNode.Parse(buffer.ToArray())!;
    }

    private static async Task WriteAsync(IResource resource, ManifestPublishingContext context)
    {
        switch (resource)
        {
            case ProjectResource project:
                context.Writer.WriteStartObject(project.Name);
                context.Writer.WriteString("type", "project.v0");
                context.Writer.WriteString("path", project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath);
                await context.WriteCommandLineArgumentsAsync(project);
                await context.WriteEnvironmentVariablesAsync(project);
                context.WriteBindings(project);
                context.Writer.WriteEndObject();
                break;
            case ContainerResource container:
                context.Writer.WriteStartObject(container.Name);
                await context.WriteContainerAsync(container);
                context.Writer.WriteEndObject();
                break;
            case ParameterResource parameter:
                context.Writer.WriteStartObject(parameter.Name);
                context.Writer.WriteString("type", "parameter.v0");
                context.Writer.WriteBoolean("secret", parameter.Secret);
                if (!parameter.Secret)
                {
                    context.Writer.WriteString("value", await parameter.GetValueAsync(context.CancellationToken));
                }

                context.Writer.WriteEndObject();
                break;
            case IResourceWithConnectionString:
                context.Writer.WriteStartObject(resource.Name);
                context.Writer.WriteString("type", "value.v0");
                context.WriteConnectionString(resource);
                context.Writer.WriteEndObject();
                break;
            default:
                break;
        }
    }
}
