namespace Aspire.Hosting.Orchestration.Replicas;

/// <summary>
/// Names replicas as Kubernetes names pods: the resource and five characters of an alphabet in which no words can be written.
/// </summary>
internal static class ReplicaName
{
    private const int SuffixLength = 5;

    // The alphabet of generated names in Kubernetes: no vowels, nothing that is easily taken for something else.
    // https://pkg.go.dev/k8s.io/apimachinery/pkg/util/rand#SafeEncodeString
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A new suffix.</summary>
    public static string CreateSuffix(Random random) => new(random.GetItems(Alphabet.AsSpan(), SuffixLength));
}
