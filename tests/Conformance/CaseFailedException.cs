namespace Conformance;

/// <summary>A case does not hold.</summary>
internal sealed class CaseFailedException(string message, Exception? inner = null) : Exception(message, inner);
