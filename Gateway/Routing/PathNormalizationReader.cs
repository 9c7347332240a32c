using System.Text.Json;
using Istio.Documents;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Routing;

/// <summary>
/// Reads the mode of path normalisation where a mesh keeps it: in an IstioOperator, or in the ConfigMap <c>istio</c> of istio-system that
/// istioctl writes of it. Without either it is Istio's default.
/// </summary>
internal static class PathNormalizationReader
{
    private const string Setting = "pathNormalization";
    private const string Mode = "normalization";

    /// <summary>Reads the mode.</summary>
    public static PathNormalization Read(ResourceSet resources, List<Finding> findings)
    {
        foreach (var (document, resource) in resources.OfType<UntypedResource>())
        {
            var (text, field) = document switch
            {
                { Kind: "IstioOperator" } =>
                    (Find(resource.Content, "spec", "meshConfig", Setting, Mode), $"spec.meshConfig.{Setting}.{Mode}"),
                { Kind: "ConfigMap", Name: "istio", Namespace: "istio-system" } =>
                    (FindInYaml(Find(resource.Content, "data", "mesh")), "data.mesh"),
                _ => (null, ""),
            };
            if (text is null)
            {
                continue;
            }

            if (PathNormalization.Of(text) is { } mode)
            {
                return mode;
            }

            findings.Report(document, field, RoutingCodes.Normalization,
                $"\"{text}\" is no mode; use NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES");
        }

        return PathNormalization.Base;
    }

    private static string? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
    }

    /// <summary>The mesh's configuration is YAML within YAML; what is none is left to validation.</summary>
    private static string? FindInYaml(string? text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text ?? ""));
        }
        catch (YamlException)
        {
            return null;
        }

        return stream.Documents is [{ RootNode: YamlMappingNode mesh }] && mesh.Children.TryGetValue(Setting, out var setting)
            && setting is YamlMappingNode settings && settings.Children.TryGetValue(Mode, out var mode)
            ? (mode as YamlScalarNode)?.Value
            : null;
    }
}
