namespace Gateway.Registry;

/// <summary>What <c>exportTo</c> says: who sees a resource.</summary>
internal static class Exports
{
    /// <summary>The resource's own namespace.</summary>
    public const string Private = ".";

    /// <summary>All namespaces.</summary>
    public const string Public = "*";

    /// <summary>Nobody.</summary>
    public const string None = "~";

    /// <summary>True when a namespace sees a resource.</summary>
    /// <param name="exportTo">The resource's <c>exportTo</c>; empty means all namespaces.</param>
    /// <param name="owner">The resource's namespace.</param>
    /// <param name="viewer">The namespace of who looks.</param>
    public static bool AreVisible(IReadOnlyCollection<string> exportTo, string owner, string viewer)
    {
        if (exportTo.Count == 0)
        {
            return true;
        }

        foreach (var target in exportTo)
        {
            if (target == Public || target == viewer || (target == Private && owner == viewer))
            {
                return true;
            }
        }

        return false;
    }
}
