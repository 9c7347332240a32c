using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.Validation;

namespace Dashboard.Mesh;

/// <summary>A change cannot be made; the message says why.</summary>
internal sealed class MeshEditException : Exception
{
    public MeshEditException(string message)
        : base(message)
    {
    }
}

/// <summary>A fault to inject into a route.</summary>
/// <param name="AbortStatus">The status to answer with; null for none.</param>
/// <param name="AbortPercent">How many requests of a hundred are aborted.</param>
/// <param name="Delay">How long to hold a request; null for not at all.</param>
/// <param name="DelayPercent">How many requests of a hundred are held.</param>
internal sealed record FaultSetting(int? AbortStatus, double AbortPercent, TimeSpan? Delay, double DelayPercent);

/// <summary>A file as it was and as it is.</summary>
internal sealed record MeshChange(string File, string Kind, string Name, string Before, string After);

/// <summary>
/// Changes rules in the mesh folder of a run, which the gateway follows. What would be invalid is not written. Every change can be undone,
/// and what has been changed since the start can be copied as YAML or C#. Safe for use by several threads.
/// </summary>
internal sealed class MeshEditor(MeshView mesh) : IDisposable
{
    private const int MaxUndo = 100;

    private readonly SemaphoreSlim _editing = new(1);
    private readonly List<(string File, string Content)> _undo = [];
    private readonly Dictionary<string, string> _originals = new(StringComparer.Ordinal);

    /// <summary>Whether there is something to undo.</summary>
    public bool CanUndo => _undo.Count > 0;

    /// <summary>What differs from the start of the run.</summary>
    public IReadOnlyList<MeshChange> Changes
    {
        get
        {
            var changes = new List<MeshChange>();
            foreach (var document in mesh.Current?.Rules ?? [])
            {
                var file = document.Location.File;
                var now = ResourceWriter.Write(document);
                if (_originals.TryGetValue(file, out var before) && before != now)
                {
                    changes.Add(new MeshChange(file, document.Kind, document.Name, before, now));
                }
            }

            return changes;
        }
    }

    /// <summary>Sets the weights of a route's destinations, in their order.</summary>
    public Task SetWeightsAsync(string name, int route, IReadOnlyList<int> weights, CancellationToken cancellationToken) =>
        EditAsync(name, http =>
        {
            var destinations = RouteOf(http, route)?["route"] as JsonArray;
            if (destinations is null || destinations.Count != weights.Count || weights.Any(weight => weight is < 0 or > 100))
            {
                throw new MeshEditException($"Route {route} of VirtualService '{name}' has not {weights.Count} destinations any more.");
            }

            foreach (var (index, weight) in weights.Index())
            {
                destinations[index]!["weight"] = weight;
            }
        }, cancellationToken);

    /// <summary>Injects a fault into a route, or no more when it is null.</summary>
    public Task SetFaultAsync(string name, int route, FaultSetting? fault, CancellationToken cancellationToken) =>
        EditAsync(name, http =>
        {
            if (RouteOf(http, route) is not { } target)
            {
                throw new MeshEditException($"VirtualService '{name}' has no route {route} any more.");
            }

            target.Remove("fault");
            if (fault is not null)
            {
                target.Add("fault", ToJson(fault));
            }
        }, cancellationToken);

    /// <summary>Takes the last change back.</summary>
    public async Task UndoAsync(CancellationToken cancellationToken)
    {
        await _editing.WaitAsync(cancellationToken);
        try
        {
            if (_undo is [.., var last])
            {
                _undo.RemoveAt(_undo.Count - 1);
                await WriteAsync(last.File, last.Content, cancellationToken);
            }
        }
        finally
        {
            _editing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _editing.Dispose();

    private async Task EditAsync(string name, Action<JsonArray> edit, CancellationToken cancellationToken)
    {
        await _editing.WaitAsync(cancellationToken);
        try
        {
            await mesh.RefreshAsync(cancellationToken);
            if (mesh.Current is not { } current || !mesh.IsEditable)
            {
                throw new MeshEditException("Only the rules of a running application can be changed here.");
            }

            var document = current.Rules.FirstOrDefault(each => each.Kind == "VirtualService" && each.Name == name)
                ?? throw new MeshEditException($"There is no VirtualService '{name}' any more.");
            var json = (JsonObject)document.Json.DeepClone();
            edit(json["spec"]?["http"] as JsonArray ?? throw new MeshEditException($"VirtualService '{name}' has no HTTP routes."));
            var before = ResourceWriter.Write(document);
            var after = Write(document, json);
            ThrowIfInvalid(current, document, after);
            _originals.TryAdd(document.Location.File, before);
            _undo.Add((document.Location.File, before));
            if (_undo.Count > MaxUndo)
            {
                _undo.RemoveAt(0);
            }

            await WriteAsync(document.Location.File, after, cancellationToken);
        }
        finally
        {
            _editing.Release();
        }
    }

    private static JsonObject? RouteOf(JsonArray http, int index) => index < http.Count ? http[index] as JsonObject : null;

    private static string Write(ResourceDocument document, JsonObject json) => ResourceWriter.Write(new UntypedResource(
        document.ApiVersion, document.Kind, new ObjectMeta { Name = document.Name }, JsonSerializer.SerializeToElement(json)));

    // The file appears in one step, so that the gateway never reads half of it.
    private async Task WriteAsync(string file, string content, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetFileName(file)}");
        await File.WriteAllTextAsync(temporary, content, cancellationToken);
        File.Move(temporary, file, overwrite: true);
        await mesh.RefreshAsync(cancellationToken);
    }

    private static void ThrowIfInvalid(MeshDocuments current, ResourceDocument document, string after)
    {
        var changed = ResourceReader.ReadText(after, document.Location.File);
        var findings = Validator.Validate(new ResourceSet(
            [.. current.Documents.Select(each => ReferenceEquals(each, document) ? changed.Documents[0] : each)], changed.Findings));
        var known = current.Findings.Where(finding => finding.Severity == Severity.Error).Select(finding => (finding.Code, finding.Field)).ToHashSet();
        if (findings.FirstOrDefault(finding => finding.Severity == Severity.Error && !known.Contains((finding.Code, finding.Field))) is { } error)
        {
            throw new MeshEditException(error.Message);
        }
    }

    private static JsonObject ToJson(FaultSetting fault)
    {
        var json = new JsonObject();
        if (fault.Delay is { } delay)
        {
            json.Add("delay", new JsonObject
            {
                ["fixedDelay"] = Duration.FromTimeSpan(delay).Text,
                ["percentage"] = new JsonObject { ["value"] = fault.DelayPercent },
            });
        }

        if (fault.AbortStatus is { } status)
        {
            json.Add("abort", new JsonObject
            {
                ["httpStatus"] = status,
                ["percentage"] = new JsonObject { ["value"] = fault.AbortPercent },
            });
        }

        return json;
    }
}
