using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;

namespace Gateway.Clusters.Balancing;

/// <summary>Hashes a header; of several values, in whatever order, one hash.</summary>
/// <param name="Name">The header's name.</param>
internal sealed record HeaderHash(string Name) : HashPolicy
{
    public override ulong? Compute(RequestHead request, IPEndPoint? localAddress, int sourcePort, out string? setCookie)
    {
        setCookie = null;
        StringValues values = Name switch
        {
            ":authority" or "host" or "Host" => request.Authority,
            ":method" => request.Method,
            ":scheme" => request.Scheme,
            ":path" => request.Path + request.Query,
            _ => request.Headers[Name],
        };
        return values.Count switch
        {
            0 => null,
            1 => HashOf(values[0]),
            _ => HashOfAll(values),
        };
    }

    // Each value is hashed with the hash of those before it as seed, in the order of their bytes.
    private static ulong HashOfAll(StringValues values) =>
        values.Order(StringComparer.Ordinal).Aggregate(0UL, (hash, value) => HashOf(value, hash));
}

/// <summary>Hashes the client's address, without its port.</summary>
internal sealed record SourceAddressHash : HashPolicy
{
    public override ulong? Compute(RequestHead request, IPEndPoint? localAddress, int sourcePort, out string? setCookie)
    {
        setCookie = null;
        // The downstream remote address: the client's as far as X-Forwarded-For is trusted.
        if ((request.RemoteAddress ?? request.SourceAddress) is not { } address)
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<char> text = stackalloc char[64];
        return address.TryFormat(text, out var length) ? HashOf(text[..length]) : null;
    }
}

/// <summary>Hashes the first value of a query parameter, as it is on the wire.</summary>
/// <param name="Name">The parameter's name.</param>
internal sealed record QueryParameterHash(string Name) : HashPolicy
{
    public override ulong? Compute(RequestHead request, IPEndPoint? localAddress, int sourcePort, out string? setCookie)
    {
        setCookie = null;
        if (request.Query.Length == 0)
        {
            return null;
        }

        var query = request.Query.AsSpan(1);
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            if ((equals < 0 ? pair : pair[..equals]).SequenceEqual(Name))
            {
                return HashOf(equals < 0 ? [] : pair[(equals + 1)..]);
            }
        }

        return null;
    }
}

/// <summary>Hashes a cookie. With a lifetime, one is generated for a client that has none.</summary>
/// <param name="Name">The cookie's name.</param>
/// <param name="Ttl">Its lifetime, zero for a session cookie; null generates none.</param>
/// <param name="Path">Its path; empty for none.</param>
/// <param name="Attributes">More attributes of a generated cookie.</param>
internal sealed record CookieHash(string Name, TimeSpan? Ttl, string Path, ImmutableArray<CookieAttribute> Attributes) : HashPolicy
{
    public override ulong? Compute(RequestHead request, IPEndPoint? localAddress, int sourcePort, out string? setCookie)
    {
        setCookie = null;
        if (Find(request.Headers.Cookie) is { IsEmpty: false } value)
        {
            return HashOf(value);
        }

        if (Ttl is not { } ttl || localAddress is null || request.SourceAddress is not { } source)
        {
            return null;
        }

        // One value for each client connection, so that answers to parallel requests agree.
        var generated = HashOf($"{new IPEndPoint(source, sourcePort)}{localAddress}").ToString("x16", CultureInfo.InvariantCulture);
        setCookie = Format(generated, ttl);
        return HashOf(generated);
    }

    public bool Equals(CookieHash? other) =>
        other is not null && Name == other.Name && Ttl == other.Ttl && Path == other.Path
        && Attributes.AsSpan().SequenceEqual(other.Attributes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Ttl, Path, Attributes.Length);

    /// <summary>The cookie's first value; empty when it is not there. Quotes around it do not count.</summary>
    private ReadOnlySpan<char> Find(StringValues headers)
    {
        foreach (var header in headers)
        {
            foreach (var range in header.AsSpan().Split(';'))
            {
                var pair = header.AsSpan(range).TrimStart(' ');
                var equals = pair.IndexOf('=');
                if (equals > 0 && pair[..equals].SequenceEqual(Name))
                {
                    var value = pair[(equals + 1)..];
                    return value is ['"', .., '"'] ? value[1..^1] : value;
                }
            }
        }

        return [];
    }

    private string Format(string value, TimeSpan ttl)
    {
        var text = new StringBuilder(Name).Append("=\"").Append(value).Append('"');
        if ((long)ttl.TotalSeconds is var seconds and not 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"; Max-Age={seconds}");
        }

        if (Path.Length > 0)
        {
            text.Append("; Path=").Append(Path);
        }

        foreach (var attribute in Attributes)
        {
            text.Append("; ").Append(attribute.Name);
            if (attribute.Value.Length > 0)
            {
                text.Append('=').Append(attribute.Value);
            }
        }

        return text.Append("; HttpOnly").ToString();
    }
}
