using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A resource whose endpoints other resources find by name (<c>services__{name}__{endpoint}__{index}</c>).</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints
{
}
