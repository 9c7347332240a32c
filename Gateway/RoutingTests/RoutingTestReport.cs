using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Xml;

namespace Gateway.RoutingTests;

/// <summary>Writes the results of routing tests: for people, and as JUnit's XML for build servers.</summary>
internal static class RoutingTestReport
{
    private const int NarrowestColumn = 24;

    private static readonly IEqualityComparer<ImmutableArray<RoutingTestFailure>> SameFailures =
        EqualityComparer<ImmutableArray<RoutingTestFailure>>.Create(
            (left, right) => left.SequenceEqual(right), failures => failures.Length);

    /// <summary>Writes a line for each test, and for what failed both sides beside each other.</summary>
    public static void WriteText(IReadOnlyCollection<RoutingTestResult> results, TextWriter output)
    {
        foreach (var test in results.GroupBy(result => result.Case))
        {
            var failed = test.Where(result => !result.Failures.IsEmpty).ToArray();
            output.WriteLine($"{(failed.Length == 0 ? "passed" : "FAILED")}  {test.Key.Description} ({Count(test.Count(), "request")})");
            foreach (var same in failed.GroupBy(result => result.Failures, SameFailures))
            {
                WriteFailures(same.Key, same, output);
            }
        }

        var failures = results.Count(result => !result.Failures.IsEmpty);
        output.WriteLine();
        output.WriteLine($"{Count(results.Select(result => result.Case).Distinct().Count(), "test")}, {Count(results.Count, "request")}: "
            + $"{results.Count - failures} passed, {failures} failed");
    }

    /// <summary>Writes JUnit's XML: a suite for each file, a case for each request.</summary>
    public static void WriteJUnit(IReadOnlyCollection<RoutingTestResult> results, Stream output)
    {
        using var xml = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false) });
        xml.WriteStartElement("testsuites");
        foreach (var suite in results.GroupBy(result => result.Case.Location.File))
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", suite.Key);
            xml.WriteAttributeString("tests", suite.Count().ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("failures", suite.Count(result => !result.Failures.IsEmpty).ToString(CultureInfo.InvariantCulture));
            foreach (var result in suite)
            {
                WriteCase(result, xml);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteCase(RoutingTestResult result, XmlWriter xml)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean(result.Case.Description));
        xml.WriteAttributeString("name", Clean(result.Request.ToString()));
        xml.WriteAttributeString("file", result.Case.Location.File);
        xml.WriteAttributeString("line", result.Case.Location.Line.ToString(CultureInfo.InvariantCulture));
        if (!result.Failures.IsEmpty)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(Title(result.Failures[0])));
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            WriteFailures(result.Failures, [result], text);
            xml.WriteString(Clean(text.ToString()));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>Writes the requests that failed alike, and then once how.</summary>
    private static void WriteFailures(
        ImmutableArray<RoutingTestFailure> failures, IEnumerable<RoutingTestResult> results, TextWriter output)
    {
        foreach (var result in results)
        {
            output.WriteLine($"  {result.Case.Location}: {result.Request}");
        }

        foreach (var failure in failures)
        {
            output.WriteLine($"    {Title(failure)}");
            var left = failure.Expected.Split('\n');
            var right = failure.Actual.Split('\n');
            var heading = failure.WantMatch ? "expected" : "expected anything but";
            var width = Math.Max(NarrowestColumn, left.Append(heading).Max(line => line.Length));
            output.WriteLine($"      {heading.PadRight(width)} | actual");
            for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
            {
                output.WriteLine($"      {Line(left, i).PadRight(width)} | {Line(right, i)}".TrimEnd());
            }
        }
    }

    private static string Title(RoutingTestFailure failure) =>
        $"{failure.Member}: {(failure.Rule.Length == 0 ? "no rule takes it" : $"taken by {failure.Rule}")}";

    private static string Line(string[] lines, int index) => index < lines.Length ? lines[index] : "";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    /// <summary>XML cannot hold most control characters.</summary>
    private static string Clean(string text) => string.Concat(text.Where(c => c is '\n' or '\t' || XmlConvert.IsXmlChar(c) && c >= ' '));
}
