using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.Yaml;

namespace Istio.Tests.Yaml;

public class ScalarResolverTests
{
    /// <summary>Plain text and the JSON that kubectl makes of it (sigs.k8s.io/yaml, goyaml.v2).</summary>
    public static TheoryData<string, string> Plain => new()
    {
        { "true", "true" }, { "True", "true" }, { "TRUE", "true" }, { "tRUE", "\"tRUE\"" }, { "yes", "true" }, { "on", "true" }, { "On", "true" }, { "y", "true" },
        { "false", "false" }, { "no", "false" }, { "OFF", "false" }, { "n", "false" }, { "N", "false" }, { "yep", "\"yep\"" },
        { "null", "null" }, { "~", "null" }, { "Null", "null" }, { "nil", "\"nil\"" },
        { "0", "0" }, { "-0", "0" }, { "+1", "1" }, { "-12", "-12" }, { "1_000", "1000" }, { "0644", "420" }, { "0o17", "15" }, { "0x1F", "31" }, { "-0x1f", "-31" },
        { "0b101", "5" }, { "0B11", "3" }, { "0899", "899" }, { "00", "0" }, { "18446744073709551615", "18446744073709551615" },
        { "99999999999999999999999", "99999999999999999999999" }, { "0xg", "\"0xg\"" }, { "0x", "\"0x\"" },
        { "1.5", "1.5" }, { "1.0", "1" }, { ".5", "0.5" }, { "1.", "1" }, { "-1.25e-3", "-0.00125" }, { "1e3", "1000" }, { "1e999", "\"1e999\"" },
        { "1.2.3", "\"1.2.3\"" }, { "1-2", "\"1-2\"" }, { "12:30", "\"12:30\"" }, { "12:30:45", "\"12:30:45\"" }, { "10.0.0.1", "\"10.0.0.1\"" },
        { "2001-12-14", "\"2001-12-14\"" }, { "2001-12-14T21:59:43Z", "\"2001-12-14T21:59:43Z\"" }, { "5s", "\"5s\"" }, { "-", "\"-\"" }, { ".", "\".\"" }, { "+", "\"+\"" },
        { "a b", "\"a b\"" }, { "/api/v1(/|$)(.*)", "\"/api/v1(/|$)(.*)\"" }, { "=", "\"=\"" },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void Plain_text_is_read_as_kubectl_reads_it(string text, string json)
    {
        var (kind, value) = ScalarResolver.Resolve(text);

        Assert.Equal(json, kind == ScalarKind.String ? $"\"{value}\"" : value);
    }

    [Theory]
    [MemberData(nameof(Plain))]
    public void The_same_text_as_a_string_is_written_so_that_it_stays_one(string text, string json)
    {
        Assert.NotEmpty(json);
        var yaml = ResourceWriter.Write(new UntypedResource("v1", "ConfigMap", new() { Name = "a" }, RawJson.FromNode(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "a" },
            ["data"] = new JsonObject { [text] = text },
        }).Element));

        var data = ResourceReader.ReadText(yaml, "a.yaml").Documents[0].Json["data"]!.AsObject();

        Assert.Equal((text, text), (Assert.Single(data).Key, (string?)data[text]));
    }

    [Theory]
    [InlineData("a: !!str 5", "\"5\"")]
    [InlineData("a: !!int \"5\"", "5")]
    [InlineData("a: !!float 5", "5")]
    [InlineData("a: !!bool \"on\"", "true")]
    [InlineData("a: ! 5", "\"5\"")]
    [InlineData("a: !!timestamp 2001-12-14", "\"2001-12-14\"")]
    [InlineData("a: '5'", "\"5\"")]
    [InlineData("a: \"\\x41\\u00e9\\ud83d\\ude00\"", "\"A\u00e9\U0001F600\"")]
    [InlineData("a: |\n  x\n  y\n", "\"x\\ny\\n\"")]
    [InlineData("a: >-\n  x\n  y\n", "\"x y\"")]
    [InlineData("a:", "null")]
    [InlineData("a: {on: 1, 5: x, 1.5: z}", "{\"true\":1,\"5\":\"x\",\"1.5\":\"z\"}")]
    [InlineData("b: &b {x: 1, z: 2}\na: {<<: *b, z: 3}", "{\"z\":3,\"x\":1}")]
    [InlineData("b: &b {x: 1}\nc: &c {x: 2, z: 3}\na: {<<: [*b, *c]}", "{\"x\":1,\"z\":3}")]
    [InlineData("b: &b [1]\na: [*b, *b]", "[[1],[1]]")]
    [InlineData("a: &x 1\nb: &x 2\nc: *x", "1")]
    public void Tags_styles_and_references_are_resolved(string yaml, string json)
    {
        var set = ResourceReader.ReadText($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{yaml}\n", "a.yaml");

        Assert.Empty(set.Findings);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Assert.Single(set.Documents).Json["a"]), set.Documents[0].Json.ToJsonString());
    }
}
