using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of an application, in the order of their declaration.</summary>
public interface IResourceCollection : IList<IResource>
{
    /// <summary>Finds a resource by name, without regard to case.</summary>
    /// <param name="name">The resource name.</param>
    /// <param name="resource">The resource, when there is one.</param>
    /// <returns>Whether there is such a resource.</returns>
    bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource)
    {
        resource = this.FirstOrDefault(candidate => ResourceNameComparer.Equals(candidate.Name, name));
        return resource is not null;
    }
}

/// <summary>Refuses a second resource of the same name.</summary>
internal sealed class ResourceCollection : IResourceCollection
{
    private readonly List<IResource> _resources = [];

    public ResourceCollection()
    {
    }

    public ResourceCollection(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources)
        {
            Add(resource);
        }
    }

    public int Count => _resources.Count;

    public bool IsReadOnly => false;

    public IResource this[int index]
    {
        get => _resources[index];
        set
        {
            ThrowIfNameTaken(value, except: index);
            _resources[index] = value;
        }
    }

    public void Add(IResource item) => Insert(Count, item);

    public void Insert(int index, IResource item)
    {
        ThrowIfNameTaken(item, except: -1);
        _resources.Insert(index, item);
    }

    public void Clear() => _resources.Clear();

    public bool Contains(IResource item) => _resources.Contains(item);

    public void CopyTo(IResource[] array, int arrayIndex) => _resources.CopyTo(array, arrayIndex);

    public int IndexOf(IResource item) => _resources.IndexOf(item);

    public bool Remove(IResource item) => _resources.Remove(item);

    public void RemoveAt(int index) => _resources.RemoveAt(index);

    public IEnumerator<IResource> GetEnumerator() => _resources.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void ThrowIfNameTaken(IResource item, int except)
    {
        ArgumentNullException.ThrowIfNull(item);
        var existing = _resources.FindIndex(r => ResourceNameComparer.Equals(r.Name, item.Name));
        if (existing >= 0 && existing != except)
        {
            throw new DistributedApplicationException(
                $"A {item.GetType().Name} cannot be added as '{item.Name}': the name is taken " +
                $"by the {_resources[existing].GetType().Name} '{_resources[existing].Name}' (case does not matter); " +
                "give one of the two another name.");
        }
    }
}

/// <summary>Resource, endpoint and state names are compared without regard to case.</summary>
internal static class ResourceNameComparer
{
    public static StringComparer Instance => StringComparer.OrdinalIgnoreCase;

    public static bool Equals(string? left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
