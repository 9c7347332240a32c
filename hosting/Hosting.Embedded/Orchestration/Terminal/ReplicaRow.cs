namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>How bad a state is.</summary>
internal enum Severity
{
    /// <summary>On its way.</summary>
    Neutral,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Needs attention.</summary>
    Bad,
}

/// <summary>What a person sees of a replica.</summary>
/// <param name="Name">The replica.</param>
/// <param name="State">Its state in one word.</param>
/// <param name="Severity">How bad that is.</param>
/// <param name="Detail">The address when it is well, the reason when it is not; may be empty.</param>
/// <param name="LastLines">What its process wrote before it died; empty unless it did.</param>
internal sealed record ReplicaRow(string Name, string State, Severity Severity, string Detail, IReadOnlyList<string> LastLines)
{
    /// <summary>Whether a start has come to its end, good or bad.</summary>
    public bool IsSettled => Severity != Severity.Neutral;

    /// <summary>Whether a person would see a difference.</summary>
    public bool LooksLike(ReplicaRow other) => State == other.State && Detail == other.Detail;
}
