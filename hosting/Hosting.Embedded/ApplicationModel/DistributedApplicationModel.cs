using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of the application.</summary>
[DebuggerDisplay("{Resources.Count} resources")]
public class DistributedApplicationModel
{
    /// <summary>Creates a model of the given resources.</summary>
    /// <param name="resources">The resources; their names must differ.</param>
    public DistributedApplicationModel(IEnumerable<IResource> resources) : this(new ResourceCollection(resources))
    {
    }

    /// <summary>Creates a model over an existing collection.</summary>
    /// <param name="resources">The resources.</param>
    public DistributedApplicationModel(IResourceCollection resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        Resources = resources;
    }

    /// <summary>The resources of the application, in the order of their declaration.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public IResourceCollection Resources { get; }
}

/// <summary>Queries over the whole model.</summary>
public static class DistributedApplicationModelExtensions
{
    /// <summary>The projects and containers that are deployed, without those that are excluded from publishing.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The resources, in the order of their declaration.</returns>
    public static IEnumerable<IResource> GetComputeResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.Where(static r => (r is ProjectResource || r.IsContainer()) && !r.IsExcludedFromPublish());
    }
}
