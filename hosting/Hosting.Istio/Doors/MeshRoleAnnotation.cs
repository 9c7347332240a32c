using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Istio;

/// <summary>Makes a gateway what the caller's sidecar is in a cluster, for one port of one service.</summary>
/// <param name="Service">The service that is called.</param>
/// <param name="ServiceEndpoint">Its endpoint.</param>
/// <param name="Port">The number that the port has in the service's Kubernetes Service.</param>
internal sealed record MeshRoleAnnotation(IResourceWithEndpoints Service, string ServiceEndpoint, int Port) : IResourceAnnotation
{
    public const string EndpointPrefix = "mesh-";

    /// <summary>The gateway's endpoint at which the service is called.</summary>
    public string EndpointName => $"{EndpointPrefix}{Service.Name}-{ServiceEndpoint}";

    /// <summary>The service's port as Kubernetes writes it.</summary>
    public string Address => $"{Service.Name}:{Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>
    /// Sends what a caller was told of the service's endpoint to the gateway: variables that hold the endpoint itself, and those of service
    /// discovery by the service's name (<c>services__ping__http__0</c> and its further replicas).
    /// </summary>
    public void Redirect(Dictionary<string, object> variables, EndpointReference gateway)
    {
        var discovery = $"services__{Service.Name}__{ServiceEndpoint}__";
        foreach (var (name, value) in variables.ToList())
        {
            if (value is EndpointReference known && ReferenceEquals(known.Resource, Service)
                && known.EndpointName.Equals(ServiceEndpoint, StringComparison.OrdinalIgnoreCase))
            {
                variables[name] = gateway;
            }
            else if (name.StartsWith(discovery, StringComparison.OrdinalIgnoreCase))
            {
                variables.Remove(name);
                variables[$"{discovery}0"] = gateway;
            }
        }
    }
}
