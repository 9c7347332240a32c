using System.Net;

namespace Gateway.Registry;

/// <summary>One replica of a service. Equal when address and port are.</summary>
internal sealed class ServiceEndpoint : IEquatable<ServiceEndpoint>
{
    private readonly int _hash;

    /// <summary>Describes an endpoint.</summary>
    /// <param name="address">IP address or DNS name.</param>
    /// <param name="port">TCP port.</param>
    public ServiceEndpoint(string address, int port)
    {
        Address = IPAddress.TryParse(address, out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(address, port);
        Port = port;
        Authority = address.Contains(':') ? $"[{address}]:{port}" : $"{address}:{port}";
        Prefix = $"http://{Authority}";
        _hash = Authority.GetHashCode(StringComparison.Ordinal);
    }

    /// <summary>What to connect to.</summary>
    public EndPoint Address { get; }

    /// <summary>The TCP port.</summary>
    public int Port { get; }

    /// <summary>Address and port, such as <c>10.0.0.1:8080</c>.</summary>
    public string Authority { get; }

    /// <summary>The beginning of every URI at this endpoint, such as <c>http://10.0.0.1:8080</c>.</summary>
    public string Prefix { get; }

    public bool Equals(ServiceEndpoint? other) => ReferenceEquals(this, other) || (other is not null && Authority == other.Authority);

    public override bool Equals(object? obj) => Equals(obj as ServiceEndpoint);

    public override int GetHashCode() => _hash;

    public override string ToString() => Authority;
}
