using System.Collections.Immutable;
using Istio.Documents;

namespace Istio.Validation;

/// <summary>Every finding code, those of reading files included, in the order of the documentation.</summary>
public static class ValidationCodes
{
    /// <summary>All codes: reading files, Istio's own analysis, and this project's traps.</summary>
    public static ImmutableArray<FindingCode> All { get; } =
        [.. ReaderCodes.All.Concat(AnalysisCodes.All).Concat(TrapCodes.All).OrderBy(code => code.Code, StringComparer.Ordinal)];
}
