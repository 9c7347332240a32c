using System.Runtime.CompilerServices;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;

namespace Istio.Validation;

/// <summary>A port of a service, and where it leads in the workload.</summary>
/// <param name="Number">The service's port.</param>
/// <param name="Name">Its name; empty when it has none.</param>
/// <param name="Protocol">TCP, UDP, or a ServiceEntry's protocol.</param>
/// <param name="Target">Number or name of the workload's port.</param>
internal sealed record MeshPort(int Number, string Name, string Protocol, string Target);

/// <summary>A host that requests can be sent to: a Kubernetes Service or a host of a ServiceEntry.</summary>
/// <param name="Document">Where it is declared.</param>
/// <param name="Host">The full host name.</param>
/// <param name="Ports">Its ports.</param>
/// <param name="Selector">Labels of its workloads; empty when it selects none.</param>
/// <param name="ExportTo">The namespaces that see it; empty for all.</param>
internal sealed record MeshService(
    ResourceDocument Document, string Host, IReadOnlyList<MeshPort> Ports, IReadOnlyDictionary<string, string> Selector,
    IReadOnlyCollection<string> ExportTo)
{
    private const string Everywhere = "*";

    public string Namespace => Document.Namespace;

    /// <summary>True when a namespace sees it.</summary>
    public bool IsVisibleIn(string space) =>
        ExportTo.Count == 0 || ExportTo.Any(entry => entry == Everywhere || (entry == "." ? Namespace : entry) == space);

    /// <summary>The Kubernetes Service; null for a ServiceEntry.</summary>
    public V1Service? Kubernetes => Document.Resource as V1Service;

    // Each is one of a kind; comparing contents would walk the whole document.
    public bool Equals(MeshService? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <summary>
/// The documents as a whole, with indexes for the rules that look at more than one. Names are resolved as Istio does:
/// a host without dots is a service of the namespace of the document that names it.
/// </summary>
internal sealed class Mesh
{
    private const string ClusterDomain = ".svc.cluster.local";
    private const string ExportToAnnotation = "networking.istio.io/exportTo";

    private readonly List<Finding> _findings;
    private readonly Dictionary<string, List<MeshService>> _services = new(StringComparer.Ordinal);
    private readonly List<MeshService> _wildcardServices = [];
    private readonly HashSet<string> _namespacesWithServices = new(StringComparer.Ordinal);
    private readonly ILookup<string, MeshService> _servicesByName;
    private readonly Dictionary<MeshService, IReadOnlyList<Workload>> _workloadsOf = [];
    private readonly Lazy<ILookup<Workload, MeshService>> _servicesOf;
    private readonly Lazy<ILookup<string, MeshService>> _servicesIn;

    public Mesh(ResourceSet resources, ValidationOptions options, List<Finding> findings)
    {
        (Resources, Options, _findings) = (resources, options, findings);
        Workloads = new WorkloadIndex(resources);
        foreach (var document in resources.Documents)
        {
            AddServices(document);
        }

        _servicesByName = _services.Values.SelectMany(list => list).Where(service => service.Kubernetes is not null)
            .ToLookup(service => service.Document.Name, StringComparer.Ordinal);
        _servicesOf = new(() => KubernetesServices.SelectMany(service => WorkloadsOf(service).Select(workload => (workload, service)))
            .ToLookup(pair => pair.workload, pair => pair.service));
        _servicesIn = new(() => KubernetesServices.ToLookup(service => service.Namespace, StringComparer.Ordinal));
        Rules = resources.OfType<DestinationRule>()
            .ToLookup(pair => Resolve(pair.Resource.Spec.Host ?? "", pair.Document.Namespace), StringComparer.Ordinal);
        Gateways = resources.OfType<Gateway>().GroupBy(pair => (pair.Document.Namespace, pair.Document.Name))
            .ToDictionary(group => group.Key, group => group.First());
    }

    public ResourceSet Resources { get; }

    public ValidationOptions Options { get; }

    public WorkloadIndex Workloads { get; }

    /// <summary>DestinationRules by full host name.</summary>
    public ILookup<string, (ResourceDocument Document, DestinationRule Resource)> Rules { get; }

    /// <summary>Istio Gateways by namespace and name.</summary>
    public IReadOnlyDictionary<(string Namespace, string Name), (ResourceDocument Document, Gateway Resource)> Gateways { get; }

    public IEnumerable<MeshService> Services => _services.Values.SelectMany(list => list);

    public IEnumerable<MeshService> KubernetesServices => Services.Where(service => service.Kubernetes is not null);

    public Place At(ResourceDocument document) => new(document, "", _findings);

    /// <summary>The full name of a host that a document in <paramref name="space"/> names.</summary>
    public static string Resolve(string host, string space) =>
        host.Contains('.') || host.StartsWith('*') || host.Length == 0 ? host : $"{host}.{space}{ClusterDomain}";

    /// <summary>Name and namespace of a service of the cluster; null for any other host.</summary>
    public static (string Name, string Namespace)? SplitClusterHost(string fullHost) =>
        fullHost.EndsWith(ClusterDomain, StringComparison.Ordinal) && fullHost[..^ClusterDomain.Length].Split('.') is [var name, var space]
            ? (name, space)
            : null;

    /// <summary>The service of a full host name; null when the documents have none.</summary>
    public MeshService? FindService(string fullHost) =>
        _services.TryGetValue(fullHost, out var found) ? found[0]
        : _wildcardServices.Find(service => fullHost.AsSpan().TrimStart('*').EndsWith(service.Host.AsSpan(1), StringComparison.Ordinal));

    /// <summary>
    /// The service of a full host name that one of some namespaces sees; null when the documents have none.
    /// </summary>
    public MeshService? FindVisible(string fullHost, IReadOnlyCollection<string> spaces) =>
        (_services.TryGetValue(fullHost, out var found) ? found.Find(service => spaces.Any(service.IsVisibleIn)) : null)
        ?? _wildcardServices.Find(service => spaces.Any(service.IsVisibleIn)
            && fullHost.AsSpan().TrimStart('*').EndsWith(service.Host.AsSpan(1), StringComparison.Ordinal));

    /// <summary>True when the documents have Services of a namespace, so that one that is missing is a fault and not only
    /// elsewhere.</summary>
    public bool HasServicesOf(string space) => _namespacesWithServices.Contains(space);

    /// <summary>The Kubernetes Services of a namespace.</summary>
    public IEnumerable<MeshService> ServicesIn(string space) => _servicesIn.Value[space];

    /// <summary>Kubernetes Services of this short name, in any namespace.</summary>
    public IEnumerable<MeshService> ServicesNamed(string name) => _servicesByName[name];

    /// <summary>The workloads behind a service.</summary>
    public IReadOnlyList<Workload> WorkloadsOf(MeshService service)
    {
        if (!_workloadsOf.TryGetValue(service, out var workloads))
        {
            _workloadsOf[service] = workloads = Workloads.Select(service.Namespace, service.Selector);
        }

        return workloads;
    }

    /// <summary>The Kubernetes Services in front of a workload.</summary>
    public IEnumerable<MeshService> ServicesOf(Workload workload) => _servicesOf.Value[workload];

    /// <summary>The Kubernetes Services in front of the workloads that labels select; all of the namespace for no labels.</summary>
    public IEnumerable<MeshService> ServicesSelectedBy(string space, IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count == 0)
        {
            return _servicesIn.Value[space];
        }

        // Without workloads in the documents the Services' own selectors tell.
        var workloads = Workloads.Select(space, labels);
        return workloads.Count > 0
            ? workloads.SelectMany(ServicesOf).Distinct()
            : _servicesIn.Value[space].Where(service => WorkloadsOf(service).Count == 0 && Metadata.Matches(labels, service.Selector));
    }

    /// <summary>How many endpoints a service (or its subset with these labels) has; null when the documents do not tell.</summary>
    public int? CountEndpoints(MeshService service, IReadOnlyDictionary<string, string>? subset = null)
    {
        if (subset is null && (Options.Replicas.TryGetValue(service.Host, out var given)
            || (service.Namespace == ResourceDocument.DefaultNamespace && Options.Replicas.TryGetValue(service.Document.Name, out given))))
        {
            return given;
        }

        if (service.Document.Resource is ServiceEntry { Spec: { Resolution: ServiceResolution.Static, WorkloadSelector: null } entry }
            && subset is null)
        {
            return entry.Endpoints.Count;
        }

        var workloads = WorkloadsOf(service).Where(workload => subset is null || Metadata.Matches(subset, workload.Labels)).ToArray();
        return workloads.Length == 0 || workloads.Any(workload => workload.Replicas is null)
            ? null
            : workloads.Sum(workload => workload.Replicas);
    }

    private void AddServices(ResourceDocument document)
    {
        switch (document.Resource)
        {
            case V1Service service when document.Name.Length > 0:
                IReadOnlyDictionary<string, string> selector = service.Spec?.Selector is { } labels
                    ? labels.AsReadOnly()
                    : new Dictionary<string, string>();
                Add(new MeshService(document, Resolve(document.Name, document.Namespace), [.. (service.Spec?.Ports ?? []).Select(PortOf)],
                    selector, ExportTo(document)));
                break;
            case UntypedResource when document is { Kind: "Service", ApiVersion: "v1" }:
                // It does not fit the schema, which is reported; it still is there.
                Add(new MeshService(
                    document, Resolve(document.Name, document.Namespace), [], new Dictionary<string, string>(), ExportTo(document)));
                break;
            case ServiceEntry entry:
                var ports = entry.Spec.Ports.Select(PortOf).ToArray();
                foreach (var host in entry.Spec.Hosts.Distinct())
                {
                    Add(new MeshService(document, host, ports, entry.Spec.WorkloadSelector?.Labels
                        ?? default(EquatableDictionary<string>), entry.Spec.ExportTo));
                }

                break;
        }
    }

    private static string[] ExportTo(ResourceDocument document) =>
        Metadata.Annotations(document).TryGetValue(ExportToAnnotation, out var spaces)
            ? spaces.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];

    private void Add(MeshService service)
    {
        if (service.Host.StartsWith('*'))
        {
            _wildcardServices.Add(service);
            return;
        }

        if (!_services.TryGetValue(service.Host, out var list))
        {
            _services[service.Host] = list = [];
        }

        list.Add(service);
        if (service.Document.Kind == "Service")
        {
            _namespacesWithServices.Add(service.Namespace);
        }
    }

    private static MeshPort PortOf(V1ServicePort port) =>
        new(port.Port, port.Name ?? "", port.Protocol ?? "TCP",
            port.TargetPort?.Value is { Length: > 0 } target and not "0"
                ? target
                : port.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static MeshPort PortOf(ServicePort port) =>
        new((int)(port.Number ?? 0), port.Name ?? "", port.Protocol ?? "",
            (port.TargetPort ?? port.Number ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture));
}
