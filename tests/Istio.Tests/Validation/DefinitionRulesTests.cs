using System.Globalization;
using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.Networking;
using Istio.Tests.Documents;
using Istio.Validation;

namespace Istio.Tests.Validation;

/// <summary>
/// Every rule of Istio's custom resource definitions - lengths, counts, bounds, words, patterns, required members, alternatives, CEL - is
/// one of ours: a value that breaks it gives an error that the same document with a sound value does not give.
/// </summary>
public class DefinitionRulesTests
{
    /// <summary>For each CEL rule a value that breaks it and one that keeps it; the definitions give no examples.</summary>
    private static readonly Dictionary<string, (string Broken, string Kept)> Cel = new(StringComparer.Ordinal)
    {
        ["(has(self.selector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1"] =
            (Selector + ", targetRefs: [" + Target + "]}", Selector + "}"),
        ["(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1"] =
            (Selector + ", targetRefs: [" + Target + "]}", Selector + "}"),
        ["(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1"] =
            ("{workloadSelector: {labels: {a: b}}, targetRefs: [" + Target + "]}", "{workloadSelector: {labels: {a: b}}}"),
        ["has(self.wasm) != has(self.lua)"] = ("{}", "{lua: {inlineCode: a}}"),
        ["self.all(key, !key.contains(\"*\"))"] = ("{\"a*\": b}", "{a: b}"),
        ["self.all(key, key.size() != 0)"] = ("{\"\": b}", "{a: b}"),
        ["!self.contains(\"*\")"] = ("\"a*\"", "a"),
        ["self.size() == 0"] = ("a", "\"\""),
        ["(has(self.valueFrom) ? self.valueFrom : \"\") != \"HOST\" || !has(self.value)"] =
            ("{name: a, valueFrom: HOST, value: b}", "{name: a, valueFrom: HOST}"),
        ["duration(self) >= duration('1ms')"] = ("0.1ms", "1s"),
        ["has(self.context) ? ((self.context == \"WAYPOINT\") ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)"] =
            ("{context: WAYPOINT}", "{context: WAYPOINT, waypoint: {}}"),
        ["0 < self && self <= 65535"] = ("65536", "80"),
        ["(has(self.tlsCertificates) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1"] =
            ("{mode: SIMPLE, credentialNames: [a], tlsCertificates: [{serverCertificate: a, privateKey: b}]}",
                "{mode: SIMPLE, credentialNames: [a]}"),
        ["(has(self.credentialNames) ? 1 : 0) + (has(self.tlsCertificates) ? 1 : 0) <= 1"] =
            ("{mode: SIMPLE, credentialNames: [a], tlsCertificates: [{serverCertificate: a, privateKey: b}]}",
                "{mode: SIMPLE, credentialNames: [a]}"),
        ["(has(self.credentialName) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1"] =
            ("{mode: SIMPLE, credentialName: a, credentialNames: [a]}", "{mode: SIMPLE, credentialNames: [a]}"),
        ["(has(self.workloadSelector) ? 1 : 0) + (has(self.endpoints) ? 1 : 0) <= 1"] =
            ("{hosts: [a.com], resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: [{address: 1.1.1.1}]}",
                "{hosts: [a.com], resolution: STATIC, workloadSelector: {labels: {a: b}}}"),
        ["!((has(self.addresses) ? self.addresses : []).exists(k, k.contains(\"/\")) && "
            + "!((has(self.resolution) ? self.resolution : \"NONE\") in [\"STATIC\", \"NONE\"]))"] =
            ("{hosts: [a.com], resolution: DNS, addresses: [10.0.0.0/8]}", "{hosts: [a.com], resolution: DNS, addresses: [10.0.0.0]}"),
        ["((has(self.resolution) ? self.resolution : \"NONE\") == \"NONE\") ? !has(self.endpoints) : true"] =
            ("{hosts: [a.com], resolution: NONE, endpoints: [{address: 1.1.1.1}]}",
                "{hosts: [a.com], resolution: STATIC, endpoints: [{address: 1.1.1.1}]}"),
        ["((has(self.resolution) ? self.resolution : \"\") == \"DNS_ROUND_ROBIN\") ? "
            + "((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true"] =
            ("{hosts: [a.com], resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.com}, {address: b.com}]}",
                "{hosts: [a.com], resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.com}]}"),
        ["has(self.address) || has(self.network)"] = ("{labels: {a: b}}", "{address: 1.1.1.1}"),
        ["(has(self.address) ? self.address : \"\").startsWith(\"unix://\") ? !has(self.ports) : true"] =
            ("{address: \"unix:///a\", ports: {http: 80}}", "{address: \"unix:///a\"}"),
        ["self.startsWith(\"unix://\") ? (self.substring(7, 8) == \"/\" || self.substring(7, 8) == \"@\") : true"] =
            ("\"unix://a\"", "\"unix:///a\""),
        ["self.startsWith(\"unix://\") ? !self.endsWith(\"/\") : true"] = ("\"unix:///a/\"", "\"unix:///a\""),
        ["self.all(key, size(key) < 63 && key.matches(\"^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$\"))"] = ("{a_b: 80}", "{ab: 80}"),
        ["self != \"*\""] = ("\"*\"", "a.com"),
        ["self.all(l1, self.exists_one(l2, l1.number == l2.number))"] =
            ("[{number: 80, name: a}, {number: 80, name: b}]", "[{number: 80, name: a}, {number: 81, name: b}]"),
        ["self in [\"\", \"HTTP\", \"HTTPS\"]"] = ("FTP", "HTTP"),
        ["(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) &&\n!has(self.notPrincipals) && "
            + "!has(self.namespaces) && !has(self.notNamespaces)) : true"] =
            ("{serviceAccounts: [a], principals: [b]}", "{serviceAccounts: [a]}"),
        ["has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? "
            + "self.selector.matchLabels : {}).size() > 0) : true"] =
            ("{portLevelMtls: {\"80\": {mode: STRICT}}}", "{selector: {matchLabels: {a: b}}, portLevelMtls: {\"80\": {mode: STRICT}}}"),
        ["self.all(key, 0 < int(key) && int(key) <= 65535)"] = ("{\"65536\": {mode: STRICT}}", "{\"80\": {mode: STRICT}}"),
        ["(has(self.jwksUri) ? 1 : 0) + (has(self.jwks_uri) ? 1 : 0) + (has(self.jwks) ? 1 : 0) <= 1"] =
            ("{issuer: a, jwks: b, jwksUri: \"http://a\"}", "{issuer: a, jwksUri: \"http://a\"}"),
        ["url(self).getScheme() in [\"http\", \"https\"]"] = ("\"ftp://a\"", "\"http://a\""),
        ["((has(self.operation) ? self.operation : \"\") == \"UPSERT\") ? (self.value != \"\") : true"] =
            ("{operation: UPSERT}", "{operation: UPSERT, value: a}"),
        ["((has(self.operation) ? self.operation : \"\") == \"REMOVE\") ? !has(self.value) : true"] =
            ("{operation: REMOVE, value: a}", "{operation: REMOVE}"),
    };

