using Istio.Documents;

namespace Istio.Tests.Documents;

/// <summary>Asserts that C# and YAML mean one document.</summary>
internal static class SameDocument
{
    /// <summary>The resource equals the one that the YAML reads as, and its own YAML reads back as the same.</summary>
    public static void Assert<T>(T resource, string yaml)
        where T : Resource
    {
        foreach (var text in new[] { yaml, ResourceWriter.Write(resource) })
        {
            var set = ResourceReader.ReadText(text, "test.yaml");
            Xunit.Assert.Empty(set.Findings);
            var document = Xunit.Assert.Single(set.Documents);
            Xunit.Assert.Empty(document.UnknownFields);
            Xunit.Assert.Equal(document.Resource, resource);
        }
    }
}
