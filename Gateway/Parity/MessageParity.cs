namespace Gateway.Parity;

/// <summary>What becomes of a field when a program runs on a laptop. In a cluster Istio executes all of them.</summary>
internal enum Execution
{
    /// <summary>The gateway does what Envoy does.</summary>
    Executed,

    /// <summary>Validation checks its value and what it refers to; the gateway does not act on it.</summary>
    Validated,

    /// <summary>It is kept and published.</summary>
    Published,
}

/// <summary>
/// What becomes of the fields of a message, as Istio's documentation calls an object of a resource. The fields of messages that are
/// reached by fields that are not executed share their fate, and have no entry of their own.
/// </summary>
/// <param name="Type">The message's type.</param>
internal sealed record MessageParity(Type Type)
{
    /// <summary>Fields that are executed: a case of tests/Conformance has another outcome without each of them.</summary>
    public string[] Executed { get; init; } = [];

    /// <summary>
    /// Fields that are executed but need more than documents and requests to show: the file of tests/Gateway.Tests that does.
    /// </summary>
    public Dictionary<string, string> Tested { get; } = [];

    /// <summary>Fields that are validated only, and why.</summary>
    public Dictionary<string, string> Validated { get; } = [];

    /// <summary>Fields that are published only, and why.</summary>
    public Dictionary<string, string> Published { get; } = [];

    /// <summary>All fields that are named.</summary>
    public IEnumerable<string> Fields => Executed.Concat(Tested.Keys).Concat(Validated.Keys).Concat(Published.Keys);

    /// <summary>What becomes of a field, and why.</summary>
    public (Execution Execution, string Reason) Of(string field) =>
        Validated.TryGetValue(field, out var reason) ? (Execution.Validated, reason)
        : Published.TryGetValue(field, out reason) ? (Execution.Published, reason)
        : (Execution.Executed, "");

    /// <summary>Whether the fields of what a field holds have a fate of their own.</summary>
    public bool IsExecuted(string field) => Of(field).Execution == Execution.Executed;
}
