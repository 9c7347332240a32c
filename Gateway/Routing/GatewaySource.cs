using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Routing;

/// <summary>A Gateway of Istio, or what Istio makes of a listener of a Gateway API Gateway.</summary>
/// <param name="Document">Where it is written.</param>
/// <param name="Name"><c>namespace/name</c>, by which VirtualServices bind to it.</param>
/// <param name="Servers">Its servers.</param>
internal sealed record GatewaySource(ResourceDocument Document, string Name, ImmutableArray<ServerSource> Servers)
{
    /// <summary>When the resource was created, as far as the document says.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The labels of the pods that run it.</summary>
    public required IReadOnlyDictionary<string, string> Selector { get; init; }

    /// <summary>The namespace of the pods that run it.</summary>
    public required string Namespace { get; init; }
}

/// <summary>A server of a Gateway.</summary>
/// <param name="Server">The server.</param>
/// <param name="Field">Its place in the document.</param>
/// <param name="Hosts">Its hosts, with <c>./</c> replaced by the Gateway's namespace.</param>
internal sealed record ServerSource(Server Server, string Field, IReadOnlyList<string> Hosts)
{
    /// <summary>The secrets with its certificates.</summary>
    public ImmutableArray<SecretName> Secrets { get; init; } = [];
}

/// <summary>Names a Secret.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct SecretName(string Namespace, string Name);
