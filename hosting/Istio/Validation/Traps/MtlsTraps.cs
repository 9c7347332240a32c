using System.Globalization;
using Istio.Documents;
using Istio.Networking;
using Istio.Security;

namespace Istio.Validation.Traps;

/// <summary>STRICT mutual TLS where plain text arrives, and port settings that name the wrong port.</summary>
internal static class MtlsTraps
{
    public static void Check(Mesh mesh)
    {
        var modes = new MtlsModes(mesh);
        CheckOutside(mesh, modes);
        CheckRules(mesh, modes);
        foreach (var (document, authentication) in mesh.Resources.OfType<PeerAuthentication>())
        {
            CheckPorts(mesh, mesh.At(document)["spec"]["portLevelMtls"], authentication.Spec);
        }
    }

    private static void CheckOutside(Mesh mesh, MtlsModes modes)
    {
        var outside = OutsideTraffic.Services(mesh);
        var reported = new HashSet<(SourceLocation, SourceLocation)>();
        foreach (var service in mesh.KubernetesServices)
        {
            var ingress = outside[service.Host].FirstOrDefault();
            var type = service.Kubernetes!.Spec?.Type;
            if ((ingress is null && type is not ("NodePort" or "LoadBalancer")) || modes.IsGateway(service))
            {
                continue;
            }

            foreach (var port in service.Ports.Where(port => port.Protocol != "UDP"))
            {
                if (modes.StrictFor(service, port) is { } strict && reported.Add((strict.Document.Location, service.Document.Location)))
                {
                    strict.Report(TrapCodes.StrictOutside, ingress is not null
                        ? $"STRICT refuses plain text, which is what Ingress {ingress.Name} sends to {service.Document.Name} from outside "
                            + $"the mesh; use an Istio Gateway, or PERMISSIVE for port {port.Target}."
                        : $"STRICT refuses plain text, which is what arrives by the {type} of Service {service.Document.Name}; use an "
                            + $"Istio Gateway, or PERMISSIVE for port {port.Target}.");
                }
            }
        }
    }

    private static void CheckRules(Mesh mesh, MtlsModes modes)
    {
        foreach (var (document, rule) in mesh.Resources.OfType<DestinationRule>())
        {
            if (rule.Spec.TrafficPolicy?.Tls?.Mode == ClientTlsMode.Disable
                && mesh.FindService(Mesh.Resolve(rule.Spec.Host ?? "", document.Namespace)) is { Kubernetes: not null } service
                && service.Ports.Select(port => modes.StrictFor(service, port)).FirstOrDefault(place => place is not null) is { } strict)
            {
                mesh.At(document)["spec"]["trafficPolicy"]["tls"]["mode"].Report(TrapCodes.TlsOffToStrict,
                    $"DISABLE sends plain text to \"{rule.Spec.Host}\", and PeerAuthentication {strict.Document.Name} refuses it; use "
                    + "ISTIO_MUTUAL, or remove tls.");
            }
        }
    }

    private static void CheckPorts(Mesh mesh, Place at, PeerAuthenticationSpec spec)
    {
        if (spec.PortLevelMtls.IsEmpty || spec.Selector is not { MatchLabels: { IsEmpty: false } labels })
        {
            return;
        }

        var ports = mesh.ServicesSelectedBy(at.Document.Namespace, labels)
            .SelectMany(service => service.Ports.Select(port => (service, port))).ToArray();
        foreach (var key in spec.PortLevelMtls.Keys)
        {
            // A named target port says nothing about its number.
            if (ports.Any(pair => pair.port.Target == key) || ports
                .FirstOrDefault(pair => pair.port.Number.ToString(CultureInfo.InvariantCulture) == key) is not { port: { } port } pair
                || !int.TryParse(port.Target, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                continue;
            }

            at[key].Report(TrapCodes.ServicePortInMtls,
                $"portLevelMtls counts ports of the workload, and {key} is the port of Service {pair.service.Document.Name} that leads to "
                + $"{port.Target}; write {port.Target}.");
        }
    }
}

/// <summary>
/// The mutual TLS mode of each workload: its own PeerAuthentication, else its namespace's, else the mesh's.
/// Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/
/// </summary>
internal sealed class MtlsModes
{
    private readonly Mesh _mesh;
    private readonly ILookup<string, (ResourceDocument Document, PeerAuthentication Resource)> _byNamespace;
    private readonly Dictionary<Workload, (ResourceDocument Document, PeerAuthentication Resource)> _byWorkload = [];
    private readonly EquatableDictionary<string>[] _gatewaySelectors;

