using Gateway.Registry;
using Istio.Documents;

namespace Gateway.Ingress;

/// <summary>A location on its way from an Ingress path to nginx's configuration.</summary>
internal sealed record LocationDraft
{
    /// <summary>The path, as the Ingress has it or with a slash appended.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it takes exactly its path; ImplementationSpecific and absent types are Prefix to ingress-nginx.</summary>
    public required bool IsExact { get; init; }

    /// <summary>Whether no Ingress path made it, but the server's need for a root location.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The annotations of its Ingress.</summary>
    public IngressAnnotations Annotations { get; init; } = new("", false);

    /// <summary>Its service; null is the built-in default backend.</summary>
    public ServicePort? Service { get; init; }

    /// <summary>The Ingress; null for the default server's own root location.</summary>
    public ResourceDocument? Document { get; init; }

    /// <summary>The field of the path, for findings.</summary>
    public string Field { get; init; } = "";

    /// <summary>Whether its paths are rewritten: a target that equals the path is none.</summary>
    public bool NeedsRewrite => Annotations.RewriteTarget.Length > 0 && Annotations.RewriteTarget != Path;
}
