using Conformance.Cases;
using YamlDotNet.Serialization;

namespace Conformance;

/// <summary>Nothing of the specification is forgotten: every row and every field is what some case is there for.</summary>
public sealed class CoverageTests(ITestOutputHelper output)
{
    private const int Least = 300;

    private static readonly Deserializer Yaml = new Deserializer();

    private static readonly List<ConformanceCase> Cases = [.. CaseFiles.ReadAll("")];

    [Fact]
    public void There_are_at_least_300_cases()
    {
        output.WriteLine($"{Cases.Count} cases in {Cases.Select(@case => @case.File).Distinct().Count()} files");
        Assert.InRange(Cases.Count, Least, int.MaxValue);
    }

    [Fact]
    public void Every_row_of_the_reference_has_a_case() => Assert.Empty(Rows().Except(Covered()));

    [Fact]
    public void Every_field_has_a_case() => Assert.Empty(Fields().Except(Covered()));

    [Fact]
    public void Cases_are_there_for_rows_and_fields_that_exist() => Assert.Empty(Covered().Except(Rows().Concat(Fields())));

    [Fact]
    public void Every_case_has_a_name_of_its_own() =>
        Assert.Empty(Cases.GroupBy(@case => @case.ToString()).Where(group => group.Count() > 1).Select(group => group.Key));

    private static HashSet<string> Covered() => [.. Cases.SelectMany(@case => @case.Covers)];

    private static List<string> Rows() => [.. Yaml.Deserialize<Dictionary<string, string>>(Read("reference.yaml")).Keys];

    private static List<string> Fields() => Yaml.Deserialize<List<string>>(Read("fields.yaml"));

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "coverage", name));
}
