using Istio.Documents;

namespace Istio.Validation;

/// <summary>The command <c>validate PATH...</c>: reads files and folders, validates them together, prints the findings.</summary>
public static class ValidateCommand
{
    /// <summary>Validates and prints.</summary>
    /// <param name="paths">Files and folders; at least one.</param>
    /// <param name="json">True for a JSON array instead of lines.</param>
    /// <param name="output">Where findings go.</param>
    /// <param name="error">Where the summary and wrong usage go.</param>
    /// <returns>0, or 1 when there is an error, or 2 when no path is given.</returns>
    public static int Run(IReadOnlyList<string> paths, bool json, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        if (paths.Count == 0)
        {
            error.WriteLine("No path given: name files or folders with Kubernetes and Istio YAML, as in: validate ./mesh");
            return 2;
        }

        var resources = ResourceReader.ReadPaths(paths);
        var findings = Validator.Validate(resources);
        if (json)
        {
            FindingWriter.WriteJson(findings, output);
        }
        else
        {
            FindingWriter.WriteText(findings, output);
        }

        var errors = findings.Count(finding => finding.Severity == Severity.Error);
        error.WriteLine(
            $"{Count(resources.Documents.Length, "document")}: {Count(errors, "error")}, {Count(findings.Length - errors, "warning")}");
        if (!resources.SkippedFiles.IsEmpty)
        {
            error.WriteLine($"Left out: {Count(resources.SkippedFiles.Length, "file")} without resources of a cluster.");
        }

        return errors > 0 ? 1 : 0;
    }

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
