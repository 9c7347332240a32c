using System.Collections.Immutable;
using Istio.Documents;

namespace Istio.Validation;

/// <summary>Every finding code, those of reading files included, in the order of the documentation.</summary>
public static class ValidationCodes
{
    /// <summary>All codes: reading files, Istio's own analysis, and this project's traps.</summary>
    public static ImmutableArray<FindingCode> All { get; } =
        [.. ReaderCodes.All.Concat(AnalysisCodes.All).Concat(TrapCodes.All).OrderBy(code => code.Code, StringComparer.Ordinal)];

    private static readonly ImmutableHashSet<string> Advice =
        AnalysisCodes.All.Concat(TrapCodes.All).Select(code => code.Code).ToImmutableHashSet(StringComparer.Ordinal);

    /// <summary>
    /// True for what only an analysis finds: a cluster takes such documents and acts on them. Everything else it would reject.
    /// </summary>
    public static bool IsAdvice(string code) => Advice.Contains(code);
}
