namespace Aspire.Hosting.ApplicationModel;

/// <summary>Chooses ports for endpoints that declare none.</summary>
public interface IPortAllocator
{
    /// <summary>Chooses a port that is not in use.</summary>
    /// <returns>The port.</returns>
    int AllocatePort();

    /// <summary>Takes a port out of the choice.</summary>
    /// <param name="port">The port.</param>
    void AddUsedPort(int port);
}

/// <summary>Chooses the lowest port from 8000 on that no endpoint has yet.</summary>
internal sealed class PublishedPorts : IPortAllocator
{
    private readonly HashSet<int> _used = [];
    private int _next = 8000;

    public int AllocatePort()
    {
        while (_used.Contains(_next))
        {
            _next++;
        }

        return _next;
    }

    public void AddUsedPort(int port) => _used.Add(port);
}

/// <summary>A port of an endpoint as it is published.</summary>
public readonly struct ResolvedPort
{
    /// <summary>The port; <see langword="null" /> when the deployment tool chooses it.</summary>
    public int? Value { get; init; }

    /// <summary>Whether it was chosen here.</summary>
    public bool IsAllocated { get; init; }

    /// <summary>Whether it follows from the endpoint's other port.</summary>
    public bool IsImplicit { get; init; }

    /// <summary>A port that was declared.</summary>
    /// <param name="port">The port.</param>
    /// <returns>The port.</returns>
    public static ResolvedPort Explicit(int port) => new() { Value = port };

    /// <summary>A port that was chosen here.</summary>
    /// <param name="port">The port.</param>
    /// <returns>The port.</returns>
    public static ResolvedPort Allocated(int port) => new() { Value = port, IsAllocated = true };

    /// <summary>A port that follows from the endpoint's other port.</summary>
    /// <param name="port">The port.</param>
    /// <returns>The port.</returns>
    public static ResolvedPort Implicit(int port) => new() { Value = port, IsImplicit = true };

    /// <summary>A port that the deployment tool chooses.</summary>
    /// <returns>No port.</returns>
    public static ResolvedPort None() => default;
}

/// <summary>An endpoint with its ports as they are published.</summary>
public sealed class ResolvedEndpoint
{
    /// <summary>The endpoint.</summary>
    public required EndpointAnnotation Endpoint { get; init; }

    /// <summary>The port the process listens on.</summary>
    public ResolvedPort TargetPort { get; init; }

    /// <summary>The port callers use.</summary>
    public ResolvedPort ExposedPort { get; init; }
}

/// <content>Ports as they are published.</content>
public static partial class ResourceExtensions
{
    /// <summary>Resolves the ports of a resource's endpoints for a publish.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="portAllocator">Chooses the ports that are not declared; by default the lowest from 8000 on.</param>
    /// <returns>The endpoints, in the order of their declaration.</returns>
    public static IReadOnlyList<ResolvedEndpoint> ResolveEndpoints(this IResource resource, IPortAllocator? portAllocator = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var ports = portAllocator ?? new PublishedPorts();
        var schemesOfProject = new HashSet<string>();
        var resolved = new List<ResolvedEndpoint>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            // Port 0 is one that is chosen.
            int? port = endpoint.Port is 0 ? null : endpoint.Port;
            int? declared = endpoint.TargetPort is 0 ? null : endpoint.TargetPort;
            var isHttp = endpoint.UriScheme is "http" or "https";

            // The first HTTP endpoint of a project is the one that the deployment tool listens on by itself.
            var isDefault = resource is ProjectResource && isHttp && schemesOfProject.Add(endpoint.UriScheme);
            var targetPort = (resource, declared, port) switch
            {
                (_, { } target, _) => ResolvedPort.Explicit(target),
                (ContainerResource, null, { } exposed) => ResolvedPort.Implicit(exposed),
                _ when isDefault => ResolvedPort.None(),
                _ => ResolvedPort.Allocated(ports.AllocatePort())
            };
            var exposedPort = (port, targetPort.Value) switch
            {
                ({ } exposed, _) => ResolvedPort.Explicit(exposed),
                (null, { } target) => ResolvedPort.Implicit(target),
                _ when isHttp => ResolvedPort.None(),
                _ => ResolvedPort.Allocated(ports.AllocatePort())
            };
            foreach (var used in new[] { exposedPort.Value, targetPort.Value }.OfType<int>())
            {
                ports.AddUsedPort(used);
            }

            resolved.Add(new ResolvedEndpoint { Endpoint = endpoint, TargetPort = targetPort, ExposedPort = exposedPort });
        }

        return resolved;
    }
}