    private const string Selector = "{selector: {matchLabels: {a: b}}";
    private const string Target = "{group: gateway.networking.k8s.io, kind: Gateway, name: a}";

    // Members that Istio's webhook refuses whatever they are.
    private static readonly string[] Refused = ["spec.http[0].fault.delay.exponentialDelay"];

    private static readonly string[] Urls = ["isURL(self)"];

    [Theory]
    [MemberData(nameof(SchemaTests.Kinds), MemberType = typeof(SchemaTests))]
    public void Every_rule_of_the_custom_resource_definition_has_an_effect((string Group, string Kind) kind)
    {
        var definition = SchemaTests.Definitions().Single(crd =>
            (string?)crd["spec"]!["names"]!["kind"] == kind.Kind && (string?)crd["spec"]!["group"] == kind.Group);
        var type = ResourceTypes.Find(kind.Group, kind.Kind)!;
        var version = definition["spec"]!["versions"]!.AsArray().Single(version => (bool?)version!["storage"] == true)!;
        var spec = (JsonObject)version["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;
        var walk = new Walk();
        walk.Visit(spec, "spec", value => kind.Kind == "ServiceEntry" ? WithResolution(value) : value);
        Assert.NotEmpty(walk.Rules);
        var without = new List<string>();
        foreach (var rule in walk.Rules)
        {
            var kept = Errors(kind, type, rule.Kept);
            var broken = Errors(kind, type, rule.Broken);
            if (!broken.Except(kept).Any(message => rule.Says.Any(word => message.Contains(word, StringComparison.Ordinal)))
                && !Refused.Contains(rule.Path))
            {
                without.Add($"{rule.Path} {rule.Name}: {rule.Broken?.ToJsonString()}");
            }
        }

        Assert.True(without.Count == 0, string.Join('\n', without));
    }

    /// <summary>Without a resolution a ServiceEntry takes no endpoints, whose rules are to be seen.</summary>
    private static JsonObject WithResolution(JsonNode? spec)
    {
        var whole = (JsonObject)(spec ?? new JsonObject()).DeepClone();
        if (whole["endpoints"] is JsonArray { Count: 1 } && whole["resolution"] is null)
        {
            whole["resolution"] = ServiceResolution.Static;
        }

        return whole;
    }

    [Fact]
    public void Every_CEL_rule_has_its_example()
    {
        var rules = SchemaTests.Definitions().SelectMany(crd => crd["spec"]!["versions"]!.AsArray())
            .SelectMany(version => CelRules(version!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]))
            .Where(rule => !Urls.Any(rule.StartsWith)).Distinct().ToArray();
        Assert.Equal([], rules.Where(rule => !Cel.ContainsKey(rule)));
    }

