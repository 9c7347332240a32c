using System.Collections.Immutable;

namespace Gateway.Registry;

/// <summary>A port of a Kubernetes Service and the endpoints behind it.</summary>
/// <param name="Name"><c>namespace/service:port</c>, for messages.</param>
/// <param name="Endpoints">The endpoints; none is answered with 503.</param>
/// <param name="Turn">Round robin over them.</param>
internal sealed record ServicePort(string Name, ImmutableArray<ServiceEndpoint> Endpoints, Turn Turn);
