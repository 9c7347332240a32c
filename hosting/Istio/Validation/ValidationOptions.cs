using System.Collections.Immutable;

namespace Istio.Validation;

/// <summary>What validation knows besides the documents.</summary>
public sealed record ValidationOptions
{
    /// <summary>
    /// Replicas by service, where no Deployment in the documents tells them: <c>ping</c> (namespace default) or
    /// <c>ping.shop.svc.cluster.local</c>.
    /// </summary>
    public ImmutableDictionary<string, int> Replicas { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The namespace whose policies hold for the whole mesh; default <c>istio-system</c>.</summary>
    public string RootNamespace { get; init; } = "istio-system";

    /// <summary>Tells whether a certificate has expired.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
