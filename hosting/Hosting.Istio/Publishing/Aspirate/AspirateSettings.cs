using System.Text.Json;
using Aspire.Hosting;

namespace Hosting.Istio.Publishing.Aspirate;

/// <summary>aspirate.json beside the AppHost: where the templates are and how images are named.</summary>
/// <param name="TemplatePath">The folder of the templates.</param>
/// <param name="Registry">The registry of the images; null for none.</param>
/// <param name="RepositoryPrefix">Comes before the name of each image; null for nothing.</param>
/// <param name="Tag">The tag of the images.</param>
internal sealed record AspirateSettings(string TemplatePath, string? Registry, string? RepositoryPrefix, string Tag)
{
    private const string FileName = "aspirate.json";

    /// <summary>Reads the file.</summary>
    /// <exception cref="DistributedApplicationException">There is none, or it cannot be understood.</exception>
    public static AspirateSettings Read(string appHostDirectory)
    {
        var file = Path.Combine(appHostDirectory, FileName);
        if (!File.Exists(file))
        {
            throw new DistributedApplicationException(
                $"{file} does not exist; add it with a TemplatePath, for example {{ \"TemplatePath\": \"./aspirate-templates\" }}.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            var root = json.RootElement;
            var containers = root.TryGetProperty("ContainerSettings", out var settings) ? settings : default;
            return new AspirateSettings(
                Path.GetFullPath(Text(root, "TemplatePath") ?? "./aspirate-templates", appHostDirectory),
                Text(containers, "Registry"),
                Text(containers, "RepositoryPrefix"),
                containers.ValueKind == JsonValueKind.Object && containers.TryGetProperty("Tags", out var tags)
                    && tags.ValueKind == JsonValueKind.Array && tags.GetArrayLength() > 0
                        ? tags[0].GetString() ?? "latest"
                        : "latest");
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException($"{file}:{exception.LineNumber + 1}: {exception.Message}", exception);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
