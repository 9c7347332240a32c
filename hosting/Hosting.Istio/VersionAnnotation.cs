using Aspire.Hosting.ApplicationModel;

namespace Hosting.Istio;

/// <summary>Makes a resource another version of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Name">The value of the label <c>version</c>.</param>
internal sealed record VersionAnnotation(IResourceWithEndpoints Service, string Name) : IResourceAnnotation;
