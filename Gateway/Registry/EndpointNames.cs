using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Registry;

/// <summary>
/// The addresses of endpoints that are given by DNS names. Every address of a name is an endpoint, as in Envoy's STRICT_DNS clusters: so
/// the pods behind a headless Service are balanced one by one. Names are looked up again at an interval.
/// </summary>
/// <remarks>
/// Envoy's dns_refresh_rate is 5 s, and Istio lets the time to live of a record decide, which .NET does not tell; CoreDNS gives those of
/// a cluster 5 s. As in Istio, IPv4 addresses are used where there are any. A name that cannot be looked up keeps the addresses it had.
/// Source: envoyproxy/envoy source/extensions/clusters/strict_dns/strict_dns_cluster.cc and istio/istio
/// pilot/pkg/networking/core/cluster_builder.go.
/// </remarks>
internal sealed class EndpointNames
{
    /// <summary>How often names are looked up again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>How long a new name may take before its endpoint is left to whoever connects to it.</summary>
    private static readonly TimeSpan FirstLookup = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, ImmutableArray<string>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;
    private int _version;

    /// <summary>Makes a resolver that knows nothing yet.</summary>
    /// <param name="lookUp">Looks a name up; null for the system's DNS.</param>
    public EndpointNames(Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null) => _lookUp = lookUp ?? Dns.GetHostAddressesAsync;

    /// <summary>Changes with the addresses of a name.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The addresses of an endpoint: itself when it is one; the name when it cannot be looked up.</summary>
    public ImmutableArray<string> Of(string address)
    {
        if (IPAddress.TryParse(address, out _))
        {
            return [address];
        }

        _used[address] = true;
        return _addresses.TryGetValue(address, out var known) ? known : _addresses.GetOrAdd(address, First(address));
    }

    /// <summary>Looks all names up again.</summary>
    /// <returns>Whether anything has changed.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        var names = _addresses.Keys.ToArray();
        var found = await Task.WhenAll(names.Select(name => LookUpAsync(name, cancellation)));
        var isChanged = false;
        foreach (var (name, addresses) in names.Zip(found))
        {
            // A reload may have forgotten the name meanwhile.
            isChanged |= !addresses.IsDefaultOrEmpty && _addresses.TryGetValue(name, out var before)
                && !addresses.SequenceEqual(before) && _addresses.TryUpdate(name, addresses, before);
        }

        if (isChanged)
        {
            Interlocked.Increment(ref _version);
        }

        return isChanged;
    }

    /// <summary>Forgets the names that no document has any more.</summary>
    /// <param name="compile">Asks for all names that documents have.</param>
    public T Keep<T>(Func<T> compile)
    {
        _used.Clear();
        var result = compile();
        foreach (var name in _addresses.Keys.Where(name => !_used.ContainsKey(name)))
        {
            _addresses.TryRemove(name, out _);
        }

        return result;
    }

    private ImmutableArray<string> First(string name)
    {
        using var timeout = new CancellationTokenSource(FirstLookup);
        var addresses = Task.Run(() => LookUpAsync(name, timeout.Token)).GetAwaiter().GetResult();
        return addresses.IsDefaultOrEmpty ? [name] : addresses;
    }

    private async Task<ImmutableArray<string>> LookUpAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var all = await _lookUp(name, cancellation).WaitAsync(cancellation);
            var addresses = Array.Exists(all, address => address.AddressFamily == AddressFamily.InterNetwork)
                ? all.Where(address => address.AddressFamily == AddressFamily.InterNetwork) : all;

            // The order of the answers changes from one to the next; that is no change.
            return [.. addresses.Select(address => address.ToString()).Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return default;
        }
    }
}
