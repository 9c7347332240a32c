using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Conformance.Cases;

/// <summary>Reads the table: every document of every file in <c>cases</c> is a case.</summary>
internal static class CaseFiles
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithAttemptingUnquotedStringTypeDeserialization()
        .WithTypeConverter(new ReplyConverter())
        .Build();

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "cases");

    public static IEnumerable<ConformanceCase> ReadAll() =>
        Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(Read);

    public static IEnumerable<ConformanceCase> Read(string file)
    {
        using var reader = File.OpenText(file);
        var parser = new Parser(reader);
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
                throw new InvalidDataException($"{file}:{start.Start.Line}: {exception.InnerException?.Message ?? exception.Message}", exception);
            }

            if (read.Name.Length == 0 || read.Source.Length == 0 || read.Steps.Count == 0)
            {
                throw new InvalidDataException($"{file}:{start.Start.Line}: a case needs a name, a source and steps.");
            }

            yield return read;
        }
    }

    /// <summary>A reply may be only its status.</summary>
    private sealed class ReplyConverter : IYamlTypeConverter
    {
        private static readonly IDeserializer Plain = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();

        public bool Accepts(Type type) => type == typeof(Reply);

        public object ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer) =>
            parser.TryConsume<Scalar>(out var scalar)
                ? int.TryParse(scalar.Value, out var status) ? new Reply { Status = status } : new Reply { Instead = scalar.Value }
                : Plain.Deserialize<Reply>(parser);

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }
}
