using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Computes the URLs of a resource: one for each endpoint that speaks HTTP, the added ones, and what the callbacks make of them.
/// </summary>
internal static class ResourceUrls
{
    /// <summary>Computes the URLs. The endpoints must have addresses.</summary>
    public static async Task<ImmutableArray<UrlSnapshot>> ComputeAsync(
        IResource resource,
        DistributedApplicationExecutionContext executionContext,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var urls = new List<ResourceUrlAnnotation>();
        if (resource is IResourceWithEndpoints withEndpoints)
        {
            urls.AddRange(withEndpoints.GetEndpoints()
                .Where(static e => e.IsAllocated)
                .Select(static e => new ResourceUrlAnnotation { Url = e.Url, Endpoint = e }));
        }

        urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>());
        var context = new ResourceUrlsCallbackContext(executionContext, resource, urls, cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return [.. context.Urls.Select(ToSnapshot)];
    }

    private static UrlSnapshot ToSnapshot(ResourceUrlAnnotation url) =>
        new(
            url.Endpoint?.EndpointName,
            url is { IsRelative: true, Endpoint.IsAllocated: true } ? new Uri(new Uri(url.Endpoint.Url), url.Url).ToString() : url.Url,
            IsInternal: url.DisplayLocation == UrlDisplayLocation.DetailsOnly)
        {
#pragma warning disable CS0618 // Aspire means to make a property of the field.
            DisplayProperties = new UrlDisplayPropertiesSnapshot(url.DisplayText ?? "", url.DisplayOrder ?? 0)
#pragma warning restore CS0618
        };
}
