using System.Collections.Immutable;
using System.Globalization;
using Istio.Documents;
using Istio.Networking;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.RoutingTests;

/// <summary>Reads routing tests from YAML files: documents with a list <c>testCases</c>.</summary>
internal sealed class RoutingTestReader
{
    private static readonly string[] Expectations = ["route", "redirect", "rewrite", "fault", "headers", "delegate"];
    private static readonly string[] Members = ["description", "wantMatch", "request", .. Expectations];
    private static readonly string[] RequestMembers = ["authority", "method", "uri", "headers"];
    private static readonly string[] Extensions = [".yaml", ".yml"];

    private readonly List<RoutingTestCase> _cases = [];
    private readonly List<string> _errors = [];

    private RoutingTestReader()
    {
    }

    /// <summary>Reads files, and those of folders and the folders below.</summary>
    /// <returns>The tests, in order; and what is wrong, one line each.</returns>
    public static (ImmutableArray<RoutingTestCase> Cases, ImmutableArray<string> Errors) Read(IEnumerable<string> paths)
    {
        var reader = new RoutingTestReader();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                    .Where(file => Extensions.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal);
                foreach (var file in files)
                {
                    reader.AddFile(file);
                }
            }
            else
            {
                reader.AddFile(path);
            }
        }

        return ([.. reader._cases], [.. reader._errors]);
    }

    private void AddFile(string file)
    {
        try
        {
            using var text = File.OpenText(file);
            var stream = new YamlStream();
            stream.Load(text);
            foreach (var document in stream.Documents)
            {
                AddDocument(file, document.RootNode);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _errors.Add($"{file}: cannot be read: {exception.Message}");
        }
        catch (YamlException exception)
        {
            _errors.Add($"{file}:{exception.Start.Line}: is no YAML: {exception.Message}");
        }
    }

    private void AddDocument(string file, YamlNode root)
    {
        if (root is not YamlMappingNode mapping || !mapping.Children.TryGetValue("testCases", out var list)
            || list is not YamlSequenceNode cases)
        {
            Error(file, root, "a list testCases is expected");
            return;
        }

        foreach (var node in cases.Children)
        {
            if (node is not YamlMappingNode test)
            {
                Error(file, node, "a test case with description, request and what is expected is needed");
            }
            else if (ReadCase(file, test) is { } read)
            {
                _cases.Add(read);
            }
        }
    }

    private RoutingTestCase? ReadCase(string file, YamlMappingNode test)
    {
        var before = _errors.Count;
        CheckMembers(file, test, Members);
        var description = Text(test, "description") ?? "";
        var wantMatch = Text(test, "wantMatch") switch { null or "false" => false, "true" => true, _ => (bool?)null };
        if (wantMatch is null)
        {
            Error(file, test, $"\"{description}\": wantMatch is true or false");
        }

        var requests = ReadRequests(file, test, description);
        var expected = ReadExpected(file, test, description);
        var location = new SourceLocation(file, (int)test.Start.Line, (int)test.Start.Column);
        return _errors.Count > before
            ? null
            : new RoutingTestCase(description, wantMatch!.Value, requests, location) { Expected = expected! };
    }

    /// <summary>All combinations, in the order of paths, authorities and methods.</summary>
    private ImmutableArray<TestedRequest> ReadRequests(string file, YamlMappingNode test, string description)
    {
        if (!test.Children.TryGetValue("request", out var node) || node is not YamlMappingNode request)
        {
            Error(file, test, $"\"{description}\": request is missing");
            return [];
        }

        CheckMembers(file, request, RequestMembers);
        var headers = request.Children.TryGetValue("headers", out var values) && values is YamlMappingNode map
            ? map.Children.Select(pair => KeyValuePair.Create(Scalar(pair.Key) ?? "", Scalar(pair.Value) ?? "")).ToImmutableArray()
            : [];
        var (uris, authorities, methods) = (List("uri"), List("authority"), List("method"));
        return
        [
            .. from uri in uris from authority in authorities from method in methods
            select new TestedRequest(authority, method, uri, headers),
        ];

        string[] List(string name)
        {
            var items = request.Children.TryGetValue(name, out var list) && list is YamlSequenceNode sequence
                ? sequence.Children.Select(item => Scalar(item) ?? "").ToArray()
                : [];
            if (items.Length == 0)
            {
                Error(file, request, $"\"{description}\": request.{name} needs a list with at least one entry");
            }

            return items;
        }
    }

    /// <summary>What is expected are members of a VirtualService's rule, and is read as one.</summary>
    private HTTPRoute? ReadExpected(string file, YamlMappingNode test, string description)
    {
        var rule = new YamlMappingNode();
        foreach (var name in Expectations)
        {
            if (test.Children.TryGetValue(name, out var value))
            {
                rule.Add(name, value);
            }
        }

        var document = new YamlMappingNode
        {
            { "apiVersion", "networking.istio.io/v1" },
            { "kind", nameof(VirtualService) },
            { "metadata", new YamlMappingNode { { "name", "expected" } } },
            { "spec", new YamlMappingNode { { "http", new YamlSequenceNode(rule) } } },
        };
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new YamlStream(new YamlDocument(document)).Save(text, assignAnchors: false);
        var resources = ResourceReader.ReadText(text.ToString(), file);
        var faults = resources.Findings.Select(finding => (finding.Field, finding.Message))
            .Concat(resources.Documents.SelectMany(read => read.UnknownFields).Select(field => (field, "is no field of a rule")));
        foreach (var (field, message) in faults)
        {
            Error(file, test, $"\"{description}\": {field.Replace("spec.http[0].", "", StringComparison.Ordinal)} {message}");
        }

        return resources.OfType<VirtualService>().Select(pair => pair.Resource.Spec.Http[0]).FirstOrDefault();
    }

    private void CheckMembers(string file, YamlMappingNode node, string[] known)
    {
        foreach (var key in node.Children.Keys.Where(key => !known.Contains(Scalar(key))))
        {
            Error(file, key, $"{Scalar(key)} is unknown; the members are {string.Join(", ", known)}");
        }
    }

    private void Error(string file, YamlNode node, string message) => _errors.Add($"{file}:{node.Start.Line}: {message}.");

    private static string? Text(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var value) ? Scalar(value) : null;

    private static string? Scalar(YamlNode node) => (node as YamlScalarNode)?.Value;
}
