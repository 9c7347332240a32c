using Conformance.Cases;

namespace Conformance;

/// <summary>Runs the table against the gateway of this repository: every case is a test.</summary>
public sealed class CaseTests
{
    /// <summary>Only cases with this text in their names are run; empty for all.</summary>
    internal static string Filter { get; set; } = "";

    private static Lazy<Dictionary<string, ConformanceCase>> Cases { get; } =
        new(() => CaseFiles.ReadAll(Filter).ToDictionary(@case => @case.ToString()));

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        Cases.Value.Keys.Select(name => new TheoryDataRow<string>(name) { TestDisplayName = name });

    [Theory]
    [MemberData(nameof(Names))]
    public Task Holds(string name) => CaseRun.RunAsync(Cases.Value[name], TestContext.Current.CancellationToken);
}
