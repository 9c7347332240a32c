using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Yarp;

/// <summary>A reverse proxy of the application: YARP. In a cluster it is a container; in a run a program of this repository takes its place.</summary>
public class YarpResource : ContainerResource, IResourceWithServiceDiscovery
{
    /// <summary>Creates the resource; <c>AddYarp</c> does it for an AppHost.</summary>
    /// <param name="name">The name.</param>
    public YarpResource(string name)
        : base(name)
    {
    }

    internal List<YarpRoute> Routes { get; } = [];

    internal List<YarpCluster> Clusters { get; } = [];
}
