using System.Collections.Immutable;
using Istio.Documents;
using Istio.Yaml;
using YamlDotNet.Core;

namespace Istio.MeshConfiguration;

/// <summary>The configuration of the mesh, and where it stands.</summary>
/// <param name="Document">The document.</param>
/// <param name="Path">The field of the document: <c>spec.meshConfig</c>, or <c>data.mesh</c>, which is YAML within YAML.</param>
/// <param name="Config">The configuration; empty when it does not fit its types.</param>
public sealed record MeshConfigSource(ResourceDocument Document, string Path, MeshConfig Config)
{
    /// <summary>What does not fit: the field within the configuration, and why.</summary>
    public ImmutableArray<(string Field, string Message)> Misfits { get; init; } = [];

    /// <summary>The field of the document that a field of the configuration stands in; all of YAML within YAML is one field.</summary>
    public string FieldOf(string field) => Path == MeshConfigReader.OperatorPath && field.Length > 0 ? $"{Path}.{field}" : Path;
}

/// <summary>
/// Reads the configuration of the mesh where it is kept: in an IstioOperator, or in the ConfigMap <c>istio</c> of istio-system that
/// istioctl and Helm write.
/// </summary>
public static class MeshConfigReader
{
    internal const string OperatorPath = "spec.meshConfig";

    private const string ConfigMapPath = "data.mesh";

    /// <summary>All configurations of the documents, in their order.</summary>
    public static IEnumerable<MeshConfigSource> Read(ResourceSet resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        foreach (var document in resources.Documents)
        {
            if (document is { Kind: "IstioOperator" })
            {
                if ((document.Root["spec"] as YamlMapping)?["meshConfig"] is { } node)
                {
                    yield return Bind(document, OperatorPath, node);
                }
            }
            else if (document is { Kind: "ConfigMap", Name: "istio", Namespace: "istio-system" }
                && (document.Root["data"] as YamlMapping)?["mesh"] is YamlScalar { Kind: ScalarKind.String } text)
            {
                yield return Parse(document, text.Text);
            }
        }
    }

    private static MeshConfigSource Parse(ResourceDocument document, string text)
    {
        try
        {
            var composer = new YamlComposer(new StringReader(text), 0, ReaderLimits.MaxFileNodes);
            return composer.TryReadDocument(out var root) && root is not null
                ? Bind(document, ConfigMapPath, root)
                : new MeshConfigSource(document, ConfigMapPath, new MeshConfig());
        }
        catch (Exception exception) when (exception is YamlException or YamlReadException)
        {
            return new MeshConfigSource(document, ConfigMapPath, new MeshConfig())
            {
                Misfits = [("", $"The configuration is no YAML: {exception.Message}")],
            };
        }
    }

    private static MeshConfigSource Bind(ResourceDocument document, string path, YamlNode node)
    {
        if (node is not YamlMapping mapping)
        {
            return new MeshConfigSource(document, path, new MeshConfig())
            {
                Misfits = [("", $"The configuration is {node.Description}; it must be a mapping of keys and values.")],
            };
        }

        var schema = Schema.Of(typeof(MeshConfig));
        var check = new SchemaCheck();
        check.Check(mapping, schema);
        var config = check.CanBind ? (MeshConfig)NodeBinder.Bind(mapping, schema)! : new MeshConfig();
        return new MeshConfigSource(document, path, config) { Misfits = [.. check.Misfits.Select(misfit => (misfit.Field, misfit.Message))] };
    }
}
