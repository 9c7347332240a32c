using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <content>Endpoints.</content>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Declares an endpoint, or changes the one of that name: what is left out stays as it is.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port callers use; chosen at start by default.</param>
    /// <param name="targetPort">The port the process listens on; chosen at start by default.</param>
    /// <param name="scheme">The scheme of its URL; <c>tcp</c> or <c>udp</c> by default.</param>
    /// <param name="name">Its name; the scheme by default.</param>
    /// <param name="env">The environment variable that tells the process the port to listen on.</param>
    /// <param name="isProxied">Whether a proxy may stand between callers and the process.</param>
    /// <param name="isExternal">Whether it is meant to be reached from outside of the deployment.</param>
    /// <param name="protocol">The transport protocol, TCP by default.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? scheme = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null,
        bool? isExternal = null,
        ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var declared = new EndpointAnnotation(
            protocol ?? ProtocolType.Tcp, scheme, transport: null, name, port, targetPort, isExternal, isProxied);
        var endpoint = builder.Resource.FindEndpoint(declared.Name);
        if (endpoint is null)
        {
            endpoint = declared;
            builder.WithAnnotation(endpoint);
        }
        else
        {
            endpoint.Port = port ?? endpoint.Port;
            endpoint.TargetPort = targetPort ?? endpoint.TargetPort;
            endpoint.IsExternal = isExternal ?? endpoint.IsExternal;
            endpoint.IsExplicitlyProxied = isProxied ?? endpoint.IsExplicitlyProxied;
        }

        if (env is null || builder.Resource is not IResourceWithEnvironment)
        {
            return builder;
        }

        endpoint.HasPortVariable = true;
        return builder.SetVariable(env, new EndpointReference(builder.Resource, endpoint).Property(EndpointProperty.TargetPort));
    }

    /// <summary>Changes an endpoint, or declares it.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">Its name.</param>
    /// <param name="callback">Changes it.</param>
    /// <param name="createIfNotExists">Whether it is declared when it does not exist; otherwise nothing happens then.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        [EndpointName] string endpointName,
        Action<EndpointAnnotation> callback,
        bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointName);
        ArgumentNullException.ThrowIfNull(callback);
        if (builder.Resource.FindEndpoint(endpointName) is { } existing)
        {
            callback(existing);
        }
        else if (createIfNotExists)
        {
            var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
            callback(endpoint);
            builder.WithAnnotation(endpoint);
        }

        return builder;
    }

    /// <summary>Declares an HTTP endpoint, or changes the one of that name.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port callers use; chosen at start by default.</param>
    /// <param name="targetPort">The port the process listens on; chosen at start by default.</param>
    /// <param name="name">Its name, <c>http</c> by default.</param>
    /// <param name="env">The environment variable that tells the process the port to listen on.</param>
    /// <param name="isProxied">Whether a proxy may stand between callers and the process.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(port, targetPort, "http", name, env, isProxied, isExternal: null, protocol: null);

    /// <summary>Declares an HTTPS endpoint, or changes the one of that name.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port callers use; chosen at start by default.</param>
    /// <param name="targetPort">The port the process listens on; chosen at start by default.</param>
    /// <param name="name">Its name, <c>https</c> by default.</param>
    /// <param name="env">The environment variable that tells the process the port to listen on.</param>
    /// <param name="isProxied">Whether a proxy may stand between callers and the process.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithHttpsEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(port, targetPort, "https", name, env, isProxied, isExternal: null, protocol: null);

    /// <summary>Marks the HTTP and HTTPS endpoints declared so far as meant to be reached from outside of the deployment.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>()
            .Where(static e => e.UriScheme is "http" or "https"))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    /// <summary>A reference to an endpoint of the resource.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The endpoint's name; it need not exist yet.</param>
    /// <returns>The reference.</returns>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, [EndpointName] string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.GetEndpoint(name);
    }

    /// <summary>Makes the HTTP and HTTPS endpoints speak HTTP/2.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> AsHttp2Service<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(static e => e.UriScheme is "http" or "https"))
            {
                endpoint.Transport = "http2";
            }

            return Task.CompletedTask;
        });
        return builder;
    }

    private static EndpointAnnotation? FindEndpoint(this IResource resource, string name) =>
        resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => ResourceNameComparer.Equals(e.Name, name));

    /// <summary>Finds the HTTP endpoint a check, probe or command is for.</summary>
    private static Func<EndpointReference> HttpEndpointOf<T>(this IResourceBuilder<T> builder, string? endpointName, string purpose)
        where T : IResourceWithEndpoints => () =>
    {
        string[] names = endpointName is null ? ["https", "http"] : [endpointName];
        var endpoint = names.Select(builder.Resource.FindEndpoint).FirstOrDefault(static e => e is not null)
            ?? throw new DistributedApplicationException(
                $"Could not create {purpose} for resource '{builder.Resource.Name}' as no endpoint was found matching one of the " +
                    "specified names: " +
                $"{string.Join(", ", names)}; declare one with WithHttpEndpoint.");
        return new EndpointReference(builder.Resource, endpoint);
    };

    private static EndpointReference SelectHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        Func<EndpointReference>? selector,
        string purpose)
        where T : IResourceWithEndpoints
    {
        var endpoint = (selector ?? builder.HttpEndpointOf(endpointName: null, purpose))()
            ?? throw new DistributedApplicationException(
                $"Could not create {purpose} for resource '{builder.Resource.Name}' as the endpoint selector returned null.");
        return endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new DistributedApplicationException(
                $"Could not create {purpose} for resource '{builder.Resource.Name}' as the endpoint with name '{endpoint.EndpointName}' " +
                    "and scheme " +
                $"'{endpoint.Scheme}' is not an HTTP endpoint.");
    }
}
