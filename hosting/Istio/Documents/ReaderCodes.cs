using System.Collections.Immutable;

namespace Istio.Documents;

/// <summary>The findings that reading files can give. Validation adds its own table; the documentation lists both.</summary>
public static class ReaderCodes
{
    internal static readonly FindingCode Unreadable = new(
        "YAML001", Severity.Error, "File cannot be read",
        "The path does not exist, or the operating system refuses to open it.",
        "validate ./no-such-folder",
        "Correct the path, or the permissions of the file.");

    internal static readonly FindingCode FileTooBig = new(
        "YAML002", Severity.Error, "File too large",
        "The file is larger than 8 MiB. The reader stops before it spends memory on it.",
        "(a file of 10 MB)",
        "Split the file; a folder may hold any number of files.");

    internal static readonly FindingCode NotText = new(
        "YAML003", Severity.Error, "Not text",
        "The file is not UTF-8 text, or holds control characters that YAML does not allow.",
        "(a zip archive named mesh.yaml)",
        "Save the file as UTF-8 text.");

    internal static readonly FindingCode Syntax = new(
        "YAML004", Severity.Error, "Not YAML",
        "The text breaks YAML's grammar; the rest of its document is not read.",
        "spec: [a, b",
        "Correct the line; often it is an indentation, an unclosed bracket or quote, or a colon in unquoted text.");

    internal static readonly FindingCode Tab = new(
        "YAML005", Severity.Error, "Tab in the indentation",
        "YAML indents with spaces only.",
        "spec:\n\thosts: [ping]",
        "Replace the tab with spaces.");

    internal static readonly FindingCode DuplicateKey = new(
        "YAML006", Severity.Error, "Duplicate key",
        "A mapping has the same key twice; readers disagree on which one counts.",
        "metadata:\n  name: ping\n  name: pong",
        "Remove or rename one of the two.");

    internal static readonly FindingCode TooDeep = new(
        "YAML007", Severity.Error, "Nested too deeply",
        "Lists and mappings are nested more than 100 deep.",
        "a: [[[[[[ ... ]]]]]]",
        "Flatten the document; no Kubernetes resource is that deep.");

    internal static readonly FindingCode TooBig = new(
        "YAML008", Severity.Error, "Too many values",
        "The document or a text in it is larger than any resource that a cluster accepts, often because aliases multiply it.",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
        "Split the document; write repeated parts once.");

    internal static readonly FindingCode Alias = new(
        "YAML009", Severity.Error, "Alias without an anchor",
        "An alias names an anchor that does not stand before it in the same document, or that contains the alias.",
        "hosts: *hosts",
        "Define the anchor (&name) earlier in the same document.");

    internal static readonly FindingCode Key = new(
        "YAML010", Severity.Error, "Key is not text",
        "A key of a mapping is empty, a list or a mapping, or a merge key << does not take a mapping.",
        "? [a, b]\n: c",
        "Use a plain text key.");

    internal static readonly FindingCode Value = new(
        "YAML011", Severity.Error, "Value that JSON cannot hold",
        "Kubernetes converts YAML to JSON, which has no infinity, no not-a-number and no tags.",
        "value: .inf",
        "Write a finite number, or quote the value to mean text.");

    internal static readonly FindingCode NotAResource = new(
        "YAML012", Severity.Error, "Not a Kubernetes resource",
        "A document must be a mapping with a text apiVersion and kind.",
        "hello: world",
        "Add apiVersion and kind, or remove the document.");

    internal static readonly FindingCode NoName = new(
        "YAML013", Severity.Error, "Resource without a name",
        "metadata.name is missing, empty or not text, and there is no metadata.generateName either.",
        "apiVersion: v1\nkind: Service\nmetadata: {}",
        "Add metadata.name.");

    internal static readonly FindingCode UnknownVersion = new(
        "YAML014", Severity.Error, "Unknown version of a kind",
        "The kind exists in this API group, but not in this version.",
        "apiVersion: networking.istio.io/v2\nkind: VirtualService",
        "Use a version that the message names.");

    internal static readonly FindingCode Template = new(
        "YAML015", Severity.Warning, "Template is not read",
        "A folder holds a Helm chart, or a file with placeholders such as {{ }}, from which a tool makes resources. What they will be is "
        + "not known here.",
        "metadata:\n  name: {{ .Release.Name }}",
        "Render the templates first, and validate the result: helm template ./chart > all.yaml.");

    internal static readonly FindingCode Schema = new(
        "IST0106", Severity.Error, "Rejected by the API server or Istio's webhook",
        "A field is unknown, missing, of the wrong type or out of its range, or breaks a rule of Istio's admission webhook; the cluster "
        + "does not accept the resource. The message names the rule.",
        "weight: \"50\"",
        "Write what the message asks for.");

    /// <summary>All of them, in the order of their codes.</summary>
    public static ImmutableArray<FindingCode> All { get; } =
    [
        Unreadable, FileTooBig, NotText, Syntax, Tab, DuplicateKey, TooDeep, TooBig, Alias, Key, Value, NotAResource, NoName,
        UnknownVersion, Template, Schema,
    ];
}
