namespace Conformance;

/// <summary>A case does not hold.</summary>
internal class CaseFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The gateway refuses documents.</summary>
/// <param name="findings">What it says of them.</param>
internal sealed class RefusedException(string findings) : CaseFailedException($"the documents are refused: {findings}")
{
    /// <summary>What it says of them.</summary>
    public string Findings { get; } = findings;
}
