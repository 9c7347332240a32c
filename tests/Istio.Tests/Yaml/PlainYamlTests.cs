using System.Text;
using System.Text.RegularExpressions;
using Istio.Documents;
using Istio.Tests.Validation;
using Istio.Yaml;
using YamlDotNet.Core;

namespace Istio.Tests.Yaml;

/// <summary>The fast reader reads what the full parser reads, and alike, or leaves it to it.</summary>
public class PlainYamlTests
{
    /// <summary>Documents that the fast reader reads itself.</summary>
    public static TheoryData<string> Plain =>
    [
        "a: b\n", "a: b", "---\na: b\n", "--- # comment\na: 1 # one\n\n# two\nb: 2\n", "a:\n  b:\n    c: d\n  e: f\ng: h\n",
        "a:\n- b\n- c: d\n  e: f\n-\n  g: h\n- - i\n  - j\nk: l\n", "a:\n  - b\n  -   c: d\n      e: f\n", "a:\nb:\n", "a:\n- \n-\nb: c\n",
        "a: {b: c, d: [e, 5, true, null, ~], 'f': \"g\"}\n", "a: [ x , y ]   # c\n", "{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":\"e\"}]}}",
        "{\n  \"a\": \"b\",\n  \"c\": [\n    1\n  ]\n}\n", "a: 'b''s'\n", "a: 'b'\nc: \"d\\n\\u00e9\\\"\"\n",
        "a: |\n  x\n   y\n\n  z\nb: c\n",
        "a: |-\n  x\n\n\nb: |+\n  y\n\n\nc: |\n\n  z\n", "- a\n- b: c\n", "a: http://b:80/c?d=e#f\nb: -1\nc: --x\nd: a:b\ne: 0644\nf: on\n",
        "a: b\r\nc:\r\n- d\r\n", "'a b': c\n\"d\": e\n5: f\non: g\n", "a:\n  # comment\n  b: c\n # another\nd: e\n", "",
        "\n\n# nothing\n", "---\n",
        "a: b c d  \ne : f\n", "a: [http://x, b:c, \"d\", -1]\n", "a: {b: http://c, e: 1h}\n", "a:\n  [b, c]\nd: e\n",
        "a: /x(/|$)(.*)\nb: ^a.*$\n",
        "a: |\n  #!/bin/sh\n  # no comment\n  x: {{ y }}\nb: c\n",
    ];

    [Theory]
    [MemberData(nameof(Plain))]
    public void Plain_documents_are_read_fast_and_alike(string text)
    {
        Assert.True(PlainYaml.TryRead(text, 1, ReaderLimits.MaxFileNodes, out var fast));
        Assert.Equal(Full(text), Show(fast));
    }

    /// <summary>Documents that are left to the full parser: other YAML, and no YAML.</summary>
    public static TheoryData<string> Other =>
    [
        "a: &b c\n", "a: *b\n", "a: !!str 5\n", "a: >\n  b\n", "a: b\n  c\n", "? a\n: b\n", "<<: {a: b}\n", "a:\tb\n", "a: b: c\n",
        "a: [b\n",
        "a: b\na: c\n", "  a: b\n c: d\n", "a:\n  b: c\n d: e\n", "text\n", "a: 'b\n  c'\n", "a: |2\n  b\n", "a: .inf\n", "a: @b\n",
        "a: `b`\n",
        "a: %b\n", "a: b\n...\nc: d\n", "%YAML 1.1\n---\na: b\n", "{a: b}\n{c: d}\n", "a: [b, , c]\n", "a: {b}\n", "- a\nb: c\n",
        "a: b\n- c\n",
        "~: a\n", "a: \"b\\q\"\n", "a: \"b\n", "a: b\rc: d\r", "a: ? b\n", "a: [b c\n d]\n", "--- a\n", "\ufeffa: b\n", "a: [x]y\n",
        "a: 'x'y\n",
        "a: |x\n  b\n", "a: {b: c\n}\n", "a: {? b : c}\n", "a: [b: c]\n",
    ];

    [Theory]
    [MemberData(nameof(Other))]
    public void Everything_else_is_left_to_the_full_parser(string text) =>
        Assert.False(PlainYaml.TryRead(text, 1, ReaderLimits.MaxFileNodes, out _));

