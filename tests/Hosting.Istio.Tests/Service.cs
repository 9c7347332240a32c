namespace Hosting.Istio.Tests;

/// <summary>A service without a process, so that a test decides what its replicas are.</summary>
internal sealed class Service(string name) : Resource(name), IResourceWithEndpoints, IResourceWithArgs, IResourceWithEnvironment, IResourceWithServiceDiscovery;
