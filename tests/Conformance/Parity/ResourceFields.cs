using Gateway.Parity;
using Istio.Documents;
using Istio.MeshConfiguration;

namespace Conformance.Parity;

/// <summary>A message as docs/parity.md shows it.</summary>
/// <param name="Parity">What becomes of its fields.</param>
/// <param name="Fields">All its fields.</param>
internal sealed record ShownMessage(MessageParity Parity, IReadOnlyList<string> Fields);

/// <summary>Goes through the types of the resources as far as the table says that fields are executed.</summary>
internal static class ResourceFields
{
    private static readonly string[] OfEveryDocument = ["apiVersion", "kind"];

    /// <summary>The table by message.</summary>
    public static Dictionary<Type, MessageParity> Table { get; } = ParityTable.All.ToDictionary(message => message.Type);

    /// <summary>
    /// The types that are shown, each with its heading: the resources, and the configuration of the mesh, which stands in documents of
    /// other kinds.
    /// </summary>
    public static IEnumerable<(string Title, Type Type)> Roots { get; } =
    [
        .. ResourceTypes.All.Select(type => ($"{type.Kind} ({(type.Group.Length > 0 ? type.Group : "core")})", type.Type)),
        ("MeshConfig (in an IstioOperator, or in the ConfigMap istio of istio-system)", typeof(MeshConfig)),
    ];

    /// <summary>The messages of a resource that no resource before it has, each once.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="shown">The messages of resources before.</param>
    public static IEnumerable<ShownMessage> Of(Type resource, HashSet<Type> shown)
    {
        var root = Schema.Of(resource);
        var open = new Queue<Schema>([root]);
        while (open.TryDequeue(out var schema))
        {
            if (!shown.Add(schema.Type))
            {
                continue;
            }

            if (!Table.TryGetValue(schema.Type, out var parity))
            {
                throw new InvalidDataException($"The table in Gateway/Parity does not have {schema.Type}.");
            }

            yield return new ShownMessage(parity, [.. schema.Members.Keys.Except(schema == root ? OfEveryDocument : [])]);
            foreach (var (name, member) in schema.Members.Where(member => parity.IsExecuted(member.Key)))
            {
                if (Message(member) is { } message)
                {
                    open.Enqueue(message);
                }
            }
        }
    }

    private static Schema? Message(Schema schema) => schema.Kind switch
    {
        SchemaKind.Object => schema.Type == typeof(k8s.Models.V1ObjectMeta) ? Schema.Of(typeof(ObjectMeta)) : schema,
        SchemaKind.Array or SchemaKind.Map => Message(schema.Item),
        _ => null,
    };
}
