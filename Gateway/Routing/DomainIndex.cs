using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Gateway.Routing;

/// <summary>Finds the virtual host of an authority, as Envoy's route configuration does, without allocating.</summary>
/// <remarks>Envoy, source/common/router/config_impl.cc, <c>findVirtualHost</c>, with the port ignored as Istio configures it.</remarks>
internal sealed class DomainIndex
{
    private readonly FrozenDictionary<string, VirtualHost> _exact;
    private readonly FrozenDictionary<string, VirtualHost> _suffixes;
    private readonly int[] _suffixLengths;
    private readonly VirtualHost? _any;

    public DomainIndex(ImmutableArray<VirtualHost> hosts)
    {
        var exact = new Dictionary<string, VirtualHost>(StringComparer.OrdinalIgnoreCase);
        var suffixes = new Dictionary<string, VirtualHost>(StringComparer.OrdinalIgnoreCase);
        foreach (var host in hosts)
        {
            foreach (var domain in host.Domains)
            {
                if (domain == "*")
                {
                    _any ??= host;
                }
                else if (domain.StartsWith('*'))
                {
                    suffixes.TryAdd(domain[1..], host);
                }
                else
                {
                    exact.TryAdd(domain, host);
                }
            }
        }

        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _suffixes = suffixes.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _suffixLengths = [.. suffixes.Keys.Select(suffix => suffix.Length).Distinct().OrderDescending()];
    }

    /// <summary>Finds a host; null when no domain is the authority's.</summary>
    public VirtualHost? Find(ReadOnlySpan<char> authority)
    {
        if (authority.IsEmpty)
        {
            return _any;
        }

        var name = WithoutPort(authority);
        if (_exact.Count > 0 && _exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var host))
        {
            return host;
        }

        // A wildcard stands for at least one character.
        foreach (var length in _suffixLengths)
        {
            if (length < name.Length
                && _suffixes.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[^length..], out host))
            {
                return host;
            }
        }

        return _any;
    }

    /// <summary>An authority without its port; the colons of an IPv6 address in brackets are no port.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> authority)
    {
        var colon = authority.LastIndexOf(':');
        return colon < 0 || authority.LastIndexOf(']') > colon ? authority : authority[..colon];
    }
}
