using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Ports;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration.Endpoints;

/// <summary>
/// Decides on which ports the replicas of a resource listen and which one callers use. A single replica listens on the public port
/// itself; several get a port each, and a proxy takes the public one. So does a single one whose callers may come before it is there.
/// </summary>
internal sealed class EndpointAllocator(PortAllocator ports, IConfiguration configuration)
{
    // Aspire's own key for it; the testing harness sets it so that several applications can run side by side.
    private readonly bool _randomizePorts = configuration.GetValue("DcpPublisher:RandomizePorts", defaultValue: false);

    /// <summary>Gives every endpoint of a resource its ports and publishes them in the model.</summary>
    /// <exception cref="DistributedApplicationException">A declaration cannot be satisfied.</exception>
    public IReadOnlyList<ReplicaEndpoint> Allocate(IResource resource, int replicas)
    {
        var annotations = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        var endpoints = annotations.Select(annotation => Allocate(resource, annotation, replicas)).ToArray();
        PublishReplicas(resource, endpoints);
        return endpoints;
    }

    /// <summary>Gives one more replica its ports.</summary>
    /// <exception cref="DistributedApplicationException">The resource's endpoints allow one replica only.</exception>
    public void AddReplica(IResource resource, IReadOnlyList<ReplicaEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            Validate(resource, endpoint.Annotation, endpoint.ReplicaPorts.Count + 1);
        }

        foreach (var endpoint in endpoints)
        {
            endpoint.AddReplica(ports.Allocate());
        }

        PublishReplicas(resource, endpoints);
    }

    /// <summary>Takes the last replica's ports back; its process must have ended.</summary>
    public void RemoveLastReplica(IResource resource, IReadOnlyList<ReplicaEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            ports.Free(endpoint.RemoveLastReplica());
        }

        PublishReplicas(resource, endpoints);
    }

    private static void PublishReplicas(IResource resource, IReadOnlyList<ReplicaEndpoint> endpoints) =>
        resource.ReplaceAnnotation(new ReplicaAddressesAnnotation(endpoints.ToDictionary(
            endpoint => endpoint.Annotation.Name,
            endpoint => (IReadOnlyList<AllocatedEndpoint>)[.. endpoint.ReplicaPorts.Select(port => AddressOf(endpoint, port, target: null))])));

    /// <summary>Makes the addresses of a resource known to those that wait for them.</summary>
    public static void Publish(IEnumerable<ReplicaEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            int? target = endpoint is { HasProxy: true, ReplicaPorts: [var only] } ? only : null;
            endpoint.Annotation.AllocatedEndpoint = AddressOf(endpoint, endpoint.PublicPort, target);
        }
    }

    private static AllocatedEndpoint AddressOf(ReplicaEndpoint endpoint, int port, int? target) => new(
        endpoint.Annotation,
        endpoint.Address,
        port,
        Loopback.IsAny(endpoint.Annotation.TargetHost) ? EndpointBindingMode.DualStackAnyAddresses : EndpointBindingMode.SingleAddress,
        target?.ToString(CultureInfo.InvariantCulture));

    private ReplicaEndpoint Allocate(IResource resource, EndpointAnnotation annotation, int replicas)
    {
        Validate(resource, annotation, replicas);
        var declared = annotation.IsProxied && _randomizePorts ? null : Positive(annotation.Port);
        var target = Positive(annotation.TargetPort);
        if (replicas > 1 || HeldConnectionsAnnotation.AppliesTo(annotation, resource))
        {
            return new ReplicaEndpoint(
                resource,
                annotation,
                declared ?? ports.Allocate(),
                [.. Enumerable.Range(0, replicas).Select(_ => ports.Allocate())]);
        }

        var listen = target ?? declared ?? ports.Allocate();
        var endpoint = new ReplicaEndpoint(resource, annotation, declared ?? listen, [listen]);
        return endpoint.HasProxy && annotation.Protocol != ProtocolType.Tcp
            ? throw new DistributedApplicationException(
                $"Endpoint '{annotation.Name}' of resource '{resource.Name}' has port {declared} and target port {target}, but only TCP can be "
                + "forwarded from one to the other: give it one port.")
            : endpoint;
    }

    // Port 0 means that any will do.
    private static int? Positive(int? port) => port > 0 ? port : null;

    private static void Validate(IResource resource, EndpointAnnotation annotation, int replicas)
    {
        if (replicas > 1 && (!annotation.IsProxied || annotation.TargetPort > 0 || annotation.Protocol != ProtocolType.Tcp))
        {
            var reason =
                !annotation.IsProxied ? "is declared without a proxy" : annotation.TargetPort > 0 ? "has a target port" : "is not TCP";
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' has {replicas} replicas, which need a port each, but its endpoint '{annotation.Name}' {reason}: "
                + "remove that, or the replicas.");
        }

        if (!annotation.IsProxied && annotation.Port != annotation.TargetPort)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{annotation.Name}' of resource '{resource.Name}' is declared without a proxy, so its port {annotation.Port} and its "
                + $"target port {annotation.TargetPort} must be the same.");
        }
    }
}
