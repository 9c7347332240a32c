using System.Collections.Immutable;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>
/// The buckets of a limit's descriptors. A descriptor that leaves a value open has a bucket for each of the values that were used last.
/// </summary>
/// <remarks>Envoy source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc (DynamicDescriptorMap)</remarks>
internal sealed class DescriptorBuckets
{
    private readonly ImmutableArray<(ImmutableArray<DescriptorEntry> Entries, RequestBucket Bucket)> _closed;
    private readonly ImmutableArray<OpenDescriptor> _open;

    /// <summary>Makes the buckets, full.</summary>
    public DescriptorBuckets(LocalRateLimit limit, TimeProvider time)
    {
        _closed = [.. limit.Descriptors.Where(descriptor => !IsOpen(descriptor))
            .Select(descriptor => (Entries(descriptor), new RequestBucket(descriptor.TokenBucket, time)))];
        _open = [.. limit.Descriptors.Where(IsOpen).Select(descriptor =>
            new OpenDescriptor(Entries(descriptor), descriptor.TokenBucket, Math.Max(1, limit.MaxDynamicDescriptors), time))];
    }

    /// <summary>The bucket of a request's descriptor; null when the limit has none for it.</summary>
    public RequestBucket? Find(ReadOnlySpan<DescriptorEntry> entries)
    {
        foreach (var (closed, bucket) in _closed)
        {
            if (entries.SequenceEqual(closed.AsSpan()))
            {
                return bucket;
            }
        }

        foreach (var open in _open)
        {
            if (open.Covers(entries))
            {
                return open.Get(entries);
            }
        }

        return null;
    }

    private static bool IsOpen(RateLimitDescriptor descriptor) => descriptor.Entries.Any(entry => entry.Value.Length == 0);

    private static ImmutableArray<DescriptorEntry> Entries(RateLimitDescriptor descriptor) =>
        [.. descriptor.Entries.Select(entry => new DescriptorEntry(entry.Key, entry.Value))];

    /// <summary>A descriptor with an open value, and the buckets of the values that were used last.</summary>
    private sealed class OpenDescriptor
    {
        private readonly ImmutableArray<DescriptorEntry> _pattern;
        private readonly TokenBucket _limit;
        private readonly int _most;
        private readonly TimeProvider _time;
        private readonly Lock _lock = new();
        private readonly LinkedList<(DescriptorEntry[] Entries, RequestBucket Bucket)> _lastUsedFirst = new();
        private readonly Dictionary<DescriptorEntry[], LinkedListNode<(DescriptorEntry[] Entries, RequestBucket Bucket)>> _byEntries =
            new(EntriesComparer.Instance);

        public OpenDescriptor(ImmutableArray<DescriptorEntry> pattern, TokenBucket limit, int most, TimeProvider time) =>
            (_pattern, _limit, _most, _time) = (pattern, limit, most, time);

        public bool Covers(ReadOnlySpan<DescriptorEntry> entries)
        {
            if (entries.Length != _pattern.Length)
            {
                return false;
            }

            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Key != _pattern[i].Key || (_pattern[i].Value.Length > 0 && entries[i].Value != _pattern[i].Value))
                {
                    return false;
                }
            }

            return true;
        }

        public RequestBucket Get(ReadOnlySpan<DescriptorEntry> entries)
        {
            lock (_lock)
            {
                if (_byEntries.GetAlternateLookup<ReadOnlySpan<DescriptorEntry>>().TryGetValue(entries, out var known))
                {
                    _lastUsedFirst.Remove(known);
                    _lastUsedFirst.AddFirst(known);
                    return known.Value.Bucket;
                }

                var key = entries.ToArray();
                var bucket = new RequestBucket(_limit, _time);
                _byEntries.Add(key, _lastUsedFirst.AddFirst((key, bucket)));
                if (_byEntries.Count > _most)
                {
                    _byEntries.Remove(_lastUsedFirst.Last!.Value.Entries);
                    _lastUsedFirst.RemoveLast();
                }

                return bucket;
            }
        }
    }

    private sealed class EntriesComparer :
        IEqualityComparer<DescriptorEntry[]>, IAlternateEqualityComparer<ReadOnlySpan<DescriptorEntry>, DescriptorEntry[]>
    {
        public static EntriesComparer Instance { get; } = new();

        public bool Equals(DescriptorEntry[]? x, DescriptorEntry[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(DescriptorEntry[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<DescriptorEntry> alternate, DescriptorEntry[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<DescriptorEntry> alternate)
        {
            var hash = default(HashCode);
            foreach (var entry in alternate)
            {
                hash.Add(entry.Value);
            }

            return hash.ToHashCode();
        }

        public DescriptorEntry[] Create(ReadOnlySpan<DescriptorEntry> alternate) => alternate.ToArray();
    }
}
