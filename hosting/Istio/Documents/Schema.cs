using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Istio.Documents;

/// <summary>The JSON shape that a type of the model takes.</summary>
internal enum SchemaKind
{
    Any,
    Object,
    Array,
    Map,
    String,
    Integer,
    Number,
    Boolean,
    IntOrString,
}

/// <summary>
/// The schema of a value, derived once from the C# types: names from <see cref="JsonPropertyNameAttribute"/> or in camelCase, words from
/// <see cref="AllowedValuesAttribute"/>, bounds from the integer type, <see cref="RangeAttribute"/> or <see cref="MaxLengthAttribute"/>.
/// </summary>
internal sealed class Schema
{
    private static readonly ConcurrentDictionary<Type, Schema> Cache = new();

    private readonly Lazy<(Dictionary<string, Schema> Schemas, Dictionary<string, FieldInfo> Fields)> _members;
    private readonly Lazy<Schema?> _item;
    private readonly Lazy<SchemaCollections> _collections;

    private Schema(Type type)
    {
        (Kind, Minimum, Maximum) = Classify(type);
        TypeBounds = (Minimum, Maximum);
        Type = type;
        _members = new(() => Kind == SchemaKind.Object ? MembersOf(type) : ([], []));
        _collections = new(() => SchemaCollections.Of(type));
        _item = new Lazy<Schema?>(() => Kind is SchemaKind.Array or SchemaKind.Map ? Of(type.GetGenericArguments()[^1]) : null);
    }

    private Schema(Schema type, IReadOnlyList<string>? allowedValues, RangeAttribute? range, int? maxLength)
    {
        (Kind, Type, _members, _item, _collections) = (type.Kind, type.Type, type._members, type._item, type._collections);
        AllowedValues = allowedValues;
        MaxLength = maxLength;
        TypeBounds = type.TypeBounds;
        Minimum = range is null ? type.Minimum : Bound(range.Minimum);
        Maximum = range is null ? type.Maximum : Bound(range.Maximum);
    }

    public SchemaKind Kind { get; }

    public Type Type { get; }

    /// <summary>The words that a string may be; null when any.</summary>
    public IReadOnlyList<string>? AllowedValues { get; }

    public decimal? Minimum { get; }

    public decimal? Maximum { get; }

    /// <summary>The smallest and the largest number that the C# type can hold.</summary>
    public (decimal? Minimum, decimal? Maximum) TypeBounds { get; }

    /// <summary>The most items of an array, members of a map or characters of a string; null when there is no limit.</summary>
    public int? MaxLength { get; }

    /// <summary>The members of an object, by their JSON names.</summary>
    public IReadOnlyDictionary<string, Schema> Members => _members.Value.Schemas;

    /// <summary>The schema of an array's items or a map's values.</summary>
    public Schema Item => _item.Value!;

    /// <summary>Creates the lists and mappings of an array or a map.</summary>
    public SchemaCollections Collections => _collections.Value;

    /// <summary>Sets a member of an object, init-only or not.</summary>
    public void Set(object instance, string member, object value) => _members.Value.Fields[member].SetValue(instance, value);

    public static Schema Of(Type type) => Cache.GetOrAdd(Nullable.GetUnderlyingType(type) ?? type, underlying => new Schema(underlying));

    /// <summary>A bound of double.MaxValue stands for none.</summary>
    private static decimal? Bound(object bound) =>
        bound is double.MaxValue ? null : Convert.ToDecimal(bound, System.Globalization.CultureInfo.InvariantCulture);

    private static (SchemaKind Kind, decimal? Minimum, decimal? Maximum) Classify(Type type)
    {
        if (type.IsGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            return definition == typeof(EquatableDictionary<>) || definition == typeof(IDictionary<,>) ? (SchemaKind.Map, null, null)
                : definition == typeof(EquatableArray<>) || definition == typeof(IList<>) ? (SchemaKind.Array, null, null)
                : (SchemaKind.Object, null, null);
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.String or TypeCode.DateTime => (SchemaKind.String, null, null),
            TypeCode.Boolean => (SchemaKind.Boolean, null, null),
            TypeCode.Double => (SchemaKind.Number, null, null),
            TypeCode.Int32 => (SchemaKind.Integer, int.MinValue, int.MaxValue),
            TypeCode.UInt32 => (SchemaKind.Integer, uint.MinValue, uint.MaxValue),
            TypeCode.Int64 => (SchemaKind.Integer, long.MinValue, long.MaxValue),
            TypeCode.UInt64 => (SchemaKind.Integer, ulong.MinValue, ulong.MaxValue),
            _ when type == typeof(Duration) => (SchemaKind.String, null, null),
            _ when type == typeof(IntOrString) || type == typeof(k8s.Models.IntOrString) => (SchemaKind.IntOrString, null, null),
            _ when type == typeof(object) || type == typeof(RawJson) => (SchemaKind.Any, null, null),
            _ => (SchemaKind.Object, null, null),
        };
    }

    private static (Dictionary<string, Schema>, Dictionary<string, FieldInfo>) MembersOf(Type type)
    {
        var members = new Dictionary<string, Schema>(StringComparer.Ordinal);
        var fields = new Dictionary<string, FieldInfo>(StringComparer.Ordinal);
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var isMember = property.GetMethod is { IsPublic: true } || property.IsDefined(typeof(JsonIncludeAttribute));
            if (!isMember || property.IsDefined(typeof(JsonIgnoreAttribute)) || property.IsDefined(typeof(JsonExtensionDataAttribute)))
            {
                continue;
            }

            var given = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name;
            var name = given ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            members[name] = SchemaOf(property);
            fields[name] = BackingField(property);
        }

        return (members, fields);
    }

    private static Schema SchemaOf(PropertyInfo property)
    {
        var allowed = property.GetCustomAttribute<AllowedValuesAttribute>()?.Values.OfType<string>().ToArray();
        var range = property.GetCustomAttribute<RangeAttribute>();
        var maxLength = property.GetCustomAttribute<MaxLengthAttribute>()?.Length;
        var schema = Of(property.PropertyType);
        return allowed is null && range is null && maxLength is null ? schema : new Schema(schema, allowed, range, maxLength);
    }

    /// <summary>All members are automatic properties, whose fields the compiler names so.</summary>
    private static FieldInfo BackingField(PropertyInfo property) =>
        property.DeclaringType!.GetField($"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException($"{property.DeclaringType}.{property.Name} is not an automatic property.");
}
