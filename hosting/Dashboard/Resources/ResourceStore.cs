using System.Collections.Immutable;
using Dashboard.EngineLink;

namespace Dashboard.Resources;

/// <summary>What the engine has told of its resources, as of now. Safe for use by several threads.</summary>
internal sealed class ResourceStore
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, ResourceInfo> _resources =
        ImmutableDictionary.Create<string, ResourceInfo>(StringComparer.OrdinalIgnoreCase);
    private ImmutableList<Action<ResourceChange>> _listeners = [];

    /// <summary>Whether an engine is connected. What is known stays when it goes.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>All resources and replicas that lists show, in the order of the model.</summary>
    public IReadOnlyList<ResourceInfo> All =>
        [.. _resources.Values.Where(resource => !resource.IsHidden)
            .OrderBy(resource => resource.Order)
            .ThenBy(resource => resource.CreatedAt)
            .ThenBy(resource => resource.Id, StringComparer.Ordinal)];

    /// <summary>The folder of Kubernetes and Istio documents that the engine tells of.</summary>
    public string? MeshFolder => _resources.Values.Select(resource => resource.MeshFolder).FirstOrDefault(folder => folder is not null);

    /// <summary>A resource or replica.</summary>
    public ResourceInfo? Find(string id) => _resources.GetValueOrDefault(id);

    /// <summary>Adds a listener; disposing what is returned removes it. It must only take note.</summary>
    public IDisposable Subscribe(Action<ResourceChange> listener)
    {
        ImmutableInterlocked.Update(ref _listeners, static (listeners, added) => listeners.Add(added), listener);
        return new Subscription(this, listener);
    }

    /// <summary>An engine has connected: what was known of another one is forgotten.</summary>
    public void Connect()
    {
        lock (_gate)
        {
            _resources = _resources.Clear();
            IsConnected = true;
        }

        Publish(new ResourceChange(null, null));
    }

    /// <summary>The engine has gone.</summary>
    public void Disconnect()
    {
        IsConnected = false;
        Publish(new ResourceChange(null, null));
    }

    /// <summary>Takes in a change.</summary>
    public void Set(ResourceInfo resource)
    {
        lock (_gate)
        {
            _resources = _resources.SetItem(resource.Id, resource);
        }

        Publish(new ResourceChange(resource.Id, resource));
    }

    /// <summary>Forgets a replica that is gone for good.</summary>
    public void Remove(string id)
    {
        lock (_gate)
        {
            _resources = _resources.Remove(id);
        }

        Publish(new ResourceChange(id, null));
    }

    private void Publish(ResourceChange change)
    {
        foreach (var listener in _listeners)
        {
            listener(change);
        }
    }

    private sealed class Subscription(ResourceStore store, Action<ResourceChange> listener) : IDisposable
    {
        public void Dispose() =>
            ImmutableInterlocked.Update(ref store._listeners, static (listeners, removed) => listeners.Remove(removed), listener);
    }
}

/// <summary>A resource has changed, or is gone when there is none; without an id the engine has come or gone.</summary>
internal sealed record ResourceChange(string? Id, ResourceInfo? Resource);
