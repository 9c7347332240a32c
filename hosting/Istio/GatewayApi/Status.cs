using Istio.Documents;

namespace Istio.GatewayApi;

/// <summary>What the controllers report about a route.</summary>
public sealed record RouteStatus : SchemaObject
{
    /// <summary>One entry for each parent and controller.</summary>
    public EquatableArray<RouteParentStatus> Parents { get; init; }
}

/// <summary>What a controller reports about a route and one parent.</summary>
public sealed record RouteParentStatus : SchemaObject
{
    /// <summary>The parent.</summary>
    public ParentReference? ParentRef { get; init; }

    /// <summary>The controller.</summary>
    public string? ControllerName { get; init; }

    /// <summary>Accepted, ResolvedRefs and others.</summary>
    public EquatableArray<Condition> Conditions { get; init; }
}

/// <summary>What the controller reports about a gateway.</summary>
public sealed record GatewayStatus : SchemaObject
{
    /// <summary>The addresses it has.</summary>
    public EquatableArray<GatewaySpecAddress> Addresses { get; init; }

    /// <summary>Accepted, Programmed and others.</summary>
    public EquatableArray<Condition> Conditions { get; init; }

    /// <summary>One entry for each listener.</summary>
    public EquatableArray<ListenerStatus> Listeners { get; init; }

    /// <summary>Number of ListenerSets that are attached.</summary>
    public int? AttachedListenerSets { get; init; }
}

/// <summary>What the controller reports about a listener.</summary>
public sealed record ListenerStatus : SchemaObject
{
    /// <summary>Name of the listener.</summary>
    public string? Name { get; init; }

    /// <summary>Kinds of routes it takes.</summary>
    public EquatableArray<RouteGroupKind> SupportedKinds { get; init; }

    /// <summary>Number of routes bound to it.</summary>
    public int? AttachedRoutes { get; init; }

    /// <summary>Accepted, Programmed and others.</summary>
    public EquatableArray<Condition> Conditions { get; init; }
}

/// <summary>One observed condition.</summary>
public sealed record Condition : SchemaObject
{
    /// <summary>What is observed.</summary>
    public string? Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public string? Status { get; init; }

    /// <summary>The generation of the resource that was observed.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When the condition last changed, RFC 3339.</summary>
    public string? LastTransitionTime { get; init; }

    /// <summary>One word that says why.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }
}