    private static IEnumerable<string> CelRules(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "x-kubernetes-validations" && member.Value is JsonArray rules
            ? rules.Select(rule => (string)rule!["rule"]!)
            : CelRules(member.Value)),
        JsonArray items => items.SelectMany(CelRules),
        _ => [],
    };

    private static HashSet<string> Errors((string Group, string Kind) kind, ResourceType type, JsonNode? spec)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = $"{kind.Group}/{type.Versions[0]}",
            ["kind"] = kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = "a" },
            ["spec"] = spec?.DeepClone(),
        };
        return [.. Validator.Validate(ResourceReader.ReadText(document.ToJsonString(), "a.json"))
            .Where(finding => finding.Severity == Severity.Error).Select(finding => $"{finding.Field}: {finding.Message}")];
    }

    private sealed record Rule(string Path, string Name, string[] Says, JsonNode? Broken, JsonNode? Kept);

    /// <summary>Collects the rules of a schema, each with a specification that breaks it and one that keeps it.</summary>
    private sealed class Walk
    {
        public delegate void AddRule(string name, JsonNode? broken, JsonNode? kept, params string[] says);

        public List<Rule> Rules { get; } = [];

        public void Visit(JsonObject schema, string path, Func<JsonNode?, JsonNode?> inside)
        {
            void Add(string name, JsonNode? broken, JsonNode? kept, params string[] says) =>
                Rules.Add(new Rule(path, name, says.Length == 0 ? [""] : says, inside(broken), inside(kept)));

            var sample = Sample(schema);
            AddBounds(schema, sample, Add);
            foreach (var required in (schema["required"] as JsonArray) ?? [])
            {
                var broken = (JsonObject)sample!.DeepClone();
                broken.Remove((string)required!);
                Add($"required {required}", broken, sample);
            }

            AddAlternatives(schema, Add);
            foreach (var rule in (schema["x-kubernetes-validations"] as JsonArray) ?? [])
            {
                var text = (string)rule!["rule"]!;
                var (broken, kept) = Urls.Any(text.StartsWith) ? ("\"ftp://a\"", "\"http://a\"") : Cel[text];
                Add(text, Yaml(broken), Yaml(kept));
            }

            foreach (var (name, member) in (schema["properties"] as JsonObject) ?? [])
            {
                Visit((JsonObject)member!, $"{path}.{name}", value =>
                {
                    var parent = (JsonObject)(Sample(schema) ?? new JsonObject()).DeepClone();
                    parent[name] = value?.DeepClone();
                    return inside(parent);
                });
            }

            if (schema["items"] is JsonObject item)
            {
                Visit(item, path + "[0]", value => inside(new JsonArray(value?.DeepClone())));
            }

            if (schema["additionalProperties"] is JsonObject of)
            {
                Visit(of, path + ".a", value => inside(new JsonObject { ["a"] = value?.DeepClone() }));
            }
        }

        private static void AddBounds(JsonObject schema, JsonNode? sample, AddRule add)
        {
            if (Number(schema["minLength"]) > 0)
            {
                add("minLength", "", sample);
            }

            if (Number(schema["maxLength"]) is { } longest)
            {
                add("maxLength", new string('a', (int)longest + 1), sample);
            }

            if (Number(schema["minItems"]) > 0)
            {
                add("minItems", new JsonArray(), new JsonArray(Sample((JsonObject)schema["items"]!)));
            }

            if (Number(schema["maxItems"]) is { } most)
            {
                var items = Enumerable.Range(0, (int)most + 1).Select(_ => Sample((JsonObject)schema["items"]!));
                add("maxItems", new JsonArray([.. items]), sample, $"{most}", $"{most + 1}");
            }

            if (Number(schema["minProperties"]) > 0)
            {
                add("minProperties", new JsonObject(), new JsonObject { ["a"] = Sample((JsonObject)schema["additionalProperties"]!) });
            }

            if (Number(schema["maxProperties"]) is { } members)
            {
                add("maxProperties", new JsonObject(Enumerable.Range(0, (int)members + 1)
                    .Select(i => KeyValuePair.Create($"a{i}", Sample((JsonObject)schema["additionalProperties"]!)))), sample, $"{members}");
            }

            if (Number(schema["minimum"]) is { } minimum)
            {
                add("minimum", minimum - 1, sample);
            }

            if (Number(schema["maximum"]) is { } maximum)
            {
                add("maximum", maximum + 1, sample);
            }

            if (schema["enum"] is JsonArray)
            {
                add("enum", "NO_SUCH_WORD", sample);
            }

            if (schema["pattern"] is not null)
            {
                add("pattern", "_ !", sample);
            }
        }

        /// <summary>Members of which one may be given.</summary>
        private static void AddAlternatives(JsonObject schema, AddRule add)
        {
            foreach (var part in ((schema["allOf"] as JsonArray) ?? []).Select(part => (JsonObject)part!).Append(schema))
            {
                var names = ((part["oneOf"] as JsonArray) ?? []).Select(choice => (string?)choice!["required"]?[0])
                    .OfType<string>().ToArray();
                if (names.Length < 2)
                {
                    continue;
                }

                var kept = (JsonObject)Sample(schema)!.DeepClone();
                kept[names[0]] = Sample((JsonObject)schema["properties"]![names[0]]!);
                var broken = (JsonObject)kept.DeepClone();
                broken[names[1]] = Sample((JsonObject)schema["properties"]![names[1]]!);
                add($"oneOf {string.Join(", ", names)}", broken, kept);
            }
        }

        /// <summary>The least value of a schema that keeps its rules, as far as they can be read.</summary>
        private static JsonNode? Sample(JsonObject schema)
        {
            var rules = schema["x-kubernetes-validations"]?.DeepClone();
            var cel = string.Concat(CelRules(new JsonObject { ["x-kubernetes-validations"] = rules }));
            switch ((string?)schema["type"])
            {
                case "object":
                    var value = new JsonObject();
                    foreach (var name in ((schema["required"] as JsonArray) ?? []).Select(name => (string)name!))
                    {
                        value[name] = Sample((JsonObject)schema["properties"]![name]!);
                    }

                    return value;
                case "array":
                    return new JsonArray(Sample((JsonObject)schema["items"]!));
                case "string":
                    return schema["enum"] is JsonArray words ? (string?)words[^1]
                        : cel.Contains("duration", StringComparison.Ordinal) ? "1s"
                        : cel.Contains("url(", StringComparison.Ordinal) ? "http://a"
                        : cel.Contains("size() == 0", StringComparison.Ordinal)
                            || ((string?)schema["pattern"])?.Contains("64", StringComparison.Ordinal) == true ? ""
                        : "a";
                case "boolean":
                    return true;
                case "integer" or "number":
                    return Math.Max(1, Number(schema["minimum"]) ?? 1);
                default:
                    return schema["x-kubernetes-int-or-string"] is not null ? 1 : new JsonObject();
            }
        }

        private static JsonNode? Yaml(string text) =>
            JsonNode.Parse(ResourceReader.ReadText($"{{apiVersion: v1, kind: Example, metadata: {{name: a}}, value: {text}}}", "a.yaml")
                .Documents.Single().Json.ToJsonString())!["value"]!.DeepClone();

        private static decimal? Number(JsonNode? node) =>
            node is null ? null : decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
