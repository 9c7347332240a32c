namespace Gateway.Ingress;

/// <summary>
/// The prefix location <c>/healthz</c> that ingress-nginx adds to its default server for probes on the door's own port; a pattern of an
/// Ingress that takes the path wins, as in nginx.
/// </summary>
internal static class HealthLocation
{
    /// <summary>The location, recognised by reference.</summary>
    public static readonly Location Instance = new("/healthz", null, null, null);
}
