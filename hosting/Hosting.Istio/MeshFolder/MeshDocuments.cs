using Istio.Documents;

namespace Hosting.Istio;

/// <summary>Rules as documents, whatever they were declared as.</summary>
internal static class MeshDocuments
{
    /// <summary>Reads a rule. One declared in C# has no file, so its findings name the file that the mesh folder gives it.</summary>
    public static IEnumerable<ResourceDocument> Read(object rule)
    {
        if (rule is ResourceDocument document)
        {
            return [document];
        }

        var (kind, name) = MeshServices.Identify(rule);
        return ResourceReader.ReadText(ResourceWriter.Write(rule), MeshFolder.FileName(kind, name)).Documents;
    }
}
