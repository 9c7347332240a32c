using Conformance.Cases;

namespace Conformance;

/// <summary>Runs the table against the gateway of this repository: every case is a test.</summary>
public sealed class CaseTests
{
    private static readonly Dictionary<string, ConformanceCase> Cases = CaseFiles.ReadAll().ToDictionary(@case => @case.ToString());

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        Cases.Keys.Select(name => new TheoryDataRow<string>(name) { TestDisplayName = name });

    [Theory]
    [MemberData(nameof(Names))]
    public Task Holds(string name) => CaseRun.RunAsync(Cases[name], TestContext.Current.CancellationToken);
}
