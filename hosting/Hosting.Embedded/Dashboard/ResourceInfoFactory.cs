using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Resources;
using Dashboard.EngineLink;

namespace Aspire.Hosting.Dashboard;

/// <summary>Turns snapshots into what the dashboard is told. Secrets stay here.</summary>
internal static class ResourceInfoFactory
{
    private const string MeshFolder = "mesh.folder";

    // Shown elsewhere, or of no use to a reader.
    private static readonly string[] OwnFields =
        [CustomResourceKnownProperties.Source, ReplicaSnapshot.ProcessId, ReplicaSnapshot.Restarts, ReplicaSnapshot.Reason, MeshFolder];

    // Values that come from a secret parameter are null already. These are names under which people put secrets themselves.
    private static readonly string[] SecretWords =
        ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATEKEY", "PRIVATE_KEY", "ACCESSKEY", "ACCESS_KEY", "CREDENTIAL",
            "CONNECTIONSTRING", "OTLP_HEADERS", "__KEY", "PRIMARYAPIKEY"];

    /// <summary>What to tell of a replica.</summary>
    public static ResourceInfo Create(ResourceEvent @event, int order)
    {
        var snapshot = @event.Snapshot;
        return new ResourceInfo
        {
            Id = @event.ResourceId,
            Name = @event.Resource.Name,
            Type = snapshot.ResourceType,
            Order = order,
            IsHidden = snapshot.IsHidden,
            State = snapshot.State?.Text,
            StateStyle = snapshot.State?.Style,
            Health = snapshot.HealthStatus?.ToString(),
            CreatedAt = snapshot.CreationTimeStamp,
            StartedAt = snapshot.StartTimeStamp,
            StoppedAt = snapshot.StopTimeStamp,
            ExitCode = snapshot.ExitCode,
            ProcessId = PropertyOf(snapshot, ReplicaSnapshot.ProcessId) as int?,
            Restarts = PropertyOf(snapshot, ReplicaSnapshot.Restarts) as int? ?? 0,
            Reason = PropertyOf(snapshot, ReplicaSnapshot.Reason) as string,
            Source = PropertyOf(snapshot, CustomResourceKnownProperties.Source) as string,
            MeshFolder = PropertyOf(snapshot, MeshFolder) as string,
            HealthChecks = [.. snapshot.HealthReports.Select(report =>
                new HealthInfo(report.Name, report.Status?.ToString(), report.Description, report.LastRunAt))],
            Urls = [.. snapshot.Urls.Where(url => !url.IsInactive).OrderByDescending(url => url.DisplayProperties.SortOrder).Select(url =>
                new UrlInfo(url.Name, url.Url, url.DisplayProperties.DisplayName is { Length: > 0 } text ? text : null, url.IsInternal))],
            Addresses = AddressesOf(@event),
            Environment = [.. snapshot.EnvironmentVariables.OrderBy(variable => variable.Name, StringComparer.Ordinal).Select(VariableOf)],
            Properties = [.. snapshot.Properties.Where(property => !OwnFields.Contains(property.Name)).Select(ValueOf)],
            Commands = [.. snapshot.Commands.Where(IsShown).Select(CommandOf)],
            Relations = [.. snapshot.Relationships.Select(relation => new RelationInfo(relation.ResourceName, relation.Type))],
        };
    }

    private static object? PropertyOf(CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;

    private static IReadOnlyList<UrlInfo> AddressesOf(ResourceEvent @event)
    {
        var index = @event.Resource.GetResourceIds().ToList()
            .FindIndex(id => ResourceNameComparer.Equals(id, @event.ResourceId));
        return index >= 0 && @event.Resource.TryGetLastAnnotation<ReplicaAddressesAnnotation>(out var addresses)
            ? [.. addresses.Addresses.Where(pair => index < pair.Value.Count)
                .Select(pair => new UrlInfo(pair.Key, pair.Value[index].UriString, null))]
            : [];
    }

    private static ValueInfo VariableOf(EnvironmentVariableSnapshot variable) =>
        variable.Value is null || (variable.Value.Length > 0 && IsSecretName(variable.Name))
            ? new ValueInfo(variable.Name, null, IsSecret: true)
            : new ValueInfo(variable.Name, variable.Value);

    private static bool IsSecretName(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static ValueInfo ValueOf(ResourcePropertySnapshot property) => property.IsSensitive
        ? new ValueInfo(property.Name, null, IsSecret: true)
        : new ValueInfo(property.Name, Text(property.Value));

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        IEnumerable items => string.Join(' ', items.Cast<object?>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static bool IsShown(ResourceCommandSnapshot command) =>
        command.State != ResourceCommandState.Hidden && command.Visibility.HasFlag(ResourceCommandVisibility.UI);

    private static CommandInfo CommandOf(ResourceCommandSnapshot command) => new(
        command.Name,
        command.DisplayName,
        command.DisplayDescription,
        command.ConfirmationMessage,
        command.State == ResourceCommandState.Enabled,
        command.IsHighlighted);
}
