using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Ingress;

/// <summary>
/// The Ingress door's rules, compiled once per configuration: which server, which location, which upstream target. Immutable but for
/// a cache of decisions; knows no HTTP server.
/// </summary>
internal sealed class IngressDoor
{
    private readonly Dictionary<string, IngressServer> _hosts;
    private readonly Dictionary<string, IngressServer>.AlternateLookup<ReadOnlySpan<char>> _hostsBySpan;
    private readonly IngressServer[] _wildcards;
    private readonly IngressServer _default;
    private readonly DecisionCache _cache = new();

    /// <summary>Builds the door.</summary>
    /// <param name="servers">The servers in ingress-nginx's order; one of them is the default server.</param>
    public IngressDoor(IReadOnlyCollection<IngressServer> servers)
    {
        _hosts = servers.Where(server => !server.Host.StartsWith("*.", StringComparison.Ordinal))
            .ToDictionary(server => server.Host, StringComparer.OrdinalIgnoreCase);
        _hostsBySpan = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcards = [.. servers.Where(server => server.Host.StartsWith("*.", StringComparison.Ordinal))];
        _default = _hosts[IngressServer.DefaultHost];
    }

    /// <summary>Decides what to do with a request.</summary>
    /// <param name="host">The Host header; null when HTTP/1.0 sent none.</param>
    /// <param name="rawTarget">The request target as it came.</param>
    public IngressDecision Decide(string? host, string rawTarget)
    {
        host ??= "";
        if (_cache.Find(host, rawTarget) is { } cached)
        {
            return cached;
        }

        try
        {
            var decision = DecideUncached(host, rawTarget);
            _cache.Add(host, rawTarget, decision);
            return decision;
        }
        catch (RegexMatchTimeoutException)
        {
            // PCRE's match limit: nginx logs it and answers 500. Not remembered, for it was this machine's clock that decided.
            return IngressDecision.Answer(StatusCodes.Status500InternalServerError);
        }
    }

    private IngressDecision DecideUncached(string host, string rawTarget)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(rawTarget.Length + 1);
        try
        {
            if (!RequestTarget.TryParse(rawTarget, buffer, out var target) || !TryFindServer(host, rawTarget, target, out var server))
            {
                return IngressDecision.Answer(StatusCodes.Status400BadRequest);
            }

            var path = buffer.AsSpan(0, target.PathLength);
            var location = server.Find(path, out var redirect);
            if (location is null)
            {
                return IngressDecision.Answer(StatusCodes.Status404NotFound);
            }

            return ReferenceEquals(location, HealthLocation.Instance) ? new(IngressAction.Health, 0, location, "")
                : redirect ? new(IngressAction.Redirect, 0, location, RedirectTarget(location, rawTarget.AsSpan()[target.Query]))
                : Forward(location, rawTarget, path, target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IngressDecision Forward(Location location, string rawTarget, ReadOnlySpan<byte> path, in RequestTarget target)
    {
        var query = rawTarget.AsSpan()[target.Query];
        var match = default(PathMatch);
        if (location.Rewrite is { } rewrite && location.Pattern!.TryMatch(path, ref match))
        {
            var length = rewrite.Length(match, path.Length);
            if (length == 0)
            {
                // "the rewritten URI has a zero length"
                return IngressDecision.Answer(StatusCodes.Status500InternalServerError, location);
            }

            var rewritten = new byte[length];
            rewrite.Write(path, match, rewritten);
            if (rewritten[0] != (byte)'/')
            {
                // nginx sends it on, and a server answers 400 to a request target without a slash (RFC 9112, section 3.2.1).
                return IngressDecision.Answer(StatusCodes.Status400BadRequest, location);
            }

            return location.Service is null
                ? IngressDecision.Answer(StatusCodes.Status404NotFound, location)
                : new IngressDecision(IngressAction.Forward, 0, location, UriEscaping.Target(rewritten, query));
        }

        if (location.Service is null)
        {
            return IngressDecision.Answer(StatusCodes.Status404NotFound, location);
        }

        // Without a rewrite nginx passes on what it received. A target such as http://host?x has no path to pass on.
        var unparsed = target.HasEmptyPath ? UriEscaping.Target(path, query) : rawTarget[target.Unparsed];
        return new IngressDecision(IngressAction.Forward, 0, location, unparsed);
    }

    private static string RedirectTarget(Location location, ReadOnlySpan<char> query) =>
        UriEscaping.Target(Encoding.UTF8.GetBytes(location.Path), query);

    private bool TryFindServer(string hostHeader, string rawTarget, in RequestTarget target, [NotNullWhen(true)] out IngressServer? server)
    {
        server = _default;
        var host = hostHeader.AsSpan();
        if (!host.IsEmpty && (!HostName.TryNormalize(ref host) || !HostName.CanBeSent(host)))
        {
            return false;
        }

        if (target.IsAbsolute)
        {
            host = rawTarget.AsSpan()[target.Authority];
            if (!HostName.TryNormalize(ref host))
            {
                return false;
            }
        }

        if (host.IsEmpty || _hostsBySpan.TryGetValue(host, out server))
        {
            return server is not null;
        }

        foreach (var wildcard in _wildcards)
        {
            if (wildcard.IsWildcardOf(host))
            {
                server = wildcard;
                return true;
            }
        }

        server = _default;
        return true;
    }
}
