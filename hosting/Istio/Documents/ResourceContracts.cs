using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Istio.GatewayApi;

namespace Istio.Documents;

/// <summary>
/// How the records are written as JSON: members that are absent are left out, those that the document gives as null stay null.
/// </summary>
internal static class ResourceContracts
{
    private static readonly JsonSerializerOptions Options = new(ResourceJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(ResourceJson.Default, GatewayApiJson.Default).WithAddedModifier(KeepNulls),
    };

    /// <summary>The contract of a record's type.</summary>
    public static JsonTypeInfo Of(Type type) => Options.GetTypeInfo(type);

    private static void KeepNulls(JsonTypeInfo type)
    {
        if (!type.Type.IsSubclassOf(typeof(SchemaObject)))
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (!property.IsExtensionData)
            {
                var name = property.Name;
                property.ShouldSerialize = (instance, value) => IsPresent(value) || ((SchemaObject)instance).IsWrittenNull(name);
            }
        }
    }

    private static bool IsPresent(object? value) => value is not (null or IOptionalCollection { IsAbsent: true });
}
