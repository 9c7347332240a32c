using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.Yaml;

namespace Istio.Tests.Documents;

public class SchemaTests
{
    private static readonly string? DefinitionsPath = FindDefinitions();

    private static readonly Lazy<List<JsonObject>> LoadedDefinitions = new(() =>
    {
        var set = ResourceReader.ReadPaths([DefinitionsPath!]);
        Assert.Empty(set.Findings);
        return [.. set.Documents.Select(document => document.Json)];
    });

    public static TheoryData<(string Group, string Kind)> Kinds =>
        [.. ResourceTypes.All.Where(type => type.Group.EndsWith(".istio.io", StringComparison.Ordinal))
            .Select(type => (type.Group, type.Kind))];

    public static TheoryData<(string Group, string Kind)> RecordKinds =>
        [.. ResourceTypes.All.Where(type => type.Type.IsSubclassOf(typeof(Resource))).Select(type => (type.Group, type.Kind))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_property_of_the_custom_resource_definition_has_a_typed_member((string Group, string Kind) kind)
    {
        var type = ResourceTypes.Find(kind.Group, kind.Kind)!;
        var typed = Shape.Of(Schema.Of(type.Type));
        var differences = new List<string>();
        var definition = Definitions().Single(crd =>
            (string?)crd["spec"]!["names"]!["kind"] == kind.Kind && (string?)crd["spec"]!["group"] == kind.Group);
        var versions = definition["spec"]!["versions"]!.AsArray();
        foreach (var version in versions)
        {
            foreach (var (name, schema) in version!["schema"]!["openAPIV3Schema"]!["properties"]!.AsObject())
            {
                Compare(Shape.Of((JsonObject)schema!), typed.Members()[name], name, differences);
            }
        }

        Assert.Empty(differences.Distinct());
        Assert.Equal(versions.Select(version => (string?)version!["name"]).Order(), type.Versions.Order());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Documents_generated_from_the_custom_resource_definition_lose_nothing((string Group, string Kind) kind)
    {
        var definition = Definitions().Single(crd =>
            (string?)crd["spec"]!["names"]!["kind"] == kind.Kind && (string?)crd["spec"]!["group"] == kind.Group);
        foreach (var version in definition["spec"]!["versions"]!.AsArray())
        {
            var properties = version!["schema"]!["openAPIV3Schema"]!["properties"]!;
            var (spec, status) = (Shape.Of((JsonObject)properties["spec"]!), Shape.Of((JsonObject)properties["status"]!));
            RoundTrip($"{kind.Group}/{version["name"]}", kind.Kind, spec, status, 60);
        }
    }

    [Theory]
    [MemberData(nameof(RecordKinds))]
    public void Documents_generated_from_the_types_lose_nothing((string Group, string Kind) kind)
    {
        var type = ResourceTypes.Find(kind.Group, kind.Kind)!;
        var members = Schema.Of(type.Type).Members;
        RoundTrip($"{kind.Group}/{type.Versions[0]}", kind.Kind, Shape.Of(members["spec"]), Shape.Of(members["status"]), 120);
    }

    private static void RoundTrip(string apiVersion, string kind, Shape spec, Shape status, int count)
    {
        for (var seed = 0; seed < count; seed++)
        {
            var generator = new DocumentGenerator(seed);
            var json = generator.Resource(apiVersion, kind, spec, status);
            using var written = new StringWriter();
            YamlWriter.Write(json, written);

            var set = ResourceReader.ReadText(written.ToString(), "generated.yaml");
            string Reason() => $"seed {seed}:\n{written}\n{string.Join('\n', set.Findings)}";
            AssertThat(set.Findings.IsEmpty, Reason);
            var document = Assert.Single(set.Documents);
            var resource = Assert.IsAssignableFrom<Resource>(document.Resource);
            AssertSame(json, ResourceWriter.ToJson(resource), Reason);
            AssertSame(json, document.Json, Reason);
            Assert.Equal(generator.UnknownFields.Order(StringComparer.Ordinal), document.UnknownFields.Order(StringComparer.Ordinal));

            var again = Assert.Single(ResourceReader.ReadText(ResourceWriter.Write(resource), "again.yaml").Documents);
            AssertThat(resource.Equals(again.Resource), Reason);
            Assert.Equal(resource.GetHashCode(), again.Resource.GetHashCode());
            Assert.Equal(ResourceWriter.Write(resource), ResourceWriter.Write(again.Resource));
        }
    }

    private static void AssertThat(bool condition, Func<string> reason)
    {
        if (!condition)
        {
            Assert.Fail(reason());
        }
    }

    private static void AssertSame(JsonNode expected, JsonNode actual, Func<string> reason)
    {
        using var left = JsonDocument.Parse(expected.ToJsonString());
        using var right = JsonDocument.Parse(actual.ToJsonString());
        AssertThat(
            JsonElement.DeepEquals(left.RootElement, right.RootElement),
            () => $"{reason()}\nexpected {expected.ToJsonString()}\nactual   {actual.ToJsonString()}");
    }

    private static void Compare(Shape wanted, Shape typed, string path, List<string> differences)
    {
        if (wanted.Kind != typed.Kind)
        {
            differences.Add($"{path}: {wanted.Kind} in the schema, {typed.Kind} in C#");
            return;
        }

        if (wanted.Words is not null && !wanted.Words.Order().SequenceEqual((typed.Words ?? []).Order()))
        {
            var (theirs, own) = (string.Join(", ", wanted.Words), string.Join(", ", typed.Words ?? []));
            differences.Add($"{path}: one of {theirs} in the schema, {own} in C#");
        }

        if (wanted.Minimum < typed.Minimum || wanted.Maximum > typed.Maximum)
        {
            differences.Add($"{path}: {wanted.Minimum} to {wanted.Maximum} in the schema, {typed.Minimum} to {typed.Maximum} in C#");
        }

        switch (wanted.Kind)
        {
            case SchemaKind.Array or SchemaKind.Map:
                Compare(wanted.Item!(), typed.Item!(), path + "[]", differences);
                break;
            case SchemaKind.Object:
                var members = typed.Members();
                foreach (var (name, member) in wanted.Members())
                {
                    if (members.TryGetValue(name, out var own))
                    {
                        Compare(member, own, $"{path}.{name}", differences);
                    }
                    else
                    {
                        differences.Add($"{path}.{name}: no member in C#");
                    }
                }

                break;
        }
    }

    /// <summary>Istio's definitions, which are not part of this repository: the path is in ISTIO_CRDS, or beside the repository.</summary>
    internal static List<JsonObject> Definitions()
    {
        Assert.SkipUnless(File.Exists(DefinitionsPath), "Istio's CRDs are not here; set ISTIO_CRDS to the path of crd-all.gen.yaml.");
        return LoadedDefinitions.Value;
    }

    private static string? FindDefinitions()
    {
        var path = Environment.GetEnvironmentVariable("ISTIO_CRDS");
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        for (; string.IsNullOrEmpty(path) && folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Aspire.sln")))
            {
                path = Path.Combine(folder.FullName, "../shared/data/istio-crds.yaml");
            }
        }

        return path;
    }
}
