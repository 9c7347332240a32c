using System.Runtime.InteropServices;

namespace Istio.Documents;

/// <summary>Creates the lists and mappings that a type of the model takes.</summary>
internal abstract class SchemaCollections
{
    /// <summary>A list of items.</summary>
    public abstract object List(object?[] items);

    /// <summary>A mapping of unique keys.</summary>
    public abstract object Map(KeyValuePair<string, object?>[] members);

    /// <summary>For a generic type whose last argument is the items' type.</summary>
    public static SchemaCollections Of(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        var isRecord = definition == typeof(EquatableArray<>) || definition == typeof(EquatableDictionary<>);
        var factory = isRecord ? typeof(Equatable<>) : typeof(Plain<>);
        return (SchemaCollections)Activator.CreateInstance(factory.MakeGenericType(type.GetGenericArguments()[^1]))!;
    }

    /// <summary>The immutable collections of the records.</summary>
    private sealed class Equatable<T> : SchemaCollections
    {
        public override object List(object?[] items)
        {
            var copy = new T[items.Length];
            for (var i = 0; i < items.Length; i++)
            {
                copy[i] = (T)items[i]!;
            }

            return EquatableCollections.Wrap(copy);
        }

        public override object Map(KeyValuePair<string, object?>[] members)
        {
            var copy = new OrderedDictionary<string, T>(members.Length, StringComparer.Ordinal);
            foreach (var (key, value) in members)
            {
                copy.Add(key, (T)value!);
            }

            return new EquatableDictionary<T>(copy);
        }
    }

    /// <summary>The collections of KubernetesClient's models.</summary>
    private sealed class Plain<T> : SchemaCollections
    {
        public override object List(object?[] items)
        {
            var list = new List<T>(items.Length);
            CollectionsMarshal.SetCount(list, items.Length);
            for (var i = 0; i < items.Length; i++)
            {
                list[i] = (T)items[i]!;
            }

            return list;
        }

        public override object Map(KeyValuePair<string, object?>[] members)
        {
            var map = new Dictionary<string, T>(members.Length);
            foreach (var (key, value) in members)
            {
                map.Add(key, (T)value!);
            }

            return map;
        }
    }
}
