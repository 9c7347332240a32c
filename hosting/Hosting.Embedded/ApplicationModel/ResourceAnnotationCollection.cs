using System.Collections;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The annotations of a resource. Reads see an immutable snapshot, so the model may be enumerated on one thread while event
/// handlers on another thread add to it.
/// </summary>
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>
{
    /// <summary>Creates an empty collection.</summary>
    public ResourceAnnotationCollection() : base(new SnapshotList())
    {
    }

    /// <inheritdoc />
    protected override void InsertItem(int index, IResourceAnnotation item)
    {
        ArgumentNullException.ThrowIfNull(item);
        base.InsertItem(index, item);
    }

    private sealed class SnapshotList : IList<IResourceAnnotation>
    {
        private ImmutableList<IResourceAnnotation> _items = [];

        public int Count => _items.Count;

        public bool IsReadOnly => false;

        public IResourceAnnotation this[int index]
        {
            get => _items[index];
            set => Update(items => index < items.Count ? items.SetItem(index, value) : items);
        }

        public void Add(IResourceAnnotation item) => Update(items => items.Add(item));

        public void Clear() => Update(static items => items.Clear());

        public bool Contains(IResourceAnnotation item) => _items.Contains(item);

        public void CopyTo(IResourceAnnotation[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

        public int IndexOf(IResourceAnnotation item) => _items.IndexOf(item);

        // Collection<T> computes the index before calling: another thread may have shortened the list since.
        public void Insert(int index, IResourceAnnotation item) => Update(items => items.Insert(Math.Min(index, items.Count), item));

        public bool Remove(IResourceAnnotation item)
        {
            var before = _items;
            Update(items => items.Remove(item));
            return before.Contains(item);
        }

        public void RemoveAt(int index) => Update(items => index < items.Count ? items.RemoveAt(index) : items);

        public IEnumerator<IResourceAnnotation> GetEnumerator() => _items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private void Update(Func<ImmutableList<IResourceAnnotation>, ImmutableList<IResourceAnnotation>> change) =>
            ImmutableInterlocked.Update(ref _items, change);
    }
}
