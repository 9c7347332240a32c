using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A URL of a resource, to be shown.</summary>
[DebuggerDisplay("{Url,nq}")]
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>The place in a list; higher comes first.</summary>
    [Obsolete("DisplayOrder was incorrectly created as a field. It will be re-added as a property in a future Aspire version.")]
    public int? DisplayOrder;

    /// <summary>The URL; a path when it belongs to an endpoint.</summary>
    public required string Url { get; set; }

    /// <summary>The text to show instead of the URL.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint it belongs to, when it belongs to one.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Where it is shown; everywhere by default.</summary>
    public UrlDisplayLocation DisplayLocation { get; set; }

    /// <summary>Whether it leads somewhere only when the endpoint's URL is put before it.</summary>
    internal bool IsRelative => !Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.IsFile;
}

/// <summary>Where a URL is shown.</summary>
public enum UrlDisplayLocation
{
    /// <summary>In lists and in the details of the resource.</summary>
    SummaryAndDetails,

    /// <summary>In the details of the resource only.</summary>
    DetailsOnly
}

/// <summary>A callback that changes the URLs of a resource once its endpoints have addresses.</summary>
public sealed class ResourceUrlsCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Declares the callback.</summary>
    /// <param name="callback">Changes the URLs.</param>
    public ResourceUrlsCallbackAnnotation(Action<ResourceUrlsCallbackContext> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context);
            return Task.CompletedTask;
        };
    }

    /// <summary>Declares the callback.</summary>
    /// <param name="callback">Changes the URLs.</param>
    public ResourceUrlsCallbackAnnotation(Func<ResourceUrlsCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    /// <summary>Changes the URLs.</summary>
    public Func<ResourceUrlsCallbackContext, Task> Callback { get; }
}

/// <summary>What a URL callback works with.</summary>
public class ResourceUrlsCallbackContext
{
    /// <summary>Creates the context.</summary>
    /// <param name="executionContext">Run or publish.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="urls">The URLs so far.</param>
    /// <param name="cancellationToken">Cancelled when the start is given up.</param>
    public ResourceUrlsCallbackContext(
        DistributedApplicationExecutionContext executionContext,
        IResource resource,
        List<ResourceUrlAnnotation>? urls = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(executionContext);
        ArgumentNullException.ThrowIfNull(resource);
        ExecutionContext = executionContext;
        Resource = resource;
        Urls = urls ?? [];
        CancellationToken = cancellationToken;
    }

    /// <summary>The resource.</summary>
    public IResource Resource { get; }

    /// <summary>The URLs; they may be changed, added to and removed.</summary>
    public List<ResourceUrlAnnotation> Urls { get; }

    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>Cancelled when the start is given up.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The log of the resource.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>An endpoint of the resource.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The endpoint; <see langword="null" /> when the resource has no endpoints at all.</returns>
    public EndpointReference? GetEndpoint(string name) => Resource is IResourceWithEndpoints owner ? owner.GetEndpoint(name) : null;
}
