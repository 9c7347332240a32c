using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Conformance.Cases;
using Gateway.Parity;
using Istio.Documents;
using Istio.Validation;

namespace Conformance.Parity;

/// <summary>What Gateway/Parity says of the fields of resources is so, and docs/parity.md says the same.</summary>
public sealed class ParityTests
{
    private const int AtOnce = 8;

    /// <summary>How many cases a field may be tried with: those first whose own documents have little else.</summary>
    private const int Tries = 25;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_field_has_an_entry_and_every_entry_a_field()
    {
        var shown = new HashSet<Type>();
        var messages = ResourceFields.Roots.SelectMany(root => ResourceFields.Of(root.Type, shown)).ToList();
        var wrong = messages.SelectMany(message => message.Fields.Except(message.Parity.Fields)
            .Select(name => $"{message.Parity.Type}.{name} is missing")
            .Concat(message.Parity.Fields.Except(message.Fields).Select(name => $"{message.Parity.Type}.{name} is no field")));
        Assert.Equal("", string.Join('\n', wrong));
        Assert.Empty(ParityTable.All.Select(message => message.Type).Except(shown));
        Assert.All(ParityTable.All, message => Assert.Distinct(message.Fields));
    }

    [Fact]
    public async Task A_field_that_is_executed_changes_the_outcome_of_a_case()
    {
        var cases = CaseFiles.ReadAll("").Where(@case => @case.Refused is null).SelectMany(Fields)
            .OrderBy(pair => pair.Others).ThenBy(pair => pair.Case.Steps.Sum(step => step.Repeat))
            .ToLookup(pair => pair.Field, pair => pair.Case);
        var executed = ParityTable.All.SelectMany(message => message.Executed.Select(name => new MessageField(message.Type, name)));
        var unproven = new ConcurrentBag<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation };
        await Parallel.ForEachAsync(executed, options, async (field, _) =>
        {
            try
            {
                if (!await ChangesAsync(field, cases[field].Take(Tries)))
                {
                    unproven.Add($"{field}: {cases[field].Count()} cases have it");
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                unproven.Add($"{field}: the gateway fails without it: {exception}");
            }
        });
        Assert.True(unproven.IsEmpty, string.Join('\n', unproven.Order()));
    }

    [Fact]
    public void Tests_that_are_named_for_a_field_speak_of_it()
    {
        var folder = Path.Combine(Root(), "tests", "Gateway.Tests");
        Assert.All(ParityTable.All.SelectMany(message => message.Tested), tested =>
        {
            var file = Path.Combine(folder, $"{tested.Value}.cs");
            Assert.True(File.Exists(file), $"{tested.Value} is no file of tests/Gateway.Tests.");
            var speaks = Regex.IsMatch(File.ReadAllText(file), $@"\b{tested.Key}\b", RegexOptions.IgnoreCase);
            Assert.True(speaks, $"{tested.Value} does not speak of {tested.Key}.");
        });
    }

    [Fact]
    public void Findings_that_are_named_exist()
    {
        var codes = typeof(MessageParity).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(FindingCode)).Select(field => ((FindingCode)field.GetValue(null)!).Code)
            .Concat(ValidationCodes.All.Select(code => code.Code)).ToList();
        Assert.Empty(ParityTable.Limits.SelectMany(limit => limit.Codes).Except(codes));
        Assert.Distinct(codes);
    }

    [Fact]
    public void Documentation_says_the_same()
    {
        var file = Path.Combine(Root(), "docs", "parity.md");
        var wanted = ParityPage.Write();
        if (Environment.GetEnvironmentVariable("ACCEPT") == "1")
        {
            File.WriteAllText(file, wanted);
        }

        Assert.True(File.Exists(file), "docs/parity.md is missing; run this test with ACCEPT=1 to write it.");
        Assert.Equal(wanted, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    /// <summary>The fields of a case's documents, each with how many others it may be about: many for those that every case has.</summary>
    private static IEnumerable<(MessageField Field, ConformanceCase Case, int Others)> Fields(ConformanceCase @case)
    {
        var own = DocumentFields.Find(CaseDocuments.Write(@case));
        return DocumentFields.Find(CaseRun.DocumentsOf(@case))
            .Select(field => (field, @case, own.Contains(field) ? own.Count : int.MaxValue));
    }

    /// <summary>Whether one of the cases fails without a field.</summary>
    private static async Task<bool> ChangesAsync(MessageField field, IEnumerable<ConformanceCase> cases)
    {
        foreach (var @case in cases)
        {
            try
            {
                await CaseRun.RunAsync(@case, documents => DocumentFields.Without(documents, field), Cancellation);
            }
            catch (CaseFailedException)
            {
                return true;
            }
        }

        return false;
    }

    private static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
}
