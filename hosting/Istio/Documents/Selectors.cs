using System.ComponentModel.DataAnnotations;
namespace Istio.Documents;

/// <summary>Chooses workloads by their labels.</summary>
public sealed record WorkloadSelector : SchemaObject
{
    /// <summary>Labels that a workload must all have. Empty matches every workload in scope.</summary>
    [MaxLength(4096)]
    public EquatableDictionary<string> MatchLabels { get; init; }
}

/// <summary>Names a resource that a policy is attached to, instead of choosing workloads by label.</summary>
public sealed record PolicyTargetReference : SchemaObject
{
    /// <summary>API group of the target; empty for the core group.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind of the target, for example Gateway, Service or ServiceEntry.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }

    /// <summary>Name of the target.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Namespace of the target; absent or equal to the policy's own, other namespaces are not supported.</summary>
    public string? Namespace { get; init; }
}
