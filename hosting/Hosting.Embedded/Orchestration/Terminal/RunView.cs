using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Orchestration.Replicas;
using Aspire.Hosting.Orchestration.Resources;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>
/// What a person sees of a run, made from the snapshots. Processes always; other resources only when something is wrong with them.
/// </summary>
internal sealed class RunView(DistributedApplicationModel model)
{
    private const string Unhealthy = "Unhealthy";

    private readonly Dictionary<string, ReplicaRow> _rows = new(ResourceNameComparer.Instance);
    private readonly Dictionary<IResource, ImmutableArray<UrlSnapshot>> _urls = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _lastWords = new(ResourceNameComparer.Instance);
    private readonly HashSet<string> _wereReady = new(ResourceNameComparer.Instance);

    /// <summary>All rows, in the order of the model.</summary>
    public IEnumerable<ReplicaRow> Rows => model.Resources.SelectMany(resource => resource.GetResourceIds())
        .Select(id => _rows.GetValueOrDefault(id))
        .OfType<ReplicaRow>();

    /// <summary>Whether every process that is started by itself has come up or failed to.</summary>
    public bool IsSettled => model.Resources
        .Where(resource => resource.IsProcess()
            && resource is not DashboardResource
            && !resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
        .SelectMany(resource => resource.GetResourceIds())
        .All(id => _rows.TryGetValue(id, out var row) && row.IsSettled);

    /// <summary>Where to go: the addresses of the resources, in the order of the model.</summary>
    public IEnumerable<(string Resource, string Url, string Text)> Urls =>
        from resource in model.Resources
        from url in _urls.GetValueOrDefault(resource, [])
        where !url.IsInternal
        orderby model.Resources.ToList().IndexOf(resource), url.DisplayProperties.SortOrder descending
        select (resource.Name, url.Url, url.DisplayProperties.DisplayName);

    /// <summary>Takes in a snapshot; the new row when a person would see a difference, else null.</summary>
    public ReplicaRow? Apply(ResourceEvent @event)
    {
        _urls[@event.Resource] = @event.Snapshot.Urls;
        if (RowOf(@event) is not { } row || (_rows.TryGetValue(row.Name, out var last) && last.LooksLike(row)))
        {
            return null;
        }

        _rows[row.Name] = row;

        // Who crashes again with the same words need not repeat them.
        var isNews = row.Severity == Severity.Bad && !row.LastLines.SequenceEqual(_lastWords.GetValueOrDefault(row.Name, []));
        if (isNews)
        {
            _lastWords[row.Name] = row.LastLines;
        }

        return isNews ? row : row with { LastLines = [] };
    }

    private ReplicaRow? RowOf(ResourceEvent @event)
    {
        var snapshot = @event.Snapshot;
        if (snapshot.State?.Text is not { } state)
        {
            return null;
        }

        var (detail, lines) = (ReasonOf(snapshot), LinesOf(snapshot));
        var severity = SeverityOf(state, isOnPurpose: detail.Length == 0);
        if (state == KnownResourceStates.Running)
        {
            if (snapshot.HealthStatus == HealthStatus.Healthy)
            {
                _wereReady.Add(@event.ResourceId);
                (severity, detail) = (Severity.Good, AddressOf(@event));
            }
            else if (_wereReady.Contains(@event.ResourceId))
            {
                (state, severity) = (Unhealthy, Severity.Bad);
                detail = snapshot.HealthReports.FirstOrDefault(report => report.Status != HealthStatus.Healthy)?.Description ?? "";
            }
            else
            {
                state = KnownResourceStates.Starting;
            }
        }
        else if (state is not Unhealthy)
        {
            _wereReady.Remove(@event.ResourceId);
        }

        return (@event.Resource.IsProcess() && !snapshot.IsHidden) || severity == Severity.Bad
            ? new ReplicaRow(@event.ResourceId, state, severity, detail, lines)
            : null;
    }

    private static Severity SeverityOf(string state, bool isOnPurpose) =>
        state == KnownResourceStates.Finished || state == KnownResourceStates.NotStarted ? Severity.Good
        : state == KnownResourceStates.Exited && isOnPurpose ? Severity.Good
        : state == KnownResourceStates.FailedToStart || state == KnownResourceStates.Exited || state == KnownResourceStates.ValueMissing
            || state == KnownResourceStates.RuntimeUnhealthy || state == nameof(ReplicaState.CrashLoopBackOff) ? Severity.Bad
        : Severity.Neutral;

    private static string AddressOf(ResourceEvent @event)
    {
        var ids = @event.Resource.GetResourceIds();
        var index = ids.Index().FirstOrDefault(each => ResourceNameComparer.Equals(each.Item, @event.ResourceId)).Index;
        return @event.Resource.TryGetLastAnnotation<ReplicaAddressesAnnotation>(out var addresses)
            ? string.Join(' ', addresses.Addresses.Values.Select(each => each[index].UriString))
            : "";
    }

    private static string ReasonOf(CustomResourceSnapshot snapshot) => PropertyOf(snapshot, ReplicaSnapshot.Reason) as string ?? "";

    private static ImmutableArray<string> LinesOf(CustomResourceSnapshot snapshot) =>
        PropertyOf(snapshot, ReplicaSnapshot.LastLines) is ImmutableArray<string> lines ? [.. lines.Select(AnsiText.Strip)] : [];

    private static object? PropertyOf(CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
