using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.GatewayApi;

/// <summary>Experimental: asks an external authorizer before a request goes on.</summary>
public sealed record HTTPExternalAuthFilter : SchemaObject
{
    /// <summary>How the authorizer is asked; the member of that name is required.</summary>
    [AllowedValues(HTTPExternalAuthProtocol.Grpc, HTTPExternalAuthProtocol.Http)]
    public string? Protocol { get; init; }

    /// <summary>The authorizer.</summary>
    public BackendObjectReference? BackendRef { get; init; }

    /// <summary>What it is told by Envoy's ext_authz protocol.</summary>
    public GRPCAuthConfig? Grpc { get; init; }

    /// <summary>What it is told by HTTP.</summary>
    public HTTPAuthConfig? Http { get; init; }

    /// <summary>Whether it gets the request's body.</summary>
    public ForwardBodyConfig? ForwardBody { get; init; }
}

/// <summary>What an authorizer with gRPC is told.</summary>
public sealed record GRPCAuthConfig : SchemaObject
{
    /// <summary>Headers of the request that it gets; absent means all.</summary>
    [MaxLength(64)]
    public EquatableArray<string> AllowedHeaders { get; init; }
}

/// <summary>What an authorizer with HTTP is told, and what comes of its answer.</summary>
public sealed record HTTPAuthConfig : SchemaObject
{
    /// <summary>The prefix of the path at which it is asked; absent means none.</summary>
    [MaxLength(1024)]
    public string? Path { get; init; }

    /// <summary>Headers of the request that it gets besides the usual ones.</summary>
    [MaxLength(64)]
    public EquatableArray<string> AllowedHeaders { get; init; }

    /// <summary>Headers of its answer that go on with the request; absent means all.</summary>
    [MaxLength(64)]
    public EquatableArray<string> AllowedResponseHeaders { get; init; }
}

/// <summary>How much of a body an authorizer gets.</summary>
public sealed record ForwardBodyConfig : SchemaObject
{
    /// <summary>The most bytes; 0 means no body.</summary>
    public int? MaxSize { get; init; }
}

/// <summary>How an authorizer is asked.</summary>
public static class HTTPExternalAuthProtocol
{
    /// <summary>By Envoy's ext_authz protocol.</summary>
    public const string Grpc = "GRPC";

    /// <summary>By a request of its own.</summary>
    public const string Http = "HTTP";
}
