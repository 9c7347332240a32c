using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Istio.Networking;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>Reads and writes the records as JSON, by code generated at build. Item types of lists and maps must be named here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, MaxDepth = 256,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(UntypedShape))]
[JsonSerializable(typeof(OwnerReference))]
[JsonSerializable(typeof(IstioCondition))]
[JsonSerializable(typeof(AnalysisMessageBase))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(uint))]
[JsonSerializable(typeof(WorkloadEntry))]
internal sealed partial class ResourceJson : JsonSerializerContext
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256, SkipValidation = true,
    };

    /// <summary>A YAML tree as JSON text.</summary>
    public static ReadOnlyMemory<byte> ToUtf8(YamlNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        node.WriteTo(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
