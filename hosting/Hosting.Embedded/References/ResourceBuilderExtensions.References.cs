using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <content>References to other resources.</content>
public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Tells the resource how to reach another one: <c>services__{name}__{endpoint}__{index}</c> and <c>{NAME}_{ENDPOINT}</c>.
    /// </summary>
    /// <remarks>Of a resource with replicas this engine lists every replica's own address, counted from index 0.</remarks>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The other resource.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.AddEndpointReference(source.Resource, endpointName: null, serviceName: null);
    }

    /// <summary>Tells the resource how to reach another one, by a name of your choice.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The other resource.</param>
    /// <param name="name">The name the resource finds it by.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source,
        string name)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(name);
        return builder.AddEndpointReference(source.Resource, endpointName: null, name);
    }

    /// <summary>Tells the resource how to reach one endpoint of another one.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointReference">The endpoint.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(endpointReference);
        return builder.AddEndpointReference(endpointReference.Resource, endpointReference.EndpointName, serviceName: null);
    }

    /// <summary>Gives the resource a connection string: <c>ConnectionStrings__{name}</c>, and its parts as <c>{NAME}_{PART}</c>.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The resource that has the connection string.</param>
    /// <param name="connectionName">The name of the connection string; that of the source by default.</param>
    /// <param name="optional">Whether the resource also starts without it. <see langword="false" /> by default.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var connection = source.Resource;
        var name = connectionName ?? connection.Name;
        return builder.WithReferenceRelationship(connection).WithEnvironment(context =>
        {
            var flags = InjectionFlagsOf(context.Resource);
            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionString))
            {
                context.EnvironmentVariables[connection.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] =
                    new ConnectionStringReference(connection, optional);
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionProperties))
            {
                var prefix = name.Length == 0 ? "" : $"{EnvironmentVariableName(name)}_";
                foreach (var (property, value) in connection.GetConnectionProperties()
                    .Concat(connection.Annotations.OfType<ConnectionPropertyAnnotation>()
                        .Select(static p => KeyValuePair.Create(p.Name, p.Value))))
                {
                    context.EnvironmentVariables[prefix + property.ToUpperInvariant()] = value;
                }
            }
        });
    }

    /// <summary>Tells the resource how to reach a service that is not part of the application.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The name the resource finds it by.</param>
    /// <param name="uri">The absolute URL of the service, without query and fragment.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The URL is not absolute, or has a query or a fragment.</exception>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        string name,
        Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(uri);
        if (ExternalServiceResource.FindProblem(uri) is { } problem)
        {
            throw new InvalidOperationException(
                $"The URI for service reference '{name}' is invalid while configuring target resource '{builder.Resource.Name}': it " +
                    $"{problem}.");
        }

        return builder.WithEnvironment(context =>
        {
            var flags = InjectionFlagsOf(context.Resource);
            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                context.EnvironmentVariables[$"services__{name}__default__0"] = uri.ToString();
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                context.EnvironmentVariables[EncodeVariableName(name)] = uri.ToString();
            }
        });
    }

    /// <summary>Tells the resource how to reach an external service.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="externalService">The external service.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<ExternalServiceResource> externalService)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(externalService);
        var service = externalService.Resource;
        return builder.WithReferenceRelationship(service).WithEnvironment(async context =>
        {
            // The scheme of a URL that comes from a parameter is not known when publishing.
            var uri = service.Uri ?? (context.ExecutionContext.IsPublishMode
                ? null
                : await service.GetUriAsync(context.Resource, context.CancellationToken));
            object value = service.UrlParameter is { } parameter ? parameter : service.Uri!.ToString();
            var flags = InjectionFlagsOf(context.Resource);
            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                context.EnvironmentVariables[$"services__{service.Name}__{uri?.Scheme ?? "default"}__0"] = value;
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                var suffix = service.UrlParameter is not null && uri is not null ? $"_{uri.Scheme.ToUpperInvariant()}" : "";
                context.EnvironmentVariables[EnvironmentVariableName(service.Name) + suffix] = value;
            }
        });
    }

    /// <summary>Chooses which environment variables the references of the resource set.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="flags">The variables.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReferenceEnvironment<TDestination>(
        this IResourceBuilder<TDestination> builder,
        ReferenceEnvironmentInjectionFlags flags)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ReferenceEnvironmentInjectionAnnotation(flags));
    }

    private static IResourceBuilder<T> AddEndpointReference<T>(
        this IResourceBuilder<T> builder,
        IResourceWithEndpoints source,
        string? endpointName,
        string? serviceName)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        var reference = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>()
            .FirstOrDefault(r => ReferenceEquals(r.Resource, source));
        if (reference is null)
        {
            // One callback per source, whatever the number of references: the indexes of its endpoints are counted together.
            reference = new EndpointReferenceAnnotation(source);
            builder.WithAnnotation(reference);
            builder.WithAnnotation(new EnvironmentCallbackAnnotation(context => SetEndpointVariables(context, reference, serviceName)));
        }

        if (endpointName is null)
        {
            reference.UseAllEndpoints = true;
        }
        else
        {
            reference.EndpointNames.Add(endpointName);
        }

        return builder.WithReferenceRelationship(source);
    }

    private static void SetEndpointVariables(EnvironmentCallbackContext context, EndpointReferenceAnnotation reference, string? serviceName)
    {
        var flags = InjectionFlagsOf(context.Resource);
        var discoveryName = serviceName ?? reference.Resource.Name;
        foreach (var endpoint in reference.Resource.GetEndpoints())
        {
            if (!reference.EndpointNames.Contains(endpoint.EndpointName)
                && (!reference.UseAllEndpoints || endpoint.ExcludeReferenceEndpoint))
            {
                continue;
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                var service = serviceName is null ? EnvironmentVariableName(reference.Resource.Name) : EncodeVariableName(serviceName);
                context.EnvironmentVariables[$"{service}_{EnvironmentVariableName(endpoint.EndpointName)}"] = endpoint;
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                // An endpoint named http or https goes by its scheme, so that one that was turned into https is found as such.
                var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
                var index = 0;
                foreach (var address in AddressesOf(endpoint, context.ExecutionContext))
                {
                    while (!context.EnvironmentVariables.TryAdd($"services__{discoveryName}__{key}__{index}", address))
                    {
                        index++;
                    }
                }
            }
        }
    }

    private static IEnumerable<object> AddressesOf(EndpointReference endpoint, DistributedApplicationExecutionContext context) =>
        context.IsRunMode && endpoint.Resource.GetReplicaAddresses(endpoint.EndpointName) is { Count: > 0 } replicas
            ? replicas.Select(static r => r.UriString)
            : [endpoint];

    private static ReferenceEnvironmentInjectionFlags InjectionFlagsOf(IResource resource) =>
        resource.TryGetLastAnnotation<ReferenceEnvironmentInjectionAnnotation>(out var injection)
            ? injection.Flags
            : ReferenceEnvironmentInjectionFlags.All;

    private static string EnvironmentVariableName(string name) => EncodeVariableName(name).ToUpperInvariant();

    /// <summary>Letters, digits and underscores stay; anything else becomes an underscore, and one is put before a leading digit.</summary>
    private static string EncodeVariableName(string name)
    {
        var encoded = string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return encoded.Length > 0 && char.IsAsciiDigit(encoded[0]) ? $"_{encoded}" : encoded;
    }
}
