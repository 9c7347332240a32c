using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Istio.Yaml;
using YamlDotNet.Core;

namespace Istio.Documents;

/// <summary>Collects the resources and findings of one file.</summary>
/// <param name="isMet">
/// True for a file met in a folder: documents that are evidently no resources of a cluster are left out, and templates are not read.
/// </param>
internal sealed partial class ResourceSetBuilder(bool isMet)
{
    // C0 controls without tab, line feed and carriage return, and DEL (https://yaml.org/spec/1.2.2/#51-character-set).
    private static readonly SearchValues<char> Unprintable = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(code => (char)code).Except(['\t', '\n', '\r']), '\x7f', '\ufffe', '\uffff']);

    private readonly ImmutableArray<ResourceDocument>.Builder _documents = ImmutableArray.CreateBuilder<ResourceDocument>();
    private readonly ImmutableArray<Finding>.Builder _findings = ImmutableArray.CreateBuilder<Finding>();
    private bool _isRepaired;
    private bool _isStopped;
    private string? _skipped;
    private string _wholeText = "";

    public ResourceSet Build() => new(_documents.ToImmutable(), _findings.ToImmutable())
    {
        SkippedFiles = _skipped is not null && _documents.Count == 0 && _findings.Count == 0 ? [_skipped] : [],
    };

    /// <summary>True for a document that is left out, for it was met in a folder and is no resource.</summary>
    public bool Skip(YamlNode root, string file)
    {
        var skip = isMet && !ResourceHeader.IsResource(root);
        _skipped = skip ? file : _skipped;
        return skip;
    }

    public void AddFinding(
        string file, int line, int column, FindingCode code, string message, string kind = "", string name = "", string field = "")
    {
        if (!IsFull)
        {
            _findings.Add(new Finding(new SourceLocation(file, line, column), code.Severity, code.Code, kind, name, field, message));
        }
    }

    /// <summary>Reads all documents of a text.</summary>
    public void AddText(string text, string file)
    {
        _wholeText = text;
        var unprintable = text.AsSpan().IndexOfAny(Unprintable);
        if (unprintable >= 0)
        {
            var before = text.AsSpan(0, unprintable);
            var line = before.Count('\n') + 1;
            AddFinding(file, line, unprintable - before.LastIndexOf('\n'), ReaderCodes.NotText,
                $"The character U+{(int)text[unprintable]:X4} may not stand in YAML; is it a binary file?");
            return;
        }

        var parts = DocumentParts.Of(text);
        if (parts.Count < DocumentParts.ManyDocuments || !AddTogether(text, file, parts))
        {
            var nodesLeft = (long)ReaderLimits.MaxFileNodes;
            AddParts(text, file, parts, ref nodesLeft);
        }
    }

    /// <summary>
    /// Reads many documents on all processors. False, with nothing read, when a limit of the file or a template must be respected, which
    /// needs them one after another.
    /// </summary>
    private bool AddTogether(string text, string file, IReadOnlyList<DocumentPart> parts)
    {
        var builders = parts.Chunk(DocumentParts.ManyDocuments).AsParallel().AsOrdered().Select(chunk =>
        {
            var builder = new ResourceSetBuilder(isMet) { _wholeText = text };
            var nodesLeft = (long)ReaderLimits.MaxFileNodes;
            builder.AddParts(text, file, chunk, ref nodesLeft);
            return (Builder: builder, Nodes: ReaderLimits.MaxFileNodes - nodesLeft);
        }).ToList();
        if (builders.Exists(part => part.Builder._isStopped) || builders.Sum(part => part.Nodes) > ReaderLimits.MaxFileNodes
            || builders.Sum(part => part.Builder._findings.Count) >= ReaderLimits.MaxFindingsPerFile)
        {
            return false;
        }

        foreach (var (builder, _) in builders)
        {
            _documents.AddRange(builder._documents);
            _findings.AddRange(builder._findings);
            _skipped ??= builder._skipped;
        }

        return true;
    }

    private void AddParts(string text, string file, IEnumerable<DocumentPart> parts, ref long nodesLeft)
    {
        foreach (var part in parts)
        {
            if (IsFull || _isStopped)
            {
                return;
            }

            if (PlainYaml.TryRead(text.AsSpan(part.Start, part.Length), part.Line, nodesLeft, out var root))
            {
                nodesLeft -= root?.NodeCount ?? 1;
                AddRoot(root, [], file);
            }
            else
            {
                AddPart(text.Length == part.Length ? text : text.Substring(part.Start, part.Length), part.Line - 1, file, ref nodesLeft);
            }
        }
    }

    /// <summary>Reads a part of a file with the parser that knows all of YAML.</summary>
    private void AddPart(string text, int linesBefore, string file, ref long nodesLeft)
    {
        var (documents, findings, nodes) = (_documents.Count, _findings.Count, nodesLeft);
        var start = 0;
        try
        {
            while (!IsFull && !_isStopped && AddDocuments(text, start, linesBefore, file, ref nodesLeft) is { } restart)
            {
                linesBefore += text.AsSpan(start, restart - start).Count('\n');
                start = restart;
            }
        }
        catch (RepairableException)
        {
            // YamlDotNet refuses a block of text whose first line is empty but for the block's own indentation, which YAML allows
            // (https://yaml.org/spec/1.2.2/#8111-block-indentation-indicator). Without those spaces the block means the same.
            (_documents.Count, _findings.Count, nodesLeft) = (documents, findings, nodes);
            _isRepaired = true;
            AddPart(LeadingBlanks().Replace(text, WithoutSpaces), linesBefore, file, ref nodesLeft);
            _isRepaired = false;
        }
    }

    /// <summary>Adds what a document holds, or the faults of its YAML.</summary>
    private void AddRoot(YamlNode? root, IReadOnlyList<YamlReadException> faults, string file)
    {
        if (root is not null && Skip(root, file))
        {
            return;
        }

        foreach (var fault in faults)
        {
            AddFault(fault, file, root as YamlMapping);
        }

        if (isMet && root is YamlMapping mapping && TemplateHeader.Find(mapping) is { } place)
        {
            AddTemplate(file, place.Line, place.Column);
        }
        else if (root is not null && faults.Count == 0)
        {
            new DocumentBinder(this, file).Add(root);
        }
    }

    private bool IsFull => _findings.Count >= ReaderLimits.MaxFindingsPerFile;

    /// <summary>
    /// Reads documents from <paramref name="start"/>. After a fault that stops the parser, gives the start of the next document: a line
    /// that begins with three dashes always begins one (https://yaml.org/spec/1.2.2/#914-explicit-documents).
    /// </summary>
    private int? AddDocuments(string text, int start, int linesBefore, string file, ref long nodesLeft)
    {
        var composer = new YamlComposer(ReaderAt(text, start), linesBefore, nodesLeft);
        try
        {
            while (!IsFull && !_isStopped && composer.TryReadDocument(out var root))
            {
                nodesLeft -= root?.NodeCount ?? 1;
                AddRoot(root, composer.Faults, file);
            }

            return null;
        }
        catch (Exception fault) when (fault is YamlReadException { IsLimit: false } or YamlException && IsSomethingElse(file))
        {
            (_skipped, _isStopped) = (file, true);
            return null;
        }
        catch (YamlReadException fault)
        {
            var line = Line(text.AsSpan(start), fault.Line - linesBefore);
            if (fault.Code != ReaderCodes.Key.Code || !AddTemplateFault(line, fault.Line, file))
            {
                AddFault(fault, file, null);
            }

            return NextDocument(text, start, fault.Line - linesBefore);
        }
        catch (YamlException exception) when (!_isRepaired && exception.Message.Contains("extra spaces", StringComparison.Ordinal))
        {
            throw new RepairableException();
        }
        catch (YamlException exception)
        {
            var line = (int)Math.Max(1, exception.Start.Line);
            AddSyntaxFault(text.AsSpan(start), linesBefore, exception, file);
            return NextDocument(text, start, Math.Max(line, composer.CurrentLine - linesBefore));
        }
    }

    /// <summary>Empty lines that have more spaces than the text after them are a fault in YAML too, and stay.</summary>
    private static string WithoutSpaces(Match match)
    {
        var (blank, indentation) = (match.Groups["blank"].Value, match.Groups["indentation"].Length);
        return blank.Split('\n').Any(line => line.TrimEnd('\r').Length > indentation) ? match.Value
            : match.Groups["header"].Value + blank.Replace(" ", "", StringComparison.Ordinal) + match.Groups["indentation"].Value;
    }

    [GeneratedRegex(@"(?<header>[|>][+-]?[ \t]*(?:#[^\n]*)?\r?\n)(?<blank>(?: *\r?\n)+)(?<indentation> *)", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingBlanks();

    /// <summary>A reader that stands at <paramref name="start"/>, without a copy of the text for each restart.</summary>
    private static StringReader ReaderAt(string text, int start)
    {
        var reader = new StringReader(text);
        Span<char> skipped = stackalloc char[4096];
        for (var left = start; left > 0;)
        {
            left -= reader.Read(skipped[..Math.Min(left, skipped.Length)]);
        }

        return reader;
    }

    public void AddDocument(ResourceDocument document) => _documents.Add(document);

    private void AddFault(YamlReadException fault, string file, YamlMapping? root)
    {
        var (kind, name) = ResourceHeader.Peek(root);
        AddFinding(file, fault.Line, fault.Column, ReaderCodes.All.First(code => code.Code == fault.Code), fault.Message, kind, name);
    }

    private void AddSyntaxFault(ReadOnlySpan<char> text, int linesBefore, YamlException exception, string file)
    {
        var from = (int)Math.Max(1, exception.Start.Line);
        // The scanner names a tab, but as its place the beginning of the mapping that the tab stands in.
        var to = exception.Message.Contains("tab as indentation", StringComparison.Ordinal)
            ? int.MaxValue : (int)Math.Max(from, exception.End.Line) + 1;
        var number = 0;
        foreach (var line in text.EnumerateLines())
        {
            number++;
            var indentation = line[..^line.TrimStart(" \t").Length];
            if (number >= from && indentation.Contains('\t') && indentation.Length < line.Length)
            {
                AddFinding(file, linesBefore + number, indentation.IndexOf('\t') + 1, ReaderCodes.Tab,
                    "The line is indented with a tab; YAML indents with spaces.");
                return;
            }

            if (number >= from && AddTemplateFault(line, linesBefore + number, file))
            {
                return;
            }

            if (number == to)
            {
                break;
            }
        }

        AddFinding(file, linesBefore + from, (int)Math.Max(1, exception.Start.Column), ReaderCodes.Syntax, Sentence(exception.Message));
    }

    /// <summary>The usual reason why YAML with braces is none: a chart's template that was not rendered.</summary>
    private bool AddTemplateFault(ReadOnlySpan<char> line, int number, string file)
    {
        var braces = line.IndexOf("{{", StringComparison.Ordinal);
        if (braces >= 0 && isMet)
        {
            AddTemplate(file, number, braces + 1);
        }
        else if (braces >= 0)
        {
            AddFinding(file, number, braces + 1, ReaderCodes.Syntax,
                "The line holds a template ({{ }}); render the chart first, for example with helm template.");
        }

        return braces >= 0;
    }

    /// <summary>In place of all documents of a file: that it is a template. What can be read of it is only a part.</summary>
    private void AddTemplate(string file, int line, int column)
    {
        _documents.Clear();
        _findings.Clear();
        _isStopped = true;
        AddFinding(file, line, column, ReaderCodes.Template,
            "The file is a template and is not read; validate what is made of it, for example by helm template.");
    }

    /// <summary>True for a .json file met in a folder that is no resource in JSON: it has comments, or a value on each line.</summary>
    private bool IsSomethingElse(string file) =>
        isMet && file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        && !_wholeText.Contains("\"apiVersion\"", StringComparison.Ordinal);

    private static ReadOnlySpan<char> Line(ReadOnlySpan<char> text, int number)
    {
        foreach (var line in text.EnumerateLines())
        {
            if (--number == 0)
            {
                return line;
            }
        }

        return [];
    }

    /// <summary>The first line after <paramref name="start"/>, from number <paramref name="line"/> on, that begins a document.</summary>
    private static int? NextDocument(string text, int start, int line)
    {
        var position = start;
        for (var number = 1; ; number++)
        {
            var rest = text.AsSpan(position);
            if (position > start && number >= line && rest.StartsWith("---", StringComparison.Ordinal)
                && (rest.Length == 3 || char.IsWhiteSpace(rest[3])))
            {
                return position;
            }

            var end = rest.IndexOf('\n');
            if (end < 0)
            {
                return null;
            }

            position += end + 1;
        }
    }

    private static string Sentence(string message) =>
        message.EndsWith('.') ? message : message + ".";
}
