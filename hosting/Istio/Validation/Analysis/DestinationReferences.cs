using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Analysis;

/// <summary>
/// Hosts, ports and subsets that VirtualServices and DestinationRules name. A host is only called missing when the documents hold other
/// Services of its namespace; otherwise they may be a part of a whole.
/// </summary>
internal static class DestinationReferences
{
    public static void Check(Mesh mesh)
    {
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            CheckHosts(mesh, mesh.At(document)["spec"]["hosts"], service.Spec);
            foreach (var (at, destination) in VirtualServiceRoutes.Destinations(mesh.At(document), service.Spec))
            {
                if (destination.Host is { Length: > 0 } host && DnsNames.CheckWildcard(host) is null)
                {
                    CheckDestination(mesh, at, destination, host, Spaces(document, service.Spec.ExportTo));
                }
            }
        }

        foreach (var (document, rule) in mesh.Resources.OfType<DestinationRule>())
        {
            CheckRule(mesh, mesh.At(document)["spec"], rule.Spec);
        }
    }

    /// <summary>Sidecars know a service by its full name and the short forms that Kubernetes DNS completes, not a rule by one of
    /// those.</summary>
    private static void CheckHosts(Mesh mesh, Place at, VirtualServiceSpec spec)
    {
        for (var i = 0; VirtualServiceRoutes.IsForMesh(spec) && i < spec.Hosts.Count; i++)
        {
            if (mesh.FindService(spec.Hosts[i]) is null)
            {
                CheckHalfQualified(mesh, at[i], spec.Hosts[i]);
            }
        }
    }

    private static bool CheckHalfQualified(Mesh mesh, Place at, string host)
    {
        if (SplitHalfQualified(host) is not { } half || mesh.FindService(Mesh.Resolve(half.Name, half.Namespace)) is not { } meant)
        {
            return false;
        }

        at.Report(TrapCodes.HalfQualified,
            $"Istio does not complete \"{host}\" to the Service {half.Name} of namespace {half.Namespace}; write {meant.Host}.");
        return true;
    }

    /// <summary>The namespaces whose proxies execute a rule.</summary>
    private static string[] Spaces(ResourceDocument document, EquatableArray<string> exportTo) =>
        exportTo.IsEmpty ? [document.Namespace] : [.. exportTo.Select(space => space == "." ? document.Namespace : space)];

    private static void CheckDestination(Mesh mesh, Place at, Destination destination, string host, string[] spaces)
    {
        var full = Mesh.Resolve(host, at.Document.Namespace);
        if (mesh.FindVisible(full, spaces) is { } service)
        {
            CheckPort(at, destination, host, service);
        }
        else if (mesh.FindService(full) is { } hidden)
        {
            at["host"].Report(AnalysisCodes.NotFound,
                $"{hidden.Document.Kind} {hidden.Namespace}/{hidden.Document.Name} has the host \"{host}\", but is exported to "
                + $"{string.Join(", ", hidden.ExportTo)} only, not to {string.Join(", ", spaces)}; change its exportTo.");
        }
        else
        {
            ReportMissingHost(mesh, at["host"], host, full, AnalysisCodes.NotFound);
        }

        if (destination.Subset is { Length: > 0 } subset)
        {
            CheckSubset(mesh, at["subset"], subset, host, full);
        }
    }

    private static void ReportMissingHost(Mesh mesh, Place at, string host, string full, FindingCode missing)
    {
        var space = at.Document.Namespace;
        if (Mesh.SplitClusterHost(full) is { } cluster)
        {
            var elsewhere = host.Contains('.') ? null : mesh.ServicesNamed(cluster.Name).FirstOrDefault();
            // One that names no namespace is deployed to any: by kubectl apply --namespace, or a kustomization.
            if (host.Contains('.') && mesh.ServicesNamed(cluster.Name).Any(named => !named.Document.NamesNamespace))
            {
                return;
            }

            if (cluster.Namespace == mesh.Options.RootNamespace && cluster.Name.StartsWith("istio", StringComparison.Ordinal))
            {
                // Istio's installation brings istiod and its gateways.
                return;
            }

            if (mesh.HasServicesOf(cluster.Namespace))
            {
                var hint = elsewhere is null ? Suggest(mesh, cluster) : $"did you mean {elsewhere.Host}?";
                at.Report(missing, $"There is no Service \"{cluster.Name}\" in namespace {cluster.Namespace}; {hint}");
            }
            else if (elsewhere is not null)
            {
                at.Report(TrapCodes.WrongNamespace,
                    $"\"{host}\" means {full} here, but the Service is in namespace {elsewhere.Namespace}; write {elsewhere.Host}.");
            }
        }
        else if (!CheckHalfQualified(mesh, at, host) && !host.StartsWith('*') && !IpAddresses.IsAddress(host) && mesh.HasServicesOf(space))
        {
            at.Report(missing, $"Neither a Service nor a ServiceEntry has the host \"{host}\"; add a ServiceEntry, or correct the host.");
        }
    }

    private static (string Name, string Namespace)? SplitHalfQualified(string host)
    {
        var labels = host.Split('.');
        return labels.Length == 2 || (labels.Length == 3 && labels[2] == "svc") ? (labels[0], labels[1]) : null;
    }

    private static string Suggest(Mesh mesh, (string Name, string Namespace) cluster)
    {
        // A suggestion is not worth the comparison of every missing name with thousands of others.
        var names = mesh.ServicesIn(cluster.Namespace).Take(500).Select(service => service.Document.Name);
        return Spelling.Nearest(cluster.Name, names) is { } near ? $"did you mean {near}?" : "add it, or correct the host.";
    }

    private static void CheckPort(Place at, Destination destination, string host, MeshService service)
    {
        var numbers = string.Join(", ", service.Ports.Select(port => port.Number));
        if (destination.Port?.Number is not { } number)
        {
            if (service.Ports.Count > 1)
            {
                at["host"].Report(AnalysisCodes.PortRequired,
                    $"\"{host}\" has the ports {numbers} and the destination names none; add port.number.");
            }
        }
        else if (service.Ports.Count > 0 && service.Ports.All(port => port.Number != number))
        {
            at["port"]["number"].Report(AnalysisCodes.NotFound, $"\"{host}\" has no port {number}; its ports are {numbers}.");
        }
    }

    private static void CheckSubset(Mesh mesh, Place at, string subset, string host, string full)
    {
        var rules = mesh.Rules[full].ToArray();
        var names = rules.SelectMany(rule => rule.Resource.Spec.Subsets).Select(known => known.Name ?? "").Distinct().ToArray();
        if (names.Contains(subset))
        {
            return;
        }

        if (rules.Length > 0)
        {
            at.Report(AnalysisCodes.NotFound, names.Length == 0
                ? $"The DestinationRule {rules[0].Document.Name} for \"{host}\" has no subsets; add subset \"{subset}\" to it."
                : $"The DestinationRule {rules[0].Document.Name} for \"{host}\" has no subset \"{subset}\"; it has "
                    + $"{string.Join(", ", names)}.");
        }
        else if (mesh.HasServicesOf(Mesh.SplitClusterHost(full)?.Namespace ?? at.Document.Namespace) && !HasWildcardRule(mesh, full))
        {
            at.Report(AnalysisCodes.NotFound, $"No DestinationRule for \"{host}\" defines the subset \"{subset}\"; add one.");
        }
    }

    private static bool HasWildcardRule(Mesh mesh, string full) =>
        mesh.Rules.Any(group => group.Key.StartsWith('*') && DnsNames.Covers(group.Key, full));

    private static void CheckRule(Mesh mesh, Place at, DestinationRuleSpec spec)
    {
        if (spec.Host is not { Length: > 0 } host || DnsNames.CheckWildcard(host) is not null || host.StartsWith('*'))
        {
            return;
        }

        var full = Mesh.Resolve(host, at.Document.Namespace);
        if (mesh.FindService(full) is not { } service)
        {
            ReportMissingHost(mesh, at["host"], host, full, AnalysisCodes.UnknownRuleHost);
            return;
        }

        var workloads = mesh.WorkloadsOf(service);
        for (var i = 0; workloads.Count > 0 && i < spec.Subsets.Count; i++)
        {
            var subset = spec.Subsets[i];

            // Istio adds labels of the place, such as topology.kubernetes.io/zone, which documents do not show; never empty ones.
            var labels = subset.Labels.Where(label => label.Value.Length == 0
                || !(label.Key.StartsWith("topology.", StringComparison.Ordinal)
                || label.Key.StartsWith("kubernetes.io/", StringComparison.Ordinal)))
                .ToDictionary();
            if (labels.Count > 0 && !workloads.Any(workload => Metadata.Matches(labels, workload.Labels)))
            {
                var wanted = string.Join(", ", labels.Select(label => $"{label.Key}={label.Value}"));
                at["subsets"][i].Report(AnalysisCodes.EmptySubset,
                    $"No workload of \"{host}\" ({string.Join(", ", workloads)}) has the labels {wanted} of subset \"{subset.Name}\"; "
                    + "correct the labels, or deploy it.");
            }
        }
    }
}
