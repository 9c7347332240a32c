using System.Collections.Immutable;
using Istio.Documents;
using Istio.Validation.Admission;
using Istio.Validation.Analysis;
using Istio.Validation.Traps;

namespace Istio.Validation;

/// <summary>
/// Checks resources before anything runs or is published: what the API server and Istio's webhook would reject, what
/// <c>istioctl analyze</c> would find, and the traps that neither sees.
/// </summary>
public static class Validator
{
    /// <summary>
    /// Validates all documents together. Gives the findings of reading them too, in the order of file, line and code. Never throws for
    /// what documents hold.
    /// </summary>
    /// <param name="resources">The documents, as <see cref="ResourceReader"/> read them.</param>
    /// <param name="options">What is known besides the documents; null for the defaults.</param>
    public static ImmutableArray<Finding> Validate(ResourceSet resources, ValidationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(resources);
        var single = new List<Finding>();
        var together = new List<Finding>();
        Parallel.Invoke(
            () =>
            {
                foreach (var document in resources.Documents)
                {
                    DocumentRules.Check(new Place(document, "", single));
                }
            },
            () =>
            {
                var mesh = new Mesh(resources, options ?? new ValidationOptions(), together);
                AnalysisRules.Check(mesh);
                TrapRules.Check(mesh);
            });
        return [.. resources.Findings.Concat(single).Concat(together)
            .OrderBy(finding => finding.Location.File, StringComparer.Ordinal).ThenBy(finding => finding.Location.Line)
            .ThenBy(finding => finding.Code, StringComparer.Ordinal).ThenBy(finding => finding.Location.Column)
            .ThenBy(finding => finding.Field, StringComparer.Ordinal).ThenBy(finding => finding.Message, StringComparer.Ordinal)];
    }
}
