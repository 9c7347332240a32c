using System.Collections.Immutable;
using Gateway.Proxy;

namespace Gateway.Listening;

/// <summary>A server of a Gateway that ends TLS.</summary>
/// <param name="Hosts">The server names that it is for: host names, <c>*</c> or names that begin with <c>*</c>.</param>
/// <param name="Tls">What its handshakes are like.</param>
/// <param name="Chain">What its requests meet.</param>
internal sealed record TlsServer(ImmutableArray<string> Hosts, ServerTls Tls, FilterChain Chain)
{
    /// <summary>
    /// How well the server fits a name: the longer the host that matches, the better; an exact one is best, <c>*</c> worst. -1 when none
    /// matches.
    /// </summary>
    /// <remarks>envoyproxy/envoy envoy/config/listener/v3/listener_components.proto, FilterChainMatch.server_names.</remarks>
    public int Fit(string name)
    {
        var best = -1;
        foreach (var host in Hosts)
        {
            var fit = host == "*" ? 0
                : host.StartsWith('*') ? (name.Length >= host.Length && name.EndsWith(host[1..], StringComparison.OrdinalIgnoreCase) ? host.Length : -1)
                : string.Equals(host, name, StringComparison.OrdinalIgnoreCase) ? int.MaxValue
                : -1;
            best = Math.Max(best, fit);
        }

        return best;
    }
}
