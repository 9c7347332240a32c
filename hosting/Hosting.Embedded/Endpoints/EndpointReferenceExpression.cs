using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One property of an endpoint, as a value that becomes known when the application runs.</summary>
[DebuggerDisplay("{ValueExpression,nq}")]
public class EndpointReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>Refers to a property of an endpoint.</summary>
    /// <param name="endpointReference">The endpoint.</param>
    /// <param name="property">The property.</param>
    public EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property)
    {
        ArgumentNullException.ThrowIfNull(endpointReference);
        Endpoint = endpointReference;
        Property = property;
    }

    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; }

    /// <summary>The property.</summary>
    public EndpointProperty Property { get; }

    /// <summary>The expression that stands for the value in a manifest, <c>{ping.bindings.http.url}</c>.</summary>
    public string ValueExpression => Property switch
    {
        EndpointProperty.Url => Binding("url"),
        EndpointProperty.Host or EndpointProperty.IPV4Host => Binding("host"),
        EndpointProperty.Port => Binding("port"),
        EndpointProperty.Scheme => Binding("scheme"),
        EndpointProperty.TargetPort => Binding("targetPort"),
        EndpointProperty.HostAndPort => $"{Binding("host")}:{Binding("port")}",
        EndpointProperty.TlsEnabled => Binding("tlsEnabled"),
        _ => throw UnknownProperty()
    };

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    /// <summary>Waits for the endpoint's address and returns the property.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value.</returns>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new(), cancellationToken);

    /// <summary>Waits for the endpoint's address and returns the property.</summary>
    /// <param name="context">Who asks. A replica that asks for its own target port gets its own, not another replica's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value.</returns>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (Property)
        {
            case EndpointProperty.Scheme:
                return Endpoint.Scheme;
            case EndpointProperty.TlsEnabled:
                return Endpoint.TlsEnabled ? bool.TrueString : bool.FalseString;
            case EndpointProperty.TargetPort when OwnReplicaPort(context) is { } own:
                return own.ToString(CultureInfo.InvariantCulture);
            case EndpointProperty.TargetPort when Endpoint.TargetPort is { } fixedPort:
                return fixedPort.ToString(CultureInfo.InvariantCulture);
        }

        var allocated = await Endpoint.EndpointAnnotation.WaitForAllocationAsync(cancellationToken);
        return Property switch
        {
            EndpointProperty.Url => allocated.UriString,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.IPV4Host => allocated.Address is "localhost" ? "127.0.0.1" : allocated.Address,
            EndpointProperty.Port => allocated.Port.ToString(CultureInfo.InvariantCulture),
            EndpointProperty.HostAndPort => allocated.EndPointString,
            EndpointProperty.TargetPort => TargetPortOf(allocated),
            _ => throw UnknownProperty()
        };
    }

    private int? OwnReplicaPort(ValueProviderContext context) =>
        context.ReplicaIndex is { } index && ReferenceEquals(context.Caller, Endpoint.Resource)
            ? Endpoint.Resource.GetReplicaAddresses(Endpoint.EndpointName)?.ElementAtOrDefault(index)?.Port
            : null;

    private string TargetPortOf(AllocatedEndpoint allocated)
    {
        if (allocated.TargetPortExpression is { } expression)
        {
            return expression;
        }

        if (Endpoint.Resource.GetReplicaCount() > 1)
        {
            throw new InvalidOperationException(
                $"The target port of endpoint `{Endpoint.EndpointName}` differs between the replicas of `{Endpoint.Resource.Name}`; use " +
                    "its Port instead.");
        }

        return allocated.Port.ToString(CultureInfo.InvariantCulture);
    }

    private string Binding(string property) => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{property}}}";

    private InvalidOperationException UnknownProperty() =>
        new($"The property '{Property}' is not supported for the endpoint '{Endpoint.EndpointName}'.");
}

/// <summary>The properties of an endpoint that can be referred to.</summary>
public enum EndpointProperty
{
    /// <summary>The URL.</summary>
    Url,

    /// <summary>The host.</summary>
    Host,

    /// <summary>The host as an IPv4 address.</summary>
    IPV4Host,

    /// <summary>The port callers use.</summary>
    Port,

    /// <summary>The scheme.</summary>
    Scheme,

    /// <summary>The port the process listens on.</summary>
    TargetPort,

    /// <summary>Host and port, with a colon between them.</summary>
    HostAndPort,

    /// <summary><c>True</c> or <c>False</c>: whether it speaks TLS.</summary>
    TlsEnabled
}
