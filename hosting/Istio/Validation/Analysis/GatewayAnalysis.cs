using Istio.Documents;
using Istio.Networking;
using Istio.Security;
using Istio.Validation.Syntax;

namespace Istio.Validation.Analysis;

/// <summary>Gateways beside each other, their certificates, the Services in front of them, and claims that nobody reads.</summary>
internal static class GatewayAnalysis
{
    // Deployments of gateways carry this label by convention; other keys, such as app, say nothing about gateways.
    public const string GatewayLabel = "istio";

    // What Istio installs when nothing else is asked for; its Service leads 80 to 8080 and 443 to 8443.
    private const string DefaultGateway = "ingressgateway";
    private const string DefaultNamespace = "istio-system";

    private static readonly uint[] DefaultPorts = [80, 443, 8080, 8443, 15021, 15443, 31400];

    public static void Check(Mesh mesh)
    {
        var gateways = mesh.Resources.OfType<Gateway>().ToArray();
        CheckConflicts(mesh, gateways);
        CheckCertificates(mesh, gateways);
        var secrets = mesh.Resources.OfType<UntypedResource>().Where(pair => pair.Document is { Kind: "Secret", ApiVersion: "v1" })
            .GroupBy(pair => pair.Document.Namespace, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.DistinctBy(pair => pair.Document.Name)
                .ToDictionary(pair => pair.Document.Name, pair => pair.Resource, StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (document, gateway) in gateways)
        {
            CheckWorkloads(mesh, mesh.At(document)["spec"], gateway, secrets);
        }

        CheckClaims(mesh);
    }

    private static IEnumerable<(ResourceDocument Document, Server Server, int Index, string Selector)> Servers(
        IEnumerable<(ResourceDocument Document, Gateway Resource)> gateways) =>
        gateways.SelectMany(pair => pair.Resource.Spec.Servers.Select((server, index) =>
            (pair.Document, server, index, string.Join(",", pair.Resource.Spec.Selector.OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}={label.Value}")))));

    private static void CheckConflicts(Mesh mesh, (ResourceDocument, Gateway)[] gateways)
    {
        var byHost = Servers(gateways).SelectMany(entry => entry.Server.Hosts
            .Select((host, index) => (entry.Document, entry.Server, entry.Index, HostIndex: index, entry.Selector,
                Key: (entry.Server.Port?.Number, Bind: entry.Server.Bind ?? "", Host: FullHost(host, entry.Document.Namespace)))))
            .GroupBy(entry => entry.Key).Where(group => group.Select(entry => entry.Document.Location).Distinct().Count() > 1);
        var workloads = gateways.ToDictionary(pair => pair.Item1.Location,
            pair => mesh.Workloads.SelectAnywhere(pair.Item2.Spec.Selector).ToHashSet());
        foreach (var group in byHost)
        {
            var bySelector = group.ToLookup(entry => entry.Selector, entry => entry.Document, StringComparer.Ordinal);
            var byWorkload = group.SelectMany(entry => workloads[entry.Document.Location].Select(workload => (workload, entry.Document)))
                .ToLookup(pair => pair.workload, pair => pair.Document);
            foreach (var entry in group)
            {
                var others = Others.Take(bySelector[entry.Selector]
                    .Concat(workloads[entry.Document.Location].SelectMany(workload => byWorkload[workload]))
                    .Where(other => Others.Than(entry.Document, other)).Select(other => $"{other.Namespace}/{other.Name}"));
                if (others.Length > 0)
                {
                    var place = mesh.At(entry.Document)["spec"]["servers"][entry.Index]["hosts"][entry.HostIndex];
                    place.Report(AnalysisCodes.ConflictingGateways,
                        $"Gateway {Others.Words(others)} serves \"{entry.Server.Hosts[entry.HostIndex]}\" on port {group.Key.Number} "
                        + "of the same workload too, and one of them is ignored; merge them, or make the hosts differ.");
                }
            }
        }
    }

    private static string FullHost(string host, string space) =>
        host.StartsWith("./", StringComparison.Ordinal) ? space + host[1..] : host.StartsWith("*/", StringComparison.Ordinal) ? host[2..]
            : host;

    private static void CheckCertificates(Mesh mesh, (ResourceDocument, Gateway)[] gateways)
    {
        var selectors = gateways.ToDictionary(pair => pair.Item1.Location, pair => pair.Item2.Spec.Selector);
        var byCertificate = Servers(gateways).Where(entry => CertificateOf(entry.Server) is not null)
            .GroupBy(entry => CertificateOf(entry.Server)!.Value.Certificate, StringComparer.Ordinal)
            .Where(group => group.Select(entry => entry.Document.Location).Distinct().Count() > 1);
        foreach (var group in byCertificate)
        {
            foreach (var entry in group)
            {
                // The workloads of a narrower selector are among those of this one, not the other way round.
                var own = selectors[entry.Document.Location];
                var others = Others.Take(group.Select(other => other.Document)
                    .Where(other => Others.Than(entry.Document, other) && (own.IsEmpty || Metadata.Matches(own, selectors[other.Location])))
                    .Select(other => $"{other.Namespace}/{other.Name}"));
                if (others.Length > 0)
                {
                    mesh.At(entry.Document)["spec"]["servers"][entry.Index]["tls"][CertificateOf(entry.Server)!.Value.Member].Report(
                        AnalysisCodes.DuplicateCertificate,
                        $"Gateway {Others.Words(others)} uses the certificate \"{group.Key}\" too, so browsers send requests for one "
                        + "over connections to the other and get 404; serve the hosts from one Gateway.");
                }
            }
        }
    }

    private static (string Member, string Certificate)? CertificateOf(Server server) => server.Tls switch
    {
        { CredentialName: { Length: > 0 } credential } => ("credentialName", credential),
        { ServerCertificate: { Length: > 0 } certificate, PrivateKey.Length: > 0 } => ("serverCertificate", certificate),
        _ => null,
    };

    private static void CheckWorkloads(
        Mesh mesh, Place at, Gateway gateway, Dictionary<string, Dictionary<string, UntypedResource>> secrets)
    {
        var selector = gateway.Spec.Selector;
        var workloads = mesh.Workloads.SelectAnywhere(selector);
        if (workloads.Count > 0)
        {
            CheckServicePorts(mesh, at, gateway, workloads);
            CheckSecrets(mesh, at, gateway, [.. workloads.Select(workload => workload.Namespace).Distinct()], secrets);
        }
        else if (selector.Count == 1 && selector.GetValueOrDefault(GatewayLabel) == DefaultGateway)
        {
            CheckDefaultPorts(at["servers"], gateway);
            CheckSecrets(mesh, at, gateway, [DefaultNamespace], secrets);
        }
        else if (selector.ContainsKey(GatewayLabel) && mesh.Workloads.KnowsKey(GatewayLabel))
        {
            at["selector"].Report(AnalysisCodes.NotFound,
                $"No workload has the labels {string.Join(", ", selector.Select(label => $"{label.Key}={label.Value}"))}; correct the "
                + "selector.");
        }
    }

    private static void CheckServicePorts(Mesh mesh, Place at, Gateway gateway, IReadOnlyList<Workload> workloads)
    {
        var ports = workloads.SelectMany(mesh.ServicesOf).Distinct().SelectMany(service => service.Ports).ToArray();
        for (var i = 0; ports.Length > 0 && i < gateway.Spec.Servers.Count; i++)
        {
            if (gateway.Spec.Servers[i].Port?.Number is { } number && !ports
                .Any(port => port.Number == number || port.Target == $"{number}"))
            {
                at["servers"][i]["port"]["number"].Report(AnalysisCodes.GatewayPort,
                    $"The Service of the gateway does not have port {number}; it has "
                    + $"{string.Join(", ", ports.Select(port => port.Number).Distinct())}; add the port to it.");
            }
        }
    }

    private static void CheckDefaultPorts(Place at, Gateway gateway)
    {
        for (var i = 0; i < gateway.Spec.Servers.Count; i++)
        {
            if (gateway.Spec.Servers[i].Port?.Number is { } number and > 0 and <= 65535 && !DefaultPorts.Contains(number))
            {
                at[i]["port"]["number"].Report(AnalysisCodes.GatewayPort,
                    $"The Service of Istio's own ingress gateway does not have port {number} unless you add it; its ports are 80, 443, "
                    + "15021, 15443 and 31400.");
            }
        }
    }

    private static void CheckSecrets(
        Mesh mesh, Place at, Gateway gateway, string[] spaces, Dictionary<string, Dictionary<string, UntypedResource>> secrets)
    {
        var known = spaces.Where(secrets.ContainsKey).Select(space => secrets[space]).ToArray();
        for (var i = 0; known.Length > 0 && i < gateway.Spec.Servers.Count; i++)
        {
            if (gateway.Spec.Servers[i].Tls?.CredentialName is not { Length: > 0 } name)
            {
                continue;
            }

            var place = at["servers"][i]["tls"]["credentialName"];
            var secret = known.Select(space => space.GetValueOrDefault(name)).FirstOrDefault(found => found is not null);
            if (secret is null)
            {
                place.Report(AnalysisCodes.NotFound,
                    $"There is no Secret \"{name}\" in namespace {string.Join(", ", spaces)}, where the gateway runs; add it there.");
            }
            else if (CertificateSecret.Check(secret, mesh.Options.Clock) is { } fault)
            {
                place.Report(AnalysisCodes.InvalidCredential, $"Secret \"{name}\" {fault}");
            }
        }
    }

    /// <summary>A claim can be matched only where a RequestAuthentication reads the token.</summary>
    private static void CheckClaims(Mesh mesh)
    {
        var authentications = mesh.Resources.OfType<RequestAuthentication>().ToArray();
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            foreach (var (at, name) in Claims(mesh.At(document)["spec"], service.Spec))
            {
                foreach (var gateway in service.Spec.Gateways.Where(gateway => gateway != VirtualServiceRoutes.MeshGateway))
                {
                    if (mesh.Gateways.TryGetValue(VirtualServiceRoutes.ResolveGateway(gateway, document.Namespace), out var found)
                        && !authentications.Any(pair => MayHoldFor(pair.Document, pair.Resource, found.Resource, mesh)))
                    {
                        at.Report(AnalysisCodes.ClaimsWithoutAuthentication,
                            $"No RequestAuthentication holds for the workload of Gateway \"{gateway}\", so the claim of \"{name}\" is "
                            + "never read; add one that selects it.");
                    }
                }
            }
        }
    }

    private static bool MayHoldFor(ResourceDocument document, RequestAuthentication authentication, Gateway gateway, Mesh mesh)
    {
        var labels = authentication.Spec.Selector?.MatchLabels ?? default;
        var workloads = mesh.Workloads.SelectAnywhere(gateway.Spec.Selector);
        return workloads.Count == 0
            ? labels.IsEmpty || Metadata.Matches(labels, gateway.Spec.Selector) || !authentication.Spec.TargetRefs.IsEmpty
            : workloads.Any(workload => (document.Namespace == workload.Namespace || document.Namespace == mesh.Options.RootNamespace)
                && (labels.IsEmpty || Metadata.Matches(labels, workload.Labels)));
    }

    private static IEnumerable<(Place At, string Name)> Claims(Place at, VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            for (var j = 0; j < spec.Http[i].Match.Count; j++)
            {
                var (match, place) = (spec.Http[i].Match[j], at["http"][i]["match"][j]);
                foreach (var name in match.Headers.Keys.Where(HttpHeaders.IsClaim))
                {
                    yield return (place["headers"][name], name);
                }

                foreach (var name in match.WithoutHeaders.Keys.Where(HttpHeaders.IsClaim))
                {
                    yield return (place["withoutHeaders"][name], name);
                }
            }
        }
    }
}