    public MtlsModes(Mesh mesh)
    {
        _mesh = mesh;
        _byNamespace = mesh.Resources.OfType<PeerAuthentication>().ToLookup(pair => pair.Document.Namespace, StringComparer.Ordinal);
        foreach (var pair in mesh.Resources.OfType<PeerAuthentication>())
        {
            foreach (var workload in mesh.Workloads.Select(pair.Document.Namespace, pair.Resource.Spec.Selector?.MatchLabels ?? default))
            {
                _byWorkload.TryAdd(workload, pair);
            }
        }

        _gatewaySelectors = [.. mesh.Gateways.Values.Select(pair => pair.Resource.Spec.Selector).Where(selector => !selector.IsEmpty)
            .Distinct()];
    }

    /// <summary>True when the service is a gateway's own, which ends TLS itself.</summary>
    public bool IsGateway(MeshService service) =>
        _gatewaySelectors.Any(selector => Metadata.Matches(selector, service.Selector) || _mesh.WorkloadsOf(service)
            .Any(workload => Metadata.Matches(selector, workload.Labels)))
        || service.Selector.GetValueOrDefault("istio")?.Contains("gateway", StringComparison.Ordinal) == true;

    /// <summary>Where STRICT is set for a port of a service; null when plain text is accepted.</summary>
    public Place? StrictFor(MeshService service, MeshPort port)
    {
        var workloads = _mesh.WorkloadsOf(service);
        return workloads.Count > 0
            ? workloads.Select(workload => StrictFor(workload, port.Target)).FirstOrDefault(place => place is not null)
            : StrictFor(service.Namespace, port.Target, _byNamespace[service.Namespace].FirstOrDefault(pair =>
                pair.Resource.Spec.Selector is { MatchLabels: { IsEmpty: false } selector }
                    && Metadata.Matches(selector, service.Selector)));
    }

    /// <summary>Where STRICT is set for a port of a workload; null when plain text is accepted.</summary>
    public Place? StrictFor(Workload workload, string port) => StrictFor(workload.Namespace, port, _byWorkload.GetValueOrDefault(workload));

    private Place? StrictFor(string space, string port, (ResourceDocument Document, PeerAuthentication Resource) own)
    {
        if (own.Resource is { } selected)
        {
            if (selected.Spec.PortLevelMtls.TryGetValue(port, out var onPort) && onPort.Mode is not (null or MutualTlsMode.Unset))
            {
                return onPort.Mode == MutualTlsMode.Strict ? _mesh.At(own.Document)["spec"]["portLevelMtls"][port] : null;
            }

            if (selected.Spec.Mtls?.Mode is not (null or MutualTlsMode.Unset))
            {
                return StrictIn(own);
            }
        }

        foreach (var owner in new[] { space, _mesh.Options.RootNamespace })
        {
            var general = _byNamespace[owner].FirstOrDefault(pair => pair.Resource.Spec.Selector?.MatchLabels is null or { IsEmpty: true }
                && pair.Resource.Spec.Mtls?.Mode is not (null or MutualTlsMode.Unset));
            if (general.Resource is not null)
            {
                return StrictIn(general);
            }
        }

        return null;
    }

    private Place? StrictIn((ResourceDocument Document, PeerAuthentication Resource) pair) =>
        pair.Resource.Spec.Mtls?.Mode == MutualTlsMode.Strict ? _mesh.At(pair.Document)["spec"]["mtls"]["mode"] : null;
}
