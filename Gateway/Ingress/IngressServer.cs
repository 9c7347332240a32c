using System.Buffers;

namespace Gateway.Ingress;

/// <summary>The locations of one host.</summary>
internal sealed class IngressServer
{
    /// <summary>ingress-nginx's name of the server for requests no other host takes.</summary>
    public const string DefaultHost = "_";

    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private readonly StaticLocations _static;
    private readonly Location[] _patterns;

    /// <summary>Builds a server.</summary>
    /// <param name="host">Host, wildcard host or <see cref="DefaultHost"/>.</param>
    /// <param name="statics">Exact and prefix locations.</param>
    /// <param name="patterns">Locations with a pattern, in the order they are tried.</param>
    public IngressServer(string host, StaticLocations statics, IEnumerable<Location> patterns)
    {
        Host = host;
        _static = statics;
        _patterns = [.. patterns];
    }

    /// <summary>Host, wildcard host or <see cref="DefaultHost"/>.</summary>
    public string Host { get; }

    /// <summary>
    /// Finds the location as nginx does: the static ones first, then the patterns in order, which win over a prefix location but not
    /// over an exact one. ingress-nginx never mixes exact locations and patterns.
    /// </summary>
    public Location? Find(ReadOnlySpan<byte> path, out bool redirect)
    {
        redirect = false;
        foreach (var location in _patterns)
        {
            if (location.Pattern!.IsLocationOf(path))
            {
                return location;
            }
        }

        return _static.Find(path, out redirect);
    }

    /// <summary>Whether this wildcard host takes a lower-case host name: exactly one label of letters, digits, "_" and "-" more.</summary>
    /// <remarks>ingress-nginx writes <c>*.example.com</c> as <c>~^(?&lt;subdomain&gt;[\w-]+)\.example\.com$</c>.</remarks>
    public bool IsWildcardOf(ReadOnlySpan<char> host)
    {
        var suffix = Host.AsSpan(1);
        return host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            && !host[..^suffix.Length].ContainsAnyExcept(LabelCharacters);
    }
}
