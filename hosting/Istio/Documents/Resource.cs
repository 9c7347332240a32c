using System.Text.Json;
using System.Text.Json.Serialization;

namespace Istio.Documents;

/// <summary>
/// An object of a resource's schema. Members that the schema does not know are kept in <see cref="UnknownFields"/>, so that reading and
/// writing loses nothing. Objects are equal when they write the same document, whatever the order of its keys.
/// </summary>
public abstract record SchemaObject
{
    private static readonly IReadOnlyDictionary<string, JsonElement> None = new Dictionary<string, JsonElement>();

    // Members that the document gives as null. To Kubernetes they are absent; written again they are null again.
    private HashSet<string>? _writtenNulls;

    /// <summary>Members that the schema does not know, by name.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, JsonElement> UnknownFields
    {
        get => Extension ?? None;
        init => Extension = value.Count == 0 ? null : new Dictionary<string, JsonElement>(value);
    }

    [JsonInclude]
    [JsonExtensionData]
    internal Dictionary<string, JsonElement>? Extension { get; set; }

    /// <summary>True for a member that the document gives as null.</summary>
    internal bool IsWrittenNull(string member) => _writtenNulls?.Contains(member) == true;

    internal void AddWrittenNull(string member) => (_writtenNulls ??= new(StringComparer.Ordinal)).Add(member);

    /// <summary>True when both are of one type and have equal members, unknown ones included.</summary>
    public virtual bool Equals(SchemaObject? other) =>
        other is not null && EqualityContract == other.EqualityContract && UnknownFields.Count == other.UnknownFields.Count
        && (_writtenNulls?.Count ?? 0) == (other._writtenNulls?.Count ?? 0)
        && (_writtenNulls is null || _writtenNulls.All(other.IsWrittenNull))
        && UnknownFields.All(field => other.UnknownFields.TryGetValue(field.Key, out var theirs)
            && JsonElement.DeepEquals(field.Value, theirs));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(EqualityContract, UnknownFields.Count);
}

/// <summary>A Kubernetes resource: version, kind, metadata.</summary>
public abstract record Resource : SchemaObject
{
    private protected Resource(string apiVersion, string kind)
    {
        ApiVersion = apiVersion;
        Kind = kind;
    }

    /// <summary>API group and version, as the document spells it.</summary>
    [JsonPropertyOrder(-4)]
    public string ApiVersion { get; init; }

    /// <summary>The kind within the group.</summary>
    [JsonPropertyOrder(-3)]
    public string Kind { get; init; }

    /// <summary>Name, namespace, labels and annotations.</summary>
    [JsonIgnore]
    public ObjectMeta Metadata
    {
        get => WrittenMetadata ?? ObjectMeta.Empty;
        init => WrittenMetadata = value;
    }

    [JsonInclude]
    [JsonPropertyName("metadata")]
    [JsonPropertyOrder(-2)]
    internal ObjectMeta? WrittenMetadata { get; set; }
}

/// <summary>A resource with a specification.</summary>
/// <typeparam name="TSpec">The specification's type.</typeparam>
public abstract record Resource<TSpec> : Resource
    where TSpec : SchemaObject, new()
{
    private static readonly TSpec Empty = new();

    private protected Resource(string apiVersion, string kind)
        : base(apiVersion, kind)
    {
    }

    /// <summary>What is wanted. A document without <c>spec</c> reads as one with an empty <c>spec</c>.</summary>
    [JsonIgnore]
    public TSpec Spec
    {
        get => WrittenSpec ?? Empty;
        init => WrittenSpec = value;
    }

    [JsonInclude]
    [JsonPropertyName("spec")]
    [JsonPropertyOrder(-1)]
    internal TSpec? WrittenSpec { get; set; }
}

/// <summary>
/// A document of a kind that has no type here, or that does not fit its kind's schema: kept as it is.
/// </summary>
/// <param name="ApiVersion">API group and version.</param>
/// <param name="Kind">The kind within the group.</param>
/// <param name="Metadata">Name, namespace, labels and annotations, as far as they can be read.</param>
/// <param name="Content">The whole document.</param>
public sealed record UntypedResource(string ApiVersion, string Kind, ObjectMeta Metadata, JsonElement Content)
{
    /// <summary>True when both documents are equal.</summary>
    public bool Equals(UntypedResource? other) => other is not null && JsonElement.DeepEquals(Content, other.Content);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(ApiVersion, Kind, Metadata);
}
