using Aspire.Hosting.ApplicationModel;

namespace Hosting.Istio;

/// <summary>Opens a fixed port of every node to a service.</summary>
/// <param name="Port">The port.</param>
/// <param name="EndpointName">The endpoint that the port leads to.</param>
internal sealed record NodePortAnnotation(int Port, string EndpointName) : IResourceAnnotation;