    [Fact]
    public void An_address_that_ends_with_colons_is_text_as_to_the_API_server()
    {
        Assert.True(PlainYaml.TryRead("a: [fe80::, 001:db8::]\n", 1, ReaderLimits.MaxFileNodes, out var root));
        Assert.Equal("1,1 {\n1,1 a: 1,4 [\n1,5 String \"fe80::\" \"fe80::\"\n1,13 String \"001:db8::\" \"001:db8::\"\n]\n}\n", Show(root));
    }

    [Fact]
    public void Limits_are_left_to_the_full_parser()
    {
        var deep = string.Concat(Enumerable.Repeat('[', ReaderLimits.MaxDepth + 1)) + new string(']', ReaderLimits.MaxDepth + 1);
        Assert.False(PlainYaml.TryRead("a: " + deep, 1, ReaderLimits.MaxFileNodes, out _));
        Assert.True(PlainYaml.TryRead("a: [b, c]", 1, 5, out _));
        Assert.False(PlainYaml.TryRead("a: [b, c]", 1, 4, out _));
        Assert.False(PlainYaml.TryRead("a: " + new string('x', ReaderLimits.MaxScalarLength + 1), 1, ReaderLimits.MaxFileNodes, out _));
    }

    [Fact]
    public void The_documents_of_the_cases_are_read_fast_and_alike()
    {
        var (fast, all) = (0, 0);
        foreach (var document in Documents())
        {
            all++;
            fast += Compare(document) ? 1 : 0;
        }

        Assert.True(fast > all * 9 / 10, $"{fast} of {all} documents are read fast.");
    }

    [Fact]
    public void Documents_with_mistakes_are_read_alike_or_left_to_the_full_parser()
    {
        const string Inserted = "abc:-#,[]{}'\"|>&*!?%@\\ \n\r0~<";
        var random = new Random(5);
        foreach (var document in Documents())
        {
            for (var i = 0; i < 6; i++)
            {
                var text = new StringBuilder(document);
                for (var changes = random.Next(1, 4); changes > 0 && text.Length > 0; changes--)
                {
                    var at = random.Next(text.Length);
                    _ = random.Next(3) switch
                    {
                        0 => text.Remove(at, 1),
                        1 => text.Insert(at, Inserted[random.Next(Inserted.Length)]),
                        _ => text.Insert(at, random.Next(2) == 0 ? "  " : "\n"),
                    };
                }

                Compare(text.ToString());
            }
        }
    }

    private static IEnumerable<string> Documents() => CaseFile.Names()
        .SelectMany(name => CaseFile.Cases(name).SelectMany(entry => string.Join('\n', entry.Lines).Split("\n---\n")));

    /// <summary>True when the fast reader read it; then as the full parser does.</summary>
    private static bool Compare(string text)
    {
        // Several documents, and characters that no YAML may have, never come to the fast reader.
        // A colon before a flow indicator is where the full parser itself differs from that of the API server.
        if (DocumentParts.Of(text).Count > 1 || Regex.IsMatch(text, ":[][,{}]")
            || !PlainYaml.TryRead(text, 1, ReaderLimits.MaxFileNodes, out var fast))
        {
            return false;
        }

        Assert.Equal((text, Full(text)), (text, Show(fast)));
        return true;
    }

    private static string Full(string text)
    {
        var composer = new YamlComposer(new StringReader(text), 0, ReaderLimits.MaxFileNodes);
        try
        {
            composer.TryReadDocument(out var root);
            Assert.Empty(composer.Faults);
            return composer.TryReadDocument(out _) ? "several" : Show(root);
        }
        catch (Exception exception) when (exception is YamlException or YamlReadException)
        {
            return exception.Message;
        }
    }

    private static string Show(YamlNode? node)
    {
        var place = node is null ? "" : $"{node.Line},{node.Column}";
        return node switch
        {
            null => "nothing",
            YamlScalar scalar => $"{place} {scalar.Kind} \"{scalar.Text}\" \"{scalar.Source}\"\n",
            YamlSequence sequence => $"{place} [\n{string.Concat(sequence.Items.Select(Show))}]\n",
            YamlMapping mapping => $"{place} {{\n"
                + string.Concat(mapping.Entries.Select(entry => $"{entry.Line},{entry.Column} {entry.Key}: {Show(entry.Value)}")) + "}\n",
            _ => throw new InvalidOperationException(),
        };
    }
}
