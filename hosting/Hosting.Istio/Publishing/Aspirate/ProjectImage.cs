using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Aspire.Hosting;

namespace Hosting.Istio.Publishing.Aspirate;

/// <summary>
/// The image of a project. aspirate asks MSBuild for ContainerRepository and its neighbours; here they are read from the project file,
/// because MSBuild takes seconds, so they must be plain text there.
/// </summary>
/// <param name="ProjectPath">The project file.</param>
/// <param name="ResourceName">The resource, whose name is the repository where the project file has none.</param>
internal sealed partial record ProjectImage(string ProjectPath, string ResourceName)
{
    private const string Host = @"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?";
    private const string Component = @"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*";

    private static readonly string[] Properties = ["ContainerRegistry", "ContainerRepository", "ContainerImageTag"];

    /// <summary>The image's full name, put together as by aspirate (its ContainerDetailsService.cs).</summary>
    /// <exception cref="DistributedApplicationException">It is not a valid image name.</exception>
    public string Reference(AspirateSettings settings, PublishOptions options)
    {
        var properties = ReadProperties();
        var registry = properties.GetValueOrDefault("ContainerRegistry") ?? options.Registry ?? settings.Registry;
        var repository = properties.GetValueOrDefault("ContainerRepository") ?? ResourceName;
        var tag = properties.GetValueOrDefault("ContainerImageTag") ?? options.ImageTag ?? settings.Tag;
        return Reference(ResourceName, repository, registry, settings.RepositoryPrefix, tag, $"of ContainerRepository in {ProjectPath} and ");
    }

    /// <summary>An image's full name, of its parts.</summary>
    /// <exception cref="DistributedApplicationException">It is not a valid image name.</exception>
    public static string Reference(string resource, string repository, string? registry, string? prefix, string tag, string origin = "")
    {
        var parts = new[] { registry, prefix, repository }.Where(part => !string.IsNullOrEmpty(part));
        var reference = $"{string.Join('/', parts)}:{tag}".ToLowerInvariant();
        return ValidReference().IsMatch(reference)
            ? reference
            : throw new DistributedApplicationException(
                $"{reference} is not a valid image name for {resource}; it is made {origin}of Registry, RepositoryPrefix and Tags in " +
                    "aspirate.json (or --Registry and --ImageTag): lower-case letters, digits and . _ - between slashes.");
    }

    private Dictionary<string, string> ReadProperties()
    {
        try
        {
            return XDocument.Load(ProjectPath).Descendants()
                .Where(element => Properties.Contains(element.Name.LocalName) && element.Value.Length > 0)
                .GroupBy(element => element.Name.LocalName)
                .ToDictionary(group => group.Key, group => Plain(group.Last()), StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or XmlException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"{ProjectPath} cannot be read: {exception.Message}", exception);
        }
    }

    private string Plain(XElement element) => element.Value.Contains("$(", StringComparison.Ordinal)
        ? throw new DistributedApplicationException(
            $"{element.Name.LocalName} in {ProjectPath} is {element.Value}; write the name itself, which no MSBuild is needed to read.")
        : element.Value.Trim();

    // https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests, with a host and port in front.
    [GeneratedRegex($"^({Host}/)?{Component}(/{Component})*:[a-z0-9_][a-z0-9._-]{{0,127}}$")]
    private static partial Regex ValidReference();
}
