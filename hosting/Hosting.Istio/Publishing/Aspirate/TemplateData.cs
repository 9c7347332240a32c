namespace Hosting.Istio.Publishing.Aspirate;

/// <summary>
/// What aspirate gives to a template. Names and types are those that its templates are written against
/// (src/Aspirate.Shared/Models/Aspirate/KubernetesDeploymentData.cs), so that one template does for both.
/// </summary>
internal sealed class TemplateData
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public Dictionary<string, string?> Env { get; init; } = [];

    public Dictionary<string, string?> Secrets { get; init; } = [];

    public Dictionary<string, string> Annotations { get; init; } = [];

    public IReadOnlyCollection<TemplateVolume> Volumes { get; init; } = [];

    public IReadOnlyCollection<TemplatePort> Ports { get; init; } = [];

    public IReadOnlyCollection<string> Manifests { get; init; } = [];

    public IReadOnlyCollection<string> Args { get; init; } = [];

    public bool? SecretsDisabled { get; init; } = true;

    public bool? IsProject { get; init; }

    public bool? WithPrivateRegistry { get; init; } = false;

    public bool? WithDashboard { get; init; } = false;

    public string? ContainerImage { get; init; }

    public string? Entrypoint { get; init; }

    public string? ImagePullPolicy { get; init; } = "IfNotPresent";

    public string? ServiceType { get; init; } = "ClusterIP";

    public bool HasPorts => Ports.Count > 0;

    public bool HasVolumes => Volumes.Count > 0;

    public bool HasAnySecrets => Secrets.Count > 0 && SecretsDisabled != true;

    public bool HasAnyAnnotations => Annotations.Count > 0;

    public bool HasArgs => Args.Count > 0;

    public bool HasAnyEnv => Env.Count > 0;

    public bool WithNamespace => !string.IsNullOrWhiteSpace(Namespace);
}

/// <summary>A port of a container and of its Service.</summary>
internal sealed class TemplatePort
{
    public required string Name { get; init; }

    public int InternalPort { get; init; }

    public int ExternalPort { get; init; }
}

/// <summary>A volume of a container.</summary>
internal sealed class TemplateVolume
{
    public string? Name { get; init; }

    public string? Target { get; init; }

    public bool ReadOnly { get; init; }
}
