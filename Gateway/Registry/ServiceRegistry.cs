using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Gateway.Mesh;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;

namespace Gateway.Registry;

/// <summary>
/// The services of a mesh folder: a Kubernetes Service finds its endpoints in the WorkloadEntry documents that its selector matches,
/// by Istio's rules.
/// </summary>
/// <remarks>
/// Same namespace; the labels of <c>spec.labels</c> merged with <c>metadata.labels</c>. With a numeric targetPort the service port's
/// name is looked up in <c>spec.ports</c>, and the number is used when it is not there; with a named targetPort that name is looked up
/// and an endpoint without it is left out. Source: https://istio.io/latest/docs/reference/config/networking/workload-entry/ and
/// istio/istio pilot/pkg/serviceregistry/kube/controller.
/// </remarks>
internal sealed class ServiceRegistry
{
    private readonly Dictionary<(string Namespace, string Name), V1Service> _services = [];
    private readonly List<WorkloadEntry> _workloads = [];
    private readonly ConcurrentDictionary<string, Turn> _turns;
    private readonly Dictionary<string, ServicePort> _ports = [];

    private readonly EndpointNames? _names;

    private ServiceRegistry(ConcurrentDictionary<string, Turn> turns, EndpointNames? names) => (_turns, _names) = (turns, names);

    /// <summary>Reads the services and workloads.</summary>
    /// <param name="resources">The documents of the mesh folder.</param>
    /// <param name="turns">Round-robin counters by service port, kept over reloads.</param>
    /// <param name="findings">Receives what is wrong.</param>
    /// <param name="names">Looks endpoints up that are names; null leaves them.</param>
    public static ServiceRegistry Build(
        ResourceSet resources, ConcurrentDictionary<string, Turn> turns, List<Finding> findings, EndpointNames? names = null)
    {
        var registry = new ServiceRegistry(turns, names);
        foreach (var (document, service) in resources.OfType<V1Service>())
        {
            if (!registry._services.TryAdd((document.Namespace, document.Name), service))
            {
                findings.Add(document.At("metadata.name", GatewayCodes.Duplicate,
                    $"there is another Service {document.Namespace}/{document.Name}; remove one of the two"));
            }
        }

        foreach (var (document, workload) in resources.OfType<WorkloadEntry>())
        {
            if (string.IsNullOrEmpty(workload.Spec.Address) || workload.Spec.Address.StartsWith("unix:", StringComparison.Ordinal))
            {
                findings.Add(document.At("spec.address", GatewayCodes.Address,
                    "an IP address or a host name is needed; this gateway reaches no other kind of endpoint and leaves it out"));
                continue;
            }

            registry._workloads.Add(workload);
        }

        return registry;
    }

    /// <summary>Finds a port as ingress-nginx does: the text is the port's number, its targetPort or its name.</summary>
    /// <returns>The port, without endpoints when nothing is behind it; null without such a service or port.</returns>
    public ServicePort? Find(string @namespace, string service, string port)
    {
        var name = $"{@namespace}/{service}:{port}";
        if (_ports.TryGetValue(name, out var found))
        {
            return found;
        }

        if (!_services.TryGetValue((@namespace, service), out var resource))
        {
            return null;
        }

        var endpoints = resource.Spec?.Type == "ExternalName" ? ExternalEndpoints(resource, port) : Endpoints(resource, @namespace, port);
        return endpoints is null ? null : _ports[name] = new ServicePort(name, endpoints.Value, _turns.GetOrAdd(name, _ => new Turn()));
    }

    private ImmutableArray<ServiceEndpoint>? Endpoints(V1Service service, string @namespace, string port)
    {
        var servicePort = service.Spec?.Ports?.FirstOrDefault(candidate => Is(candidate, port));
        if (servicePort is null)
        {
            return null;
        }

        // A Service without selector selects nothing: its endpoints would be written by hand.
        var selector = service.Spec!.Selector;
        if (selector is null || selector.Count == 0)
        {
            return [];
        }

        return
        [
            .. _workloads
                .Where(workload => Namespace(workload) == @namespace && selector.All(label => Label(workload, label.Key) == label.Value))
                .Select(workload => (workload.Spec.Address, Port: EndpointPort(servicePort, workload)))
                .Where(endpoint => endpoint.Port > 0)
                .SelectMany(endpoint => Addresses(endpoint.Address!).Select(address => new ServiceEndpoint(address, endpoint.Port)))
                .Distinct(),
        ];
    }

    private ImmutableArray<string> Addresses(string address) => _names?.Of(address) ?? [address];

    private static int EndpointPort(V1ServicePort servicePort, WorkloadEntry workload)
    {
        var target = servicePort.TargetPort?.Value;
        var numeric = string.IsNullOrEmpty(target) ? servicePort.Port
            : int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var key = numeric > 0 ? servicePort.Name ?? "" : target!;
        return workload.Spec.Ports.TryGetValue(key, out var port) && port > 0 ? (int)port : numeric;
    }

    private static bool Is(V1ServicePort port, string text) =>
        port.Port.ToString(CultureInfo.InvariantCulture) == text || port.TargetPort?.Value == text || port.Name == text;

    private static string Namespace(WorkloadEntry workload) =>
        string.IsNullOrEmpty(workload.Metadata.Namespace) ? ResourceDocument.DefaultNamespace : workload.Metadata.Namespace;

    private static string? Label(WorkloadEntry workload, string key) =>
        workload.Spec.Labels.TryGetValue(key, out var value) || workload.Metadata.Labels.TryGetValue(key, out value) ? value : null;

    /// <summary>
    /// An ExternalName service is its name at the port's targetPort. ingress-nginx refuses names of its own host, so that an Ingress cannot
    /// reach the controller's loopback interface.
    /// </summary>
    private static ImmutableArray<ServiceEndpoint>? ExternalEndpoints(V1Service service, string port)
    {
        var name = service.Spec.ExternalName?.TrimEnd('.') ?? "";
        if (name.Length == 0 || name == "localhost" || (IPAddress.TryParse(name, out var ip) && IPAddress.IsLoopback(ip)))
        {
            return [];
        }

        var servicePort = service.Spec.Ports?.FirstOrDefault(candidate => Is(candidate, port));
        var number = servicePort is null ? port : servicePort.TargetPort?.Value ?? $"{servicePort.Port}";
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var external)
            ? [new ServiceEndpoint(name, external)]
            : null;
    }
}
