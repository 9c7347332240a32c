using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gateway.Ingress;

/// <summary>
/// The exact and prefix locations of a host: an exact one wins, then the longest prefix. Compares bytes, case-sensitively.
/// </summary>
/// <remarks>https://nginx.org/en/docs/http/ngx_http_core_module.html#location</remarks>
internal sealed class StaticLocations
{
    private readonly Dictionary<byte[], Location> _exact = new(ByteComparer.Instance);
    private readonly Dictionary<byte[], Location> _prefixes = new(ByteComparer.Instance);
    private readonly int[] _prefixLengths;

    /// <summary>Builds the tables; of two locations with one path the first wins.</summary>
    public StaticLocations(IEnumerable<Location> exact, IEnumerable<Location> prefixes)
    {
        foreach (var location in exact)
        {
            _exact.TryAdd(Encoding.UTF8.GetBytes(location.Path), location);
        }

        foreach (var location in prefixes)
        {
            _prefixes.TryAdd(Encoding.UTF8.GetBytes(location.Path), location);
        }

        _prefixLengths = [.. _prefixes.Keys.Select(path => path.Length).Distinct().OrderDescending()];
    }

    /// <summary>Finds the location of a decoded path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="redirect">
    /// True when the path lacks only the final slash of the location: nginx answers 301 to a location with proxy_pass.
    /// </param>
    public Location? Find(ReadOnlySpan<byte> path, out bool redirect)
    {
        redirect = false;
        if (_exact.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out var location))
        {
            return location;
        }

        var prefixes = _prefixes.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (prefixes.TryGetValue(path, out location))
        {
            return location;
        }

        if (TryFindWithSlash(path, out location))
        {
            redirect = true;
            return location;
        }

        foreach (var length in _prefixLengths)
        {
            if (length < path.Length && prefixes.TryGetValue(path[..length], out location))
            {
                return location;
            }
        }

        return null;
    }

    private bool TryFindWithSlash(ReadOnlySpan<byte> path, [NotNullWhen(true)] out Location? location)
    {
        var length = path.Length + 1;
        Span<byte> withSlash = length <= 256 ? stackalloc byte[256] : new byte[length];
        path.CopyTo(withSlash);
        withSlash[path.Length] = (byte)'/';
        withSlash = withSlash[..length];
        return _exact.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(withSlash, out location)
            || _prefixes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(withSlash, out location);
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode((ReadOnlySpan<byte>)obj);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
