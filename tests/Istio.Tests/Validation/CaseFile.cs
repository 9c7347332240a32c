using System.Runtime.CompilerServices;
using System.Text;
using Istio.Documents;
using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>
/// A file of YAML cases with the findings they must give. A line <c>### title</c> begins a case; a line <c>#^ severity code field:
/// message</c>
/// expects a finding on the nearest line above that is not such a comment. A case without expectations must give no finding at all.
/// With the environment variable ACCEPT=1 the tests write the expectations instead of checking them; read them before you commit.
/// </summary>
internal static class CaseFile
{
    private const string Title = "### ";
    private const string Expectation = "#^ ";

    public static bool IsAccepting => Environment.GetEnvironmentVariable("ACCEPT") == "1";

    public static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "cases");

    public static IEnumerable<string> Names() => Directory.EnumerateFiles(Folder(), "*.yaml")
        .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    /// <summary>The cases of a file: title, first line in the file (from 1), and the lines.</summary>
    public static IEnumerable<(string Title, int FirstLine, string[] Lines)> Cases(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder(), name + ".yaml"));
        var starts = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith(Title, StringComparison.Ordinal)).Append(lines.Length)
            .ToArray();
        for (var i = 0; i < starts.Length - 1; i++)
        {
            yield return (lines[starts[i]][Title.Length..], starts[i] + 1, lines[starts[i]..starts[i + 1]]);
        }
    }

    public static bool IsExpectation(string line) => line.TrimStart().StartsWith(Expectation, StringComparison.Ordinal);

    /// <summary>The expected findings: line in the file, and the text after <c>#^</c>.</summary>
    public static IEnumerable<string> Expected(int firstLine, string[] lines)
    {
        var line = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (IsExpectation(lines[i]))
            {
                yield return $"{firstLine + line}: {lines[i].TrimStart()[Expectation.Length..]}";
            }
            else
            {
                line = i;
            }
        }
    }

    /// <summary>The findings of a case, as expectations spell them.</summary>
    public static Finding[] Validate(string name, int firstLine, string[] lines)
    {
        // Empty lines in front make the lines those of the file.
        var text = new StringBuilder().Insert(0, "\n", firstLine - 1).AppendJoin('\n', lines).Append('\n');
        return [.. Validator.Validate(ResourceReader.ReadText(text.ToString(), name + ".yaml"))];
    }

    public static string Spell(Finding finding)
    {
        var text = finding.ToString();
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>Writes a file's expectations as validation gives them now.</summary>
    public static void Accept(string name)
    {
        var output = new List<string>();
        foreach (var (_, _, lines) in Cases(name))
        {
            var plain = lines.Where(line => !IsExpectation(line)).ToArray();
            var findings = Validate(name, 1, plain).ToLookup(finding => finding.Location.Line);
            for (var i = 0; i < plain.Length; i++)
            {
                output.Add(plain[i]);
                var indentation = plain[i][..^plain[i].TrimStart().Length];
                output.AddRange(findings[i + 1].Select(finding => $"{indentation}{Expectation}{Spell(finding).Split(' ', 2)[1]}"));
            }
        }

        File.WriteAllLines(Path.Combine(Folder(), name + ".yaml"), output);
    }
}
