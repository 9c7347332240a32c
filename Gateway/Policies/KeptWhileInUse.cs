using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Policies;

/// <summary>
/// State that outlives a reload: what the chains in use hold is found here by its key, and what no chain holds any more is forgotten.
/// </summary>
/// <typeparam name="TKey">What names it.</typeparam>
/// <typeparam name="T">The state.</typeparam>
internal sealed class KeptWhileInUse<TKey, T>
    where TKey : notnull
    where T : class
{
    private readonly ConcurrentDictionary<TKey, WeakReference<T>> _references = new();

    /// <summary>What a key names; a new one where there is none, or none that fits any more.</summary>
    /// <param name="key">The key.</param>
    /// <param name="make">Makes a new one.</param>
    /// <param name="fits">Whether the one there is will do; null when any will.</param>
    public T Get(TKey key, Func<T> make, Func<T, bool>? fits = null)
    {
        while (true)
        {
            var known = _references.TryGetValue(key, out var reference);
            if (known && TryGet(reference!, fits, out var kept))
            {
                return kept;
            }

            var made = make();
            var fresh = new WeakReference<T>(made);
            if (known ? _references.TryUpdate(key, fresh, reference!) : _references.TryAdd(key, fresh))
            {
                return made;
            }
        }
    }

    /// <summary>Forgets the keys of what is gone.</summary>
    public void Prune()
    {
        foreach (var (key, reference) in _references)
        {
            if (!reference.TryGetTarget(out _))
            {
                _references.TryRemove(new(key, reference));
            }
        }
    }

    private static bool TryGet(WeakReference<T> reference, Func<T, bool>? fits, [NotNullWhen(true)] out T? kept) =>
        reference.TryGetTarget(out kept) && (fits is null || fits(kept));
}
