using Istio.Documents;

namespace Istio.MeshConfiguration;

/// <summary>
/// The configuration of the mesh, as far as it has types here; all other members are kept as they are. It stands in an IstioOperator, or
/// in the ConfigMap <c>istio</c> that the control plane reads.
/// Source: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig
/// </summary>
public sealed record MeshConfig : SchemaObject
{
    /// <summary>What Istio can be extended by: external authorizers, and where logs and traces go.</summary>
    public EquatableArray<MeshExtensionProvider> ExtensionProviders { get; init; }
}

/// <summary>A named extension; of its kinds the external authorizers have types here.</summary>
public sealed record MeshExtensionProvider : SchemaObject
{
    /// <summary>The name by which policies refer to it.</summary>
    public string? Name { get; init; }

    /// <summary>An external authorizer that is asked by HTTP.</summary>
    public EnvoyExternalAuthorizationHttpProvider? EnvoyExtAuthzHttp { get; init; }

    /// <summary>An external authorizer that is asked by gRPC.</summary>
    public EnvoyExternalAuthorizationGrpcProvider? EnvoyExtAuthzGrpc { get; init; }
}

/// <summary>
/// An external authorizer that gets a copy of each request's head. Status 200 allows the request, any other denies it, one of 5xx counts
/// as failure.
/// </summary>
public sealed record EnvoyExternalAuthorizationHttpProvider : SchemaObject
{
    /// <summary>The authorizer's full host name, with its namespace and a slash in front where several have the name.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint? Port { get; init; }

    /// <summary>How long its answer may take; default 600s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>What is put in front of the path of the request that it gets.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>Whether requests are allowed when it fails; default false.</summary>
    public bool? FailOpen { get; init; }

    /// <summary>Whether the route is chosen anew when it has changed headers; default false.</summary>
    public bool? ClearRouteCache { get; init; }

    /// <summary>The status of the answer when it fails; default 403.</summary>
    public string? StatusOnError { get; init; }

    /// <summary>The older name of includeRequestHeadersInCheck, which counts without that.</summary>
    public EquatableArray<string> IncludeHeadersInCheck { get; init; }

    /// <summary>The headers of the request that it gets too: names, or beginnings or ends of names with an asterisk.</summary>
    public EquatableArray<string> IncludeRequestHeadersInCheck { get; init; }

    /// <summary>Headers that it gets besides.</summary>
    public EquatableDictionary<string> IncludeAdditionalHeadersInCheck { get; init; }

    /// <summary>That it gets the request's body too, and how much of it.</summary>
    public EnvoyExternalAuthorizationRequestBody? IncludeRequestBodyInCheck { get; init; }

    /// <summary>Headers of an answer that allows, which the upstream gets.</summary>
    public EquatableArray<string> HeadersToUpstreamOnAllow { get; init; }

    /// <summary>Headers of an answer that denies, which the client gets. Absent: all.</summary>
    public EquatableArray<string> HeadersToDownstreamOnDeny { get; init; }

    /// <summary>Headers of an answer that allows, which the client gets with the response.</summary>
    public EquatableArray<string> HeadersToDownstreamOnAllow { get; init; }
}

/// <summary>An external authorizer that implements <c>envoy.service.auth.v3.Authorization</c>.</summary>
public sealed record EnvoyExternalAuthorizationGrpcProvider : SchemaObject
{
    /// <summary>The authorizer's full host name, with its namespace and a slash in front where several have the name.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    public uint? Port { get; init; }

    /// <summary>How long its answer may take; default 600s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Whether requests are allowed when it fails; default false.</summary>
    public bool? FailOpen { get; init; }

    /// <summary>Whether the route is chosen anew when it has changed headers; default false.</summary>
    public bool? ClearRouteCache { get; init; }

    /// <summary>The status of the answer when it fails; default 403.</summary>
    public string? StatusOnError { get; init; }

    /// <summary>That it gets the request's body too, and how much of it.</summary>
    public EnvoyExternalAuthorizationRequestBody? IncludeRequestBodyInCheck { get; init; }
}

/// <summary>How much of a request's body an external authorizer gets.</summary>
public sealed record EnvoyExternalAuthorizationRequestBody : SchemaObject
{
    /// <summary>The most bytes of it.</summary>
    public uint? MaxRequestBytes { get; init; }

    /// <summary>Whether a longer body is cut off there; else its request is answered with 413. Default false.</summary>
    public bool? AllowPartialMessage { get; init; }

    /// <summary>Whether it comes as bytes and not as UTF-8 text; for gRPC only. Default false.</summary>
    public bool? PackAsBytes { get; init; }
}
