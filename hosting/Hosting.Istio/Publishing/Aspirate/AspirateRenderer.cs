using System.Text.Json.Nodes;
using Aspire.Hosting;
using HandlebarsDotNet;

namespace Hosting.Istio.Publishing.Aspirate;

/// <summary>
/// Renders a manifest with aspirate's templates, byte for byte as <c>aspirate generate --disable-secrets --include-dashboard false
/// --image-pull-policy IfNotPresent --namespace NS</c> does: same data, same engine, same files.
/// </summary>
internal sealed class AspirateRenderer
{
    private readonly AspirateSettings _settings;
    private readonly PublishOptions _options;
    private readonly Dictionary<string, HandlebarsTemplate<object, object>> _templates = new(StringComparer.Ordinal);

    public AspirateRenderer(AspirateSettings settings, PublishOptions options)
    {
        _settings = settings;
        _options = options;
    }

    /// <summary>Adds what aspirate writes to a tree: a folder per resource, the namespace, and the root that holds them.</summary>
    public void Render(JsonObject resources, OutputTree tree)
    {
        var expressions = new ManifestExpressions(resources);
        var manifests = new List<string>();
        foreach (var (name, entry) in resources.Select(pair => (pair.Key, (JsonObject)pair.Value!)))
        {
            switch ((string?)entry["type"])
            {
                case "project.v0" or "project.v1":
                    RenderResource(tree, Project(name, entry, expressions), name, workload: "deployment");
                    manifests.Add(name);
                    break;
                case "container.v0" or "container.v1":
                    var data = Container(name, entry, expressions);
                    RenderResource(tree, data, name, workload: data.HasVolumes ? "statefulset" : "deployment");
                    manifests.Add(name);
                    break;
                default:
                    break;
            }
        }

        tree.Add("namespace.yaml", Apply("namespace", new TemplateData { Namespace = _options.Namespace }));
        tree.Add("kustomization.yaml", Apply("kustomization", new TemplateData
        {
            Namespace = _options.Namespace,
            Manifests = [.. manifests, "namespace.yaml"],
            SecretsDisabled = false,
        }));
    }

    private void RenderResource(OutputTree tree, TemplateData data, string folder, string workload)
    {
        foreach (var template in new[] { workload, "service", "kustomization" })
        {
            tree.Add($"{folder}/{template}.yaml", Apply(template, data));
        }
    }

    private TemplateData Project(string name, JsonObject entry, ManifestExpressions expressions) => new()
    {
        Name = name.ToLowerInvariant(),
        ContainerImage = new ProjectImage((string)entry["path"]!, name).Reference(_settings, _options),
        Env = Environment(name, entry, expressions),
        Args = Args(entry),
        Ports = Ports(entry),
        Manifests = ["deployment.yaml", "service.yaml"],
        IsProject = true,
    };

    private TemplateData Container(string name, JsonObject entry, ManifestExpressions expressions)
    {
        var volumes = (entry["volumes"] as JsonArray ?? []).Select(volume => Volume(name, (JsonObject)volume!)).ToArray();
        return new TemplateData
        {
            Name = name.ToLowerInvariant(),
            ContainerImage = (string?)entry["image"] is { } image
                ? image.ToLowerInvariant()
                : ProjectImage.Reference(name, name, _options.Registry ?? _settings.Registry, _settings.RepositoryPrefix, _options.ImageTag ?? _settings.Tag),
            Entrypoint = (string?)entry["entrypoint"],
            Env = Environment(name, entry, expressions),
            Args = Args(entry),
            Ports = Ports(entry),
            Volumes = volumes,
            Manifests = [volumes.Length > 0 ? "statefulset.yaml" : "deployment.yaml", "service.yaml"],
        };
    }

    private static Dictionary<string, string?> Environment(string name, JsonObject entry, ManifestExpressions expressions)
    {
        var variables = new Dictionary<string, string?>();
        foreach (var (key, value) in entry["env"] as JsonObject ?? [])
        {
            // aspirate leaves out what is empty.
            if (expressions.Resolve((string)value!, $"Environment variable {key} of {name}") is { Length: > 0 } resolved)
            {
                variables.Add(key, resolved);
            }
        }

        return variables;
    }

    private static string[] Args(JsonObject entry) => [.. (entry["args"] as JsonArray ?? []).Select(argument => (string)argument!)];

    private static TemplatePort[] Ports(JsonObject entry) => [.. (entry["bindings"] as JsonObject ?? []).Select(binding => new TemplatePort
    {
        Name = binding.Key,
        InternalPort = Bindings.TargetPort(binding.Key, (JsonObject)binding.Value!),
        ExternalPort = (int?)binding.Value!["port"] ?? 0,
    })];

    private static TemplateVolume Volume(string resource, JsonObject volume)
    {
        var target = (string?)volume["target"];
        var name = ((string?)volume["name"] is { Length: > 0 } named ? named : $"{resource}-{target}".ToLowerInvariant())
            .Replace('/', '-').Replace('.', '-').Replace("--", "-", StringComparison.Ordinal).ToLowerInvariant();
        return new TemplateVolume { Name = name, Target = target, ReadOnly = (bool?)volume["readOnly"] ?? false };
    }

    private string Apply(string template, TemplateData data)
    {
        if (!_templates.TryGetValue(template, out var compiled))
        {
            var file = Path.Combine(_settings.TemplatePath, $"{template}.hbs");
            try
            {
                compiled = _templates[template] = Handlebars.Compile(File.ReadAllText(file));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or HandlebarsException)
            {
                throw new DistributedApplicationException($"The template {file} cannot be used: {exception.Message}", exception);
            }
        }

        return compiled(data);
    }
}
