namespace Istio.Validation.Traps;

/// <summary>Runs the checks for documents that are valid and do not do what they seem to say.</summary>
internal static class TrapRules
{
    public static void Check(Mesh mesh)
    {
        RouteTraps.Check(mesh);
        DestinationRuleTraps.Check(mesh);
        BindingTraps.Check(mesh);
        IngressTraps.Check(mesh);
        IngressTranslation.Check(mesh);
        MtlsTraps.Check(mesh);
        PolicyTraps.Check(mesh);
        ProviderTraps.Check(mesh);
        RateLimitTraps.Check(mesh);
    }
}
