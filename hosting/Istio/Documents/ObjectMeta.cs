namespace Istio.Documents;

/// <summary>
/// The metadata every Kubernetes resource has. Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
/// </summary>
public sealed record ObjectMeta : SchemaObject
{
    internal static readonly ObjectMeta Empty = new();

    /// <summary>The name, unique among resources of the kind in the namespace.</summary>
    public string? Name { get; init; }

    /// <summary>A beginning of the name that the server completes; used only where <see cref="Name"/> is absent.</summary>
    public string? GenerateName { get; init; }

    /// <summary>The namespace; absent means the one the document is applied to.</summary>
    public string? Namespace { get; init; }

    /// <summary>Key-value pairs that selectors match.</summary>
    public EquatableDictionary<string> Labels { get; init; }

    /// <summary>Key-value pairs that tools read; selectors do not see them.</summary>
    public EquatableDictionary<string> Annotations { get; init; }

    /// <summary>Who must act before the resource goes away.</summary>
    public EquatableArray<string> Finalizers { get; init; }

    /// <summary>Resources whose deletion deletes this one.</summary>
    public EquatableArray<OwnerReference> OwnerReferences { get; init; }

    /// <summary>Set by the server: the resource's identity in time and space.</summary>
    public string? Uid { get; init; }

    /// <summary>Set by the server: changes with every write.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Set by the server: counts the changes of the specification.</summary>
    public long? Generation { get; init; }

    /// <summary>Set by the server: when the resource was created, RFC 3339.</summary>
    public string? CreationTimestamp { get; init; }

    /// <summary>Set by the server: when the resource is to go away, RFC 3339.</summary>
    public string? DeletionTimestamp { get; init; }

    /// <summary>Set by the server: seconds of grace before deletion.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>Set by the server until 1.20: the resource's URL.</summary>
    public string? SelfLink { get; init; }

    /// <summary>Set by the server: which program wrote which field.</summary>
    public EquatableArray<RawJson> ManagedFields { get; init; }
}

/// <summary>A resource that owns another one.</summary>
public sealed record OwnerReference : SchemaObject
{
    /// <summary>API group and version of the owner.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Kind of the owner.</summary>
    public string? Kind { get; init; }

    /// <summary>Name of the owner, in the same namespace.</summary>
    public string? Name { get; init; }

    /// <summary>Identity of the owner.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether the owner is the one controller of the resource; default false.</summary>
    public bool? Controller { get; init; }

    /// <summary>Whether the owner cannot be deleted before the resource; default false.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}
