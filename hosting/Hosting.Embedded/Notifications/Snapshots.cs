using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The state of a resource and how to show it.</summary>
/// <param name="Text">The state; see <see cref="KnownResourceStates" />.</param>
/// <param name="Style">How to show it; see <see cref="KnownResourceStateStyles" />.</param>
[DebuggerDisplay("{Text,nq}")]
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style.</summary>
    /// <param name="s">The state.</param>
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, Style: null);
}

/// <summary>An environment variable of a resource.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
/// <param name="IsFromSpec">Whether the model set it, rather than the environment of the AppHost.</param>
[DebuggerDisplay("{Name,nq}={Value}")]
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>A URL of a resource.</summary>
/// <param name="Name">The name of the endpoint it belongs to, when it belongs to one.</param>
/// <param name="Url">The URL.</param>
/// <param name="IsInternal">Whether it is a detail rather than a place to go.</param>
[DebuggerDisplay("{Url,nq}")]
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Whether it leads nowhere at the moment.</summary>
    public bool IsInactive { get; init; }

    /// <summary>How to show it.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

/// <summary>How to show a URL.</summary>
/// <param name="DisplayName">The text to show instead of the URL.</param>
/// <param name="SortOrder">The place in a list; higher comes first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>A volume of a resource.</summary>
/// <param name="Source">The path or name on the host.</param>
/// <param name="Target">The path in the container.</param>
/// <param name="MountType">The kind of mount.</param>
/// <param name="IsReadOnly">Whether it cannot be written to.</param>
public sealed record VolumeSnapshot(string? Source, string Target, string MountType, bool IsReadOnly);

/// <summary>How a resource relates to another one.</summary>
/// <param name="ResourceName">The other resource.</param>
/// <param name="Type">The kind of relation, such as <c>Reference</c>, <c>WaitFor</c> or <c>Parent</c>.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>A fact about a resource.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value: a string, a number, a boolean or a list of these.</param>
[DebuggerDisplay("{Name,nq}: {Value}")]
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether the value is a secret and must be masked.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>The last result of a health check.</summary>
/// <param name="Name">The key of the check.</param>
/// <param name="Status">The result; <see langword="null" /> when it has not run yet.</param>
/// <param name="Description">What the check said.</param>
/// <param name="ExceptionText">The exception it ended with.</param>
[DebuggerDisplay("{Name,nq}: {Status}")]
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it ran last.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>Names of properties that consumers know.</summary>
public static class CustomResourceKnownProperties
{
    /// <summary>Where the resource comes from: a project file, a program, an image, a configuration key.</summary>
    public static string Source => "resource.source";

    /// <summary>The connection string.</summary>
    public static string ConnectionString => "resource.connectionString";
}
