using System.ComponentModel.DataAnnotations;

namespace Istio.Documents;

/// <summary>
/// What the control plane reports about a resource. Source: https://istio.io/latest/docs/reference/config/meta/v1alpha1/istio-status/
/// </summary>
public sealed record IstioStatus : SchemaObject
{
    /// <summary>The latest observations, one for each type.</summary>
    public EquatableArray<IstioCondition> Conditions { get; init; }

    /// <summary>What analysis found in the resource.</summary>
    public EquatableArray<AnalysisMessageBase> ValidationMessages { get; init; }

    /// <summary>The generation of the resource that the status belongs to.</summary>
    public IntOrString? ObservedGeneration { get; init; }
}

/// <summary>One observed condition of a resource.</summary>
public sealed record IstioCondition : SchemaObject
{
    /// <summary>What is observed, for example Reconciled.</summary>
    public string? Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public string? Status { get; init; }

    /// <summary>One word that says why.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>When the condition was last looked at, RFC 3339.</summary>
    public string? LastProbeTime { get; init; }

    /// <summary>When the condition last changed, RFC 3339.</summary>
    public string? LastTransitionTime { get; init; }

    /// <summary>The generation of the resource that the condition belongs to.</summary>
    public IntOrString? ObservedGeneration { get; init; }
}

/// <summary>A message of Istio's analysis.</summary>
public sealed record AnalysisMessageBase : SchemaObject
{
    /// <summary>Name and code of the message.</summary>
    public AnalysisMessageType? Type { get; init; }

    /// <summary>How bad it is: UNKNOWN, ERROR, WARNING or INFO.</summary>
    [AllowedValues("UNKNOWN", "ERROR", "WARNING", "INFO")]
    public string? Level { get; init; }

    /// <summary>Where the message is explained.</summary>
    public string? DocumentationUrl { get; init; }
}

/// <summary>Names a message of Istio's analysis.</summary>
public sealed record AnalysisMessageType : SchemaObject
{
    /// <summary>The name for people.</summary>
    public string? Name { get; init; }

    /// <summary>The code, for example IST0101.</summary>
    public string? Code { get; init; }
}
