namespace Aspire.Hosting.ApplicationModel;

/// <summary>That a resource refers to endpoints of another one: to all, or to some by name.</summary>
public sealed class EndpointReferenceAnnotation : IResourceAnnotation
{
    /// <summary>Declares the reference.</summary>
    /// <param name="resource">The other resource.</param>
    public EndpointReferenceAnnotation(IResourceWithEndpoints resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
    }

    /// <summary>The other resource.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>Whether it refers to all endpoints.</summary>
    public bool UseAllEndpoints { get; set; }

    /// <summary>The endpoints it refers to by name.</summary>
    public ISet<string> EndpointNames { get; } = new HashSet<string>(ResourceNameComparer.Instance);
}

/// <summary>Which environment variables the references of a resource set.</summary>
public sealed class ReferenceEnvironmentInjectionAnnotation : IResourceAnnotation
{
    /// <summary>Declares the choice.</summary>
    /// <param name="flags">The variables.</param>
    public ReferenceEnvironmentInjectionAnnotation(ReferenceEnvironmentInjectionFlags flags)
    {
        Flags = flags;
    }

    /// <summary>The variables.</summary>
    public ReferenceEnvironmentInjectionFlags Flags { get; }
}

/// <summary>Environment variables that a reference sets.</summary>
[Flags]
public enum ReferenceEnvironmentInjectionFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>ConnectionStrings__{name}</c>.</summary>
    ConnectionString = 1,

    /// <summary><c>{NAME}_{PROPERTY}</c>, one per property of the connection.</summary>
    ConnectionProperties = 2,

    /// <summary><c>services__{name}__{endpoint}__{index}</c>, as .NET service discovery reads them.</summary>
    ServiceDiscovery = 4,

    /// <summary><c>{NAME}_{ENDPOINT}</c>, one per endpoint.</summary>
    Endpoints = 8,

    /// <summary>All of them; the default.</summary>
    All = ConnectionString | ConnectionProperties | ServiceDiscovery | Endpoints
}
