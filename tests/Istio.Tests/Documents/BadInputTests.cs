using Istio.Documents;

namespace Istio.Tests.Documents;

/// <summary>What the reader says about each kind of bad input: line, code, subject and message.</summary>
public class BadInputTests
{
    private const string Service = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: ping\nspec:\n";

    public static TheoryData<string, string> Texts => new()
    {
        // Text and grammar.
        { "a: b\0c\n", "f.yaml:1: error YAML003 The character U+0000 may not stand in YAML; is it a binary file?" },
        { "a: b\nc: \u0007\n", "f.yaml:2: error YAML003 The character U+0007 may not stand in YAML; is it a binary file?" },
        { "spec:\n\thosts: [a]\n", "f.yaml:2: error YAML005 The line is indented with a tab; YAML indents with spaces." },
        { "a:\n  b: c\n\td: e\n", "f.yaml:3: error YAML005 The line is indented with a tab; YAML indents with spaces." },
        { "a:\n- b\n\t- c\n", "f.yaml:3: error YAML005 The line is indented with a tab; YAML indents with spaces." },
        { "---\na: [b, c\n", "f.yaml:3: error YAML004 While parsing a flow sequence, did not find expected ',' or ']'." },
        { "a: \"b\nc: d\n", "f.yaml:1: error YAML004 While scanning a multi-line double-quoted scalar, found wrong indentation." },
        { "a:\n  b: c\n d: e\n", "f.yaml:3: error YAML004 While parsing a block mapping, did not find expected key." },
        { "a: b: c\n", "f.yaml:1: error YAML004 While scanning a plain scalar value, found invalid mapping." },
        { "a: @b\n", "f.yaml:1: error YAML004 While scanning for the next token, found character that cannot start any token." },
        { "metadata:\n  name: {{ .Values.name }}\n", "f.yaml:2: error YAML004 The line holds a template ({{ }}); render the chart first, for example with helm template." },
        { "{{- if .Values.x }}\na: b\n{{- end }}\n", "f.yaml:1: error YAML004 The line holds a template ({{ }}); render the chart first, for example with helm template." },
        { "metadata:\n  name: a\n  name: b\n", "f.yaml:3: error YAML006 The key \"name\" stands twice: first on line 2, again on line 3; remove one." },
        { Service + "  hosts: [a]\n  hosts: [b]\n", "f.yaml:7: error YAML006 VirtualService/ping: The key \"hosts\" stands twice: first on line 6, again on line 7; remove one." },
        { "a: *b\n", "f.yaml:1: error YAML009 The alias *b has no anchor &b before it in this document." },
        { "a: &a\n- *a\n", "f.yaml:2: error YAML009 The alias *a stands inside its own anchor, which would never end." },
        { "? [a]\n: b\n", "f.yaml:1: error YAML010 A key must be text; this one is empty, a list or a mapping." },
        { "a: b\n~: a\n", "f.yaml:2: error YAML010 A key must be text; this one is empty, a list or a mapping." },
        { "<<: a\n", "f.yaml:1: error YAML010 The merge key << takes a mapping or a list of mappings; this is the string \"a\"." },
        { "a: -.inf\n", "f.yaml:1: error YAML011 -.inf has no place in a Kubernetes resource; write a finite number, or quote it to mean the text." },
        { "a: !foo b\n", "f.yaml:1: error YAML011 The tag !foo is not one that a Kubernetes resource may have; write the plain value." },
        { "a: !!int x\n", "f.yaml:1: error YAML011 \"x\" is tagged !!int and is none." },
        { "a: !!set {b}\n", "f.yaml:1: error YAML011 The tag tag:yaml.org,2002:set is not one that a Kubernetes resource may have; write the plain value." },

        // No resource.
        { "hello\n", "f.yaml:1: error YAML012 The document is the string \"hello\"; a resource is a mapping with apiVersion, kind and metadata." },
        { "\n- a\n", "f.yaml:2: error YAML012 The document is a list; a resource is a mapping with apiVersion, kind and metadata." },
        { "apiVersion: v1\nmetadata: {name: a}\n", "f.yaml:1: error YAML012 kind: is missing; every Kubernetes resource has one." },
        { "kind: Service\nmetadata: {name: a}\n", "f.yaml:1: error YAML012 Service/a apiVersion: is missing; every Kubernetes resource has one." },
        { "apiVersion: v1\nkind: 5\nmetadata: {name: a}\n", "f.yaml:2: error YAML012 kind: is the number 5; it must be text." },
        { "apiVersion: v1\nkind: Service\n", "f.yaml:1: error YAML013 Service metadata.name: is missing; every Kubernetes resource has one." },
        { "apiVersion: v1\nkind: Service\nmetadata: {}\n", "f.yaml:3: error YAML013 Service metadata.name: is missing; every Kubernetes resource has one." },
        { "apiVersion: v1\nkind: Service\nmetadata:\n  name:\n", "f.yaml:4: error YAML013 Service metadata.name: is empty; every Kubernetes resource has a name." },
        { "apiVersion: v1\nkind: Service\nmetadata:\n  name: 0123\n", "f.yaml:4: error YAML013 Service metadata.name: is the number 0123; it must be text: write \"0123\" in quotes." },
        { "apiVersion: v1\nkind: Service\nmetadata:\n  name: yes\n", "f.yaml:4: error YAML013 Service metadata.name: is the boolean yes; it must be text: write \"yes\" in quotes." },
        { "apiVersion: networking.istio.io/v2\nkind: VirtualService\nmetadata: {name: a}\n", "f.yaml:1: error YAML014 VirtualService/a apiVersion: VirtualService has no version v2; it is read as networking.istio.io/v1, networking.istio.io/v1beta1, networking.istio.io/v1alpha3." },
        { "kind: Ingress\napiVersion: networking.k8s.io/v1beta1\nmetadata: {name: a}\n", "f.yaml:2: error YAML014 Ingress/a apiVersion: Ingress has no version v1beta1; it is read as networking.k8s.io/v1." },

        // Values that do not fit the schema.
        { Service + "  hosts: ping\n", "f.yaml:6: error IST0106 VirtualService/ping spec.hosts: is the string \"ping\"; it must be a list, each item after \"- \"." },
        { Service + "  hosts: [on]\n", "f.yaml:6: error IST0106 VirtualService/ping spec.hosts[0]: is the boolean on; it must be a string: write \"on\" in quotes." },
        { Service + "  gateways:\n  - mesh\n  -\n", "f.yaml:8: error IST0106 VirtualService/ping spec.gateways[1]: is empty (null); give it a value or remove it." },
        { Service + "- a\n", "f.yaml:5: error IST0106 VirtualService/ping spec: is a list; it must be a mapping of keys and values." },
        { Service + "  http:\n    route: []\n", "f.yaml:6: error IST0106 VirtualService/ping spec.http: is a mapping; it must be a list, each item after \"- \"." },
        { Service + "  http:\n  - match:\n    - uri: /a\n", "f.yaml:8: error IST0106 VirtualService/ping spec.http[0].match[0].uri: is the string \"/a\"; it must be a mapping of keys and values." },
        { Service + "  http:\n  - match:\n    - headers:\n        x-a:\n", "f.yaml:9: error IST0106 VirtualService/ping spec.http[0].match[0].headers.x-a: is empty (null); give it a value or remove it." },
        { Service + "  http:\n  - route:\n    - weight: \"50\"\n", "f.yaml:8: error IST0106 VirtualService/ping spec.http[0].route[0].weight: is the string \"50\"; it must be a whole number, without quotes." },
        { Service + "  http:\n  - timeout: 5\n", "f.yaml:7: error IST0106 VirtualService/ping spec.http[0].timeout: is the number 5; it must be a duration with a unit, such as 5s." },
        { Service + "  http:\n  - timeout: [5]\n", "f.yaml:7: error IST0106 VirtualService/ping spec.http[0].timeout: is a list; it must be a duration such as 5s or 100ms." },
        { Service + "  http:\n  - mirror:\n      port: {number: 99999999999}\n", "f.yaml:8: error IST0106 VirtualService/ping spec.http[0].mirror.port.number: is 99999999999; it must be a number from 0 to 4294967295." },
        { Service + "  http:\n  - mirror:\n      port: {number: -1}\n", "f.yaml:8: error IST0106 VirtualService/ping spec.http[0].mirror.port.number: is -1; it must be a number from 0 to 4294967295." },
        { Service + "  http:\n  - retries:\n      attempts: 1.5\n", "f.yaml:8: error IST0106 VirtualService/ping spec.http[0].retries.attempts: is the number 1.5; it must be a whole number, without quotes." },
        { Service + "  http:\n  - retries:\n      retryIgnorePreviousHosts: \"true\"\n", "f.yaml:8: error IST0106 VirtualService/ping spec.http[0].retries.retryIgnorePreviousHosts: is the string \"true\"; it must be true or false, without quotes." },
        { Service + "  http:\n  - mirrorPercentage: {value: \"10\"}\n", "f.yaml:7: error IST0106 VirtualService/ping spec.http[0].mirrorPercentage.value: is the string \"10\"; it must be a number, without quotes." },
        { Service + "  http:\n  - redirect: {derivePort: NOW}\n", "f.yaml:7: error IST0106 VirtualService/ping spec.http[0].redirect.derivePort: is \"NOW\"; it must be one of FROM_PROTOCOL_DEFAULT, FROM_REQUEST_PORT." },
        { "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app.kubernetes.io/version: 1.0}\n", "f.yaml:5: error IST0106 ConfigMap/a metadata.labels[\"app.kubernetes.io/version\"]: is the number 1.0; it must be a string: write \"1.0\" in quotes." },
        { "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: \"80\"}]}\n", "f.yaml:4: error IST0106 Service/a spec.ports[0].port: is the string \"80\"; it must be a whole number, without quotes." },
        { "apiVersion: v1\nkind: Service\nmetadata: {name: a, creationTimestamp: now}\n", "f.yaml:3: error IST0106 Service/a metadata.creationTimestamp: is the string \"now\"; it must be a time such as 2026-01-31T12:00:00Z." },
        { "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: {host: a}}\n", "f.yaml:4: error IST0106 Ingress/a spec.rules: is a mapping; it must be a list, each item after \"- \"." },
        { "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: a}\nspec:\n  tracing:\n  - randomSamplingPercentage: 101\n", "f.yaml:6: error IST0106 Telemetry/a spec.tracing[0].randomSamplingPercentage: is 101; it must be a number from 0 to 100." },
        { "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a}\nspec: {trafficPolicy: {loadBalancer: {warmup: {aggression: -0.5}}}}\n", "f.yaml:4: error IST0106 DestinationRule/a spec.trafficPolicy.loadBalancer.warmup.aggression: is -0.5; it must be a number of at least 0." },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Bad_input_gives_one_finding_that_says_what_and_where(string yaml, string finding) =>
        Assert.Equal([finding], ResourceReader.ReadText(yaml, "f.yaml").Findings.Select(found => found.ToString()));

    [Fact]
    public void A_finding_gives_the_column_of_what_is_wrong() =>
        Assert.Equal(new SourceLocation("f.yaml", 6, 11), Assert.Single(ResourceReader.ReadText(Service + "  hosts: [5]\n", "f.yaml").Findings).Location);

    [Fact]
    public void Every_fault_of_a_document_is_found()
    {
        var set = ResourceReader.ReadText(Service + "  hosts: a\n  gateways: b\n  http:\n  - timeout: 1\n    retries: {attempts: x}\n", "f.yaml");

        Assert.Equal(["spec.hosts", "spec.gateways", "spec.http[0].timeout", "spec.http[0].retries.attempts"], set.Findings.Select(finding => finding.Field));
        Assert.IsType<UntypedResource>(Assert.Single(set.Documents).Resource);
    }

    [Fact]
    public void Documents_beside_a_broken_one_are_read()
    {
        const string ConfigMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";
        var text = $"{ConfigMap}---\na: [\n---\n{ConfigMap.Replace("NAME", "b", StringComparison.Ordinal)}--- # next\nx: 'y\n---\nc\n---\n{ConfigMap}";

        var set = ResourceReader.ReadText(text, "f.yaml");

        Assert.Equal(["NAME", "b", "NAME"], set.Documents.Select(document => document.Name));
        Assert.Equal([6, 11, 13], set.Findings.Select(finding => finding.Location.Line));
        Assert.Equal(14 + 1, set.Documents[2].Location.Line);
    }

    [Fact]
    public void A_value_that_only_the_schema_refuses_leaves_the_resource_typed()
    {
        var set = ResourceReader.ReadText(Service + "  http:\n  - redirect: {derivePort: NOW}\n", "f.yaml");

        Assert.Equal("NOW", Assert.Single(set.OfType<Istio.Networking.VirtualService>()).Resource.Spec.Http[0].Redirect!.DerivePort);
    }

    [Theory]
    [InlineData("YAML007", "Lists and mappings are nested more than 100 deep.", "[", 100_000)]
    [InlineData("YAML007", "Lists and mappings are nested more than 100 deep.", "{a: ", 100_000)]
    [InlineData("YAML007", "Lists and mappings are nested more than 100 deep.", "- ", 100_000)]
    [InlineData("YAML007", "Lists and mappings are nested more than 100 deep.", "? ", 100_000)]
    [InlineData("YAML008", "The document has more than 200,000 values, its aliases expanded.", "- a\n", 300_000)]
    [InlineData("YAML008", "A text of 2,000,000 characters is longer than the limit of 1,048,576.", "a", 2_000_000)]
    public void What_repeats_without_end_is_refused(string code, string message, string text, int times)
    {
        var finding = Assert.Single(ResourceReader.ReadText(string.Concat(Enumerable.Repeat(text, times)), "f.yaml").Findings);

        Assert.Equal((code, message), (finding.Code, finding.Message));
    }

    [Fact]
    public void Nesting_up_to_the_limit_is_read()
    {
        var deep = new string('[', ReaderLimits.MaxDepth - 1) + new string(']', ReaderLimits.MaxDepth - 1);

        var set = ResourceReader.ReadText($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {deep}\n", "f.yaml");

        Assert.Empty(set.Findings);
        Assert.Contains(deep, ResourceWriter.ToJson(set.Documents[0].Resource).ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(ResourceReader.ReadText(ResourceWriter.Write(set.Documents), "f.yaml").Findings);
    }

    [Theory]
    [InlineData("[{0}]", "*a{0}", "The document has more than 200,000 values, its aliases expanded.")]
    [InlineData("{{<<: [{0}], k{1}: v}}", "*a{0}", null)]
    public void A_bomb_of_aliases_is_refused_before_it_is_expanded(string level, string alias, string? message)
    {
        var lines = Enumerable.Range(1, 30).Select(i =>
            $"a{i}: &a{i} " + string.Format(null, level, string.Join(", ", Enumerable.Repeat(string.Format(null, alias, i - 1), 10)), i));

        var set = ResourceReader.ReadText($"a0: &a0 {{x: y}}\n{string.Join('\n', lines)}\n", "f.yaml");

        // Merge keys keep one member of each name, so merging does not multiply; the document is only no resource.
        Assert.Equal(message ?? "is missing; every Kubernetes resource has one.", set.Findings[0].Message);
    }

    [Fact]
    public void A_bomb_of_text_is_refused_before_it_is_expanded()
    {
        var text = $"a: &a {new string('x', 1_000_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 1000))}]\n";

        Assert.Equal(
            "f.yaml:2: error YAML008 The document has more than 8,388,608 characters, its aliases expanded.",
            Assert.Single(ResourceReader.ReadText(text, "f.yaml").Findings).ToString());
    }

    [Fact]
    public void The_number_of_findings_for_a_file_is_bounded() =>
        Assert.Equal(ReaderLimits.MaxFindingsPerFile, ResourceReader.ReadText(string.Concat(Enumerable.Repeat("--- [\n", 5000)), "f.yaml").Findings.Length);

    [Fact]
    public void A_text_that_is_too_large_is_not_parsed() =>
        Assert.Equal(
            "f.yaml:1: error YAML002 The file has 9.5 MiB; at most 8 MiB are read. Split it into several files.",
            Assert.Single(ResourceReader.ReadText(new string('[', 10_000_000), "f.yaml").Findings).ToString());

    [Fact]
    public void Refusing_a_bomb_takes_little_memory_and_reading_many_documents_takes_some()
    {
        var bomb = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 99).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n"));
        var many = string.Join("---\n", Enumerable.Repeat(Service + "  hosts: [ping]\n  http:\n  - route:\n    - destination: {host: ping}\n", 5000));

        Assert.InRange(Allocated(bomb, documents: 0), 0, 5_000_000);
        Assert.InRange(Allocated(many, documents: 5000), 0, 600_000_000);
    }

    [Fact]
    public void Random_text_never_throws()
    {
        const string Alphabet = "ab:-?[]{},&*!|>'\"%@`#~<=\n\n  \t0.xy\\u";
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var text = new string([.. Enumerable.Range(0, random.Next(80)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);

            var exception = Record.Exception(() => ResourceReader.ReadText(text, "f.yaml"));

            Assert.True(exception is null, $"seed {seed}: {text}\n{exception}");
        }
    }

    [Fact]
    public void Every_code_is_in_the_table_once_with_an_explanation()
    {
        Assert.Equal(ReaderCodes.All.Length, ReaderCodes.All.Select(code => code.Code).Distinct().Count());
        Assert.All(ReaderCodes.All, code => Assert.All([code.Title, code.Meaning, code.Example, code.Fix], text => Assert.NotEmpty(text)));
        Assert.All(Texts, row => Assert.Contains(ReaderCodes.All, code => row.Data.Item2.Contains($" {code.Code} ", StringComparison.Ordinal)));
    }

    /// <summary>Bytes allocated while reading: what a limit must bound, and the same on every machine.</summary>
    private static long Allocated(string text, int documents)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(documents, ResourceReader.ReadText(text, "f.yaml").Documents.Length);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
