using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>
/// The order of a stop: a resource is stopped when all that wait for it or refer to it have been; the rest at the same time. The dashboard
/// is the last: a program that cannot hand over its last telemetry waits for it before it ends.
/// </summary>
internal static class StopOrder
{
    /// <summary>Stops all resources.</summary>
    /// <param name="resources">The resources.</param>
    /// <param name="stop">Stops one of them.</param>
    public static Task StopAsync(IReadOnlyCollection<IResource> resources, Func<IResource, Task> stop)
    {
        var ordered = Sort(resources);
        var stops = new Dictionary<IResource, Task>();
        foreach (var resource in Enumerable.Reverse(ordered))
        {
            // Dependants stand behind a resource in the order. One that stands before it closes a circle of references and is not waited
            // for.
            var dependants = stops.Where(pair => DependenciesOf(pair.Key, resources).Contains(resource)).Select(pair => pair.Value).ToArray();
            stops.Add(resource, AfterAsync(dependants, resource));
        }

        return Task.WhenAll(stops.Values);

        async Task AfterAsync(Task[] dependants, IResource resource)
        {
            await Task.WhenAll(dependants);
            await stop(resource);
        }
    }

    private static List<IResource> Sort(IReadOnlyCollection<IResource> resources)
    {
        var ordered = new List<IResource>();
        var seen = new HashSet<IResource>();
        foreach (var resource in resources)
        {
            Visit(resource);
        }

        return ordered;

        void Visit(IResource resource)
        {
            if (!resources.Contains(resource) || !seen.Add(resource))
            {
                return;
            }

            foreach (var dependency in DependenciesOf(resource, resources))
            {
                Visit(dependency);
            }

            ordered.Add(resource);
        }
    }

    private static IEnumerable<IResource> DependenciesOf(IResource resource, IReadOnlyCollection<IResource> resources) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource)
            .Concat(resource.Annotations.OfType<ResourceRelationshipAnnotation>()
                .Where(relationship => relationship.Type == KnownRelationshipTypes.Reference)
                .Select(relationship => relationship.Resource))
            .Concat(resource is DashboardResource ? [] : resources.OfType<DashboardResource>());
}
