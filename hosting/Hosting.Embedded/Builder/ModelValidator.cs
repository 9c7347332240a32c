using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Finds the errors in a model that can be found before anything starts, and says each in one sentence.</summary>
internal static class ModelValidator
{
    /// <summary>Throws when the resource's name breaks the naming rules.</summary>
    public static void ValidateName(IResource resource)
    {
        resource.TryGetLastAnnotation<NameValidationPolicyAnnotation>(out var policy);
        ModelName.Validate("Resource", resource.Name, policy);
    }

    /// <summary>Throws for the first error found.</summary>
    /// <exception cref="DistributedApplicationException">The model has an error.</exception>
    public static void Validate(IResourceCollection resources, DistributedApplicationExecutionContext context)
    {
        foreach (var resource in resources)
        {
            ValidateName(resource);
            ValidateReplicas(resource);
            ValidateEndpoints(resource);
        }

        if (context.IsRunMode)
        {
            ValidateFixedPorts(resources);
            ValidateWaits(resources);
        }
    }

    private static void ValidateReplicas(IResource resource)
    {
        if (resource.GetReplicaCount() is < 1 and var count)
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' has {count} replicas; give it 1 or more with WithReplicas, or do not add it at all.");
        }
    }

    private static void ValidateEndpoints(IResource resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        var duplicate = endpoints.GroupBy(static e => e.Name, ResourceNameComparer.Instance).FirstOrDefault(static g => g.Count() > 1);
        if (duplicate is not null)
        {
            throw new DistributedApplicationException(
                $"Endpoint with name '{duplicate.Key}' is declared {duplicate.Count()} times on resource '{resource.Name}'; endpoint " +
                    "names must be unique within a resource.");
        }

        foreach (var (endpoint, port) in endpoints.SelectMany(static e => new[] { (e, e.Port), (e, e.TargetPort) }))
        {
            if (port is < 0 or > 65535)
            {
                throw new DistributedApplicationException(
                    $"Endpoint '{endpoint.Name}' of resource '{resource.Name}' has port {port}; ports are between 1 and 65535.");
            }
        }
    }

    private static void ValidateFixedPorts(IResourceCollection resources)
    {
        var taken = new Dictionary<(System.Net.Sockets.ProtocolType, int), (IResource Resource, EndpointAnnotation Endpoint)>();
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                // Port 0 is chosen at start. Explicitly started resources may be alternatives to each other.
                if (endpoint.Port is not { } port || port == 0 || resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
                {
                    continue;
                }

                if (!taken.TryAdd((endpoint.Protocol, port), (resource, endpoint)))
                {
                    var other = taken[(endpoint.Protocol, port)];
                    throw new DistributedApplicationException(
                        $"Port {port} is used twice: by endpoint '{other.Endpoint.Name}' of resource '{other.Resource.Name}' " +
                        $"and by endpoint '{endpoint.Name}' of resource '{resource.Name}'; " +
                        "change one of them, or leave it out to have a port chosen.");
                }
            }
        }
    }

    private static void ValidateWaits(IResourceCollection resources)
    {
        var done = new HashSet<IResource>();
        var path = new List<IResource>();
        foreach (var resource in resources)
        {
            Visit(resource);
        }

        void Visit(IResource resource)
        {
            if (path.IndexOf(resource) is >= 0 and var start)
            {
                var cycle = path.Skip(start).Append(resource).Select(static r => r.Name);
                throw new DistributedApplicationException(
                    $"Resources wait for each other in a circle and none could ever start: {string.Join(" -> ", cycle)}; remove one of " +
                        "these WaitFor calls.");
            }

            if (!done.Add(resource))
            {
                return;
            }

            path.Add(resource);
            foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
            {
                Visit(wait.Resource);
            }

            path.RemoveAt(path.Count - 1);
        }
    }
}
