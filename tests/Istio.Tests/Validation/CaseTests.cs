using Istio.Documents;
using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>Every case of the case files gives exactly the findings it names, with code, resource, field, message and line.</summary>
public class CaseTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in CaseFile.Names())
        {
            foreach (var (title, _, _) in CaseFile.Cases(name))
            {
                data.Add(name, title);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_gives_the_findings_it_names(string file, string title)
    {
        var (_, firstLine, lines) = CaseFile.Cases(file).Single(candidate => candidate.Title == title);
        var findings = CaseFile.Validate(file, firstLine, lines);
        if (CaseFile.IsAccepting)
        {
            return;
        }

        Assert.Equal(string.Join('\n', CaseFile.Expected(firstLine, lines)), string.Join('\n', findings.Select(CaseFile.Spell)));
    }

    [Fact]
    public void Examples_as_the_documentation_has_them_give_no_error()
    {
        var findings = CaseFile.Cases("examples").SelectMany(entry => CaseFile.Validate("examples", entry.FirstLine, entry.Lines));
        Assert.Equal([], findings.Where(finding => finding.Severity == Severity.Error).Select(finding => finding.ToString()));
    }

    [Fact]
    public void Accept_switch_writes_the_expectations()
    {
        foreach (var name in CaseFile.IsAccepting ? CaseFile.Names() : [])
        {
            CaseFile.Accept(name);
        }

        Assert.All(CaseFile.Names(), name => Assert.NotEmpty(CaseFile.Cases(name)));
    }

    [Fact]
    public void Every_code_has_a_case_that_gives_it()
    {
        var given = CaseFile.Names()
            .SelectMany(name => CaseFile.Cases(name).SelectMany(entry => CaseFile.Validate(name, entry.FirstLine, entry.Lines)))
            .Select(finding => finding.Code).ToHashSet(StringComparer.Ordinal);
        var wanted = AnalysisCodes.All.Concat(TrapCodes.All).Select(code => code.Code).Append("IST0106");
        Assert.Equal([], wanted.Where(code => !given.Contains(code)));
    }

    [Fact]
    public void There_are_at_least_250_cases()
    {
        var cases = CaseFile.Names().SelectMany(name => CaseFile.Cases(name).Select(entry => (name, entry.Title))).ToArray();
        Assert.True(cases.Length >= 250, $"There are {cases.Length} cases.");
        Assert.Equal(cases.Length, cases.Distinct().Count());
    }
}
