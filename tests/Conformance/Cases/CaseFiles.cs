using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Conformance.Cases;

/// <summary>
/// Reads the table: every document of every file in <c>cases</c> is a case. Long texts that several cases use, such as tokens, stand in
/// <c>values.yaml</c>; <c>${name}</c> in a case is the one of that name.
/// </summary>
internal static partial class CaseFiles
{
    private const string Values = "values.yaml";

    private static readonly IDeserializer Yaml = new DeserializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithAttemptingUnquotedStringTypeDeserialization()
        .WithTypeConverter(new ReplyConverter())
        .Build();

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "cases");

    /// <summary>Reads the cases.</summary>
    /// <param name="filter">Only those with this text in their names; empty for all.</param>
    public static IEnumerable<ConformanceCase> ReadAll(string filter)
    {
        var values = Yaml.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Folder, Values)));
        return Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != Values)
            .Order(StringComparer.Ordinal).SelectMany(file => Read(file, values))
            .Where(@case => @case.ToString().Contains(filter, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<ConformanceCase> Read(string file, Dictionary<string, string> values)
    {
        var text = Reference().Replace(File.ReadAllText(file), match => values.GetValueOrDefault(match.Groups[1].Value) ?? match.Value);
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out var start))
        {
            ConformanceCase read;
            try
            {
                read = Yaml.Deserialize<ConformanceCase>(parser) with { File = Path.GetFileNameWithoutExtension(file) };
            }
            catch (YamlException exception)
            {
                throw new InvalidDataException(
                    $"{file}:{exception.Start.Line}: {exception.InnerException?.Message ?? exception.Message}", exception);
            }

            if (read.Name.Length == 0 || read.Source.Length == 0 || (read.Steps.Count == 0) == (read.Refused is null))
            {
                throw new InvalidDataException($"{file}:{start.Start.Line}: a case needs a name, a source and steps.");
            }

            yield return read;
        }
    }

    [GeneratedRegex(@"\$\{([a-z-]+)\}")]
    private static partial Regex Reference();

    private sealed class ReplyConverter : IYamlTypeConverter
    {
        private static readonly IDeserializer Plain = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance)
            .WithAttemptingUnquotedStringTypeDeserialization().Build();

        public bool Accepts(Type type) => type == typeof(Reply);

        public object ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer) =>
            parser.TryConsume<Scalar>(out var scalar)
                ? int.TryParse(scalar.Value, out var status) ? new Reply { Status = status } : new Reply { Instead = scalar.Value }
                : Plain.Deserialize<Reply>(parser);

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }
}
