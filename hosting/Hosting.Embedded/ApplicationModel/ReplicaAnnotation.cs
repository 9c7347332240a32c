namespace Aspire.Hosting.ApplicationModel;

/// <summary>How many times a resource runs.</summary>
public sealed class ReplicaAnnotation : IResourceAnnotation
{
    /// <summary>Declares the number of replicas.</summary>
    /// <param name="replicas">The number of replicas, 1 by default.</param>
    public ReplicaAnnotation(int replicas = 1)
    {
        Replicas = replicas;
    }

    /// <summary>The number of replicas.</summary>
    public int Replicas { get; }
}
