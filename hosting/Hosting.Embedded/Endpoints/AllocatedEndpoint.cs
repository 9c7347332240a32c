using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The address an endpoint was given.</summary>
[DebuggerDisplay("{UriString,nq}")]
public class AllocatedEndpoint
{
    /// <summary>Creates the address.</summary>
    /// <param name="endpoint">The endpoint it belongs to.</param>
    /// <param name="address">The host name or IP address.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="targetPortExpression">What stands for the port of the process, when it is not <paramref name="port" />.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not between 1 and 65535.</exception>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
        : this(endpoint, address, port, EndpointBindingMode.SingleAddress, targetPortExpression)
    {
    }

    /// <summary>Creates the address.</summary>
    /// <param name="endpoint">The endpoint it belongs to.</param>
    /// <param name="address">The host name or IP address.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="bindingMode">Whether it listens on one address or on all.</param>
    /// <param name="targetPortExpression">What stands for the port of the process, when it is not <paramref name="port" />.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not between 1 and 65535.</exception>
    public AllocatedEndpoint(
        EndpointAnnotation endpoint,
        string address,
        int port,
        EndpointBindingMode bindingMode,
        string? targetPortExpression = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Endpoint = endpoint;
        Address = address;
        Port = port;
        BindingMode = bindingMode;
        TargetPortExpression = targetPortExpression;
    }

    /// <summary>The endpoint it belongs to.</summary>
    public EndpointAnnotation Endpoint { get; }

    /// <summary>The host name or IP address.</summary>
    public string Address { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>Whether it listens on one address or on all.</summary>
    public EndpointBindingMode BindingMode { get; }

    /// <summary>What stands for the port of the process, when it is not <see cref="Port" />.</summary>
    public string? TargetPortExpression { get; }

    /// <summary>The scheme of the URL.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Address and port: <c>localhost:5000</c>.</summary>
    public string EndPointString => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");

    /// <summary>The URL: <c>http://localhost:5000</c>.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc cref="UriString" />
    public override string ToString() => UriString;
}

/// <summary>Which local addresses an endpoint listens on.</summary>
public enum EndpointBindingMode
{
    /// <summary>One address.</summary>
    SingleAddress,

    /// <summary>All IPv4 and IPv6 addresses.</summary>
    DualStackAnyAddresses,

    /// <summary>All IPv4 addresses.</summary>
    IPv4AnyAddresses,

    /// <summary>All IPv6 addresses.</summary>
    IPv6AnyAddresses
}

/// <summary>
/// The addresses of the single replicas, one list per endpoint name, in the order of the replicas. The orchestrator puts it on a
/// resource before the endpoints count as allocated; references to the resource then list every replica.
/// </summary>
internal sealed class ReplicaAddressesAnnotation : IResourceAnnotation
{
    public ReplicaAddressesAnnotation(IReadOnlyDictionary<string, IReadOnlyList<AllocatedEndpoint>> addresses)
    {
        Addresses = addresses;
    }

    /// <summary>The addresses of each endpoint; the names are those of the <see cref="EndpointAnnotation" />s.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AllocatedEndpoint>> Addresses { get; }
}
