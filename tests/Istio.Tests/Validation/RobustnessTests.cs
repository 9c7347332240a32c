using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>Validation never throws, whatever stands where: every value in the specifications of the examples is replaced by values that do not belong
/// there.</summary>
public class RobustnessTests
{
    private static readonly string[] Misplaced = ["null", "\"*\"", "[]", "{\"a\":null}"];

    public static TheoryData<string> Titles() => [.. CaseFile.Cases("examples").Select(entry => entry.Title)];

    [Theory]
    [MemberData(nameof(Titles))]
    public void Misplaced_values_are_findings_and_never_exceptions(string title)
    {
        var (_, _, lines) = CaseFile.Cases("examples").Single(entry => entry.Title == title);
        var documents = ResourceReader.ReadText(string.Join('\n', lines), "a.yaml").Documents
            .Select(document => document.Json.ToJsonString()).ToArray();
        for (var i = 0; i < documents.Length; i++)
        {
            foreach (var path in Paths(JsonNode.Parse(documents[i])!["spec"], ["spec"]))
            {
                foreach (var value in Misplaced)
                {
                    var changed = documents.ToArray();
                    changed[i] = Replaced(documents[i], path, value);
                    var findings = Validator.Validate(ResourceReader.ReadText(string.Join("\n---\n", changed), "a.yaml"));
                    Assert.All(findings, finding => Assert.False(string.IsNullOrWhiteSpace(finding.Message)));
                }
            }
        }
    }

    private static string Replaced(string document, object[] path, string value)
    {
        var root = JsonNode.Parse(document)!;
        var parent = path[..^1].Aggregate(root, (node, step) => step is string key ? node[key]! : node[(int)step]!);
        if (path[^1] is string member)
        {
            parent[member] = JsonNode.Parse(value);
        }
        else
        {
            parent[(int)path[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString();
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path)
    {
        var children = node switch
        {
            JsonObject members => members.Select(member => ((object)member.Key, member.Value)),
            JsonArray items => items.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        foreach (var (step, child) in children.ToArray())
        {
            object[] inner = [.. path, step];
            yield return inner;
            foreach (var deeper in Paths(child, inner))
            {
                yield return deeper;
            }
        }
    }
}
