using Istio.Documents;
using k8s;
using k8s.Models;

namespace Istio.Validation;

/// <summary>Labels and annotations of a document, whatever its type.</summary>
internal static class Metadata
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    public static IReadOnlyDictionary<string, string> Labels(ResourceDocument document) => document.Resource switch
    {
        Resource resource => resource.Metadata.Labels,
        UntypedResource resource => resource.Metadata.Labels,
        IKubernetesObject<V1ObjectMeta> resource => resource.Metadata?.Labels is { } labels ? labels.AsReadOnly() : None,
        _ => None,
    };

    public static IReadOnlyDictionary<string, string> Annotations(ResourceDocument document) => document.Resource switch
    {
        Resource resource => resource.Metadata.Annotations,
        UntypedResource resource => resource.Metadata.Annotations,
        IKubernetesObject<V1ObjectMeta> resource => resource.Metadata?.Annotations is { } annotations ? annotations.AsReadOnly() : None,
        _ => None,
    };

    /// <summary>The beginning of a name that the API server makes; null for none.</summary>
    public static string? GenerateName(ResourceDocument document) => document.Resource switch
    {
        Resource resource => resource.Metadata.GenerateName,
        UntypedResource resource => resource.Metadata.GenerateName,
        IKubernetesObject<V1ObjectMeta> resource => resource.Metadata?.GenerateName,
        _ => null,
    };

    /// <summary>True when <paramref name="labels"/> has every member of a selector; an empty selector selects nothing here.</summary>
    public static bool Matches(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in selector)
        {
            if (!labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }

        return selector.Count > 0;
    }
}
