namespace Gateway.Registry;

/// <summary>Names the WorkloadEntry an endpoint comes from, so that the inbound policies of that workload are found.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name; empty for an endpoint that no WorkloadEntry stands for, such as one written in a ServiceEntry.</param>
internal readonly record struct WorkloadKey(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
