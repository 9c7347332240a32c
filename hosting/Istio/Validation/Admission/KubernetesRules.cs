using Istio.Validation.Syntax;
using k8s.Models;

namespace Istio.Validation.Admission;

/// <summary>
/// What the API server checks in an Ingress.
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/
/// </summary>
internal static class IngressRules
{
    private static readonly string[] PathTypes = ["Exact", "Prefix", "ImplementationSpecific"];
    private static readonly string[] NotNormal = ["//", "/./", "/../", "%2f", "%2F"];

    public static void Check(Place at, V1Ingress ingress)
    {
        var (place, spec) = (at["spec"], ingress.Spec);
        if (spec?.Rules is not { Count: > 0 } && spec?.DefaultBackend is null)
        {
            place.Reject("The Ingress leads nowhere; add rules or defaultBackend.");
        }

        if (spec?.DefaultBackend is { } fallback)
        {
            CheckBackend(place["defaultBackend"], fallback);
        }

        for (var i = 0; i < (spec?.Rules?.Count ?? 0); i++)
        {
            CheckRule(place["rules"][i], spec!.Rules[i]);
        }

        for (var i = 0; i < (spec?.Tls?.Count ?? 0); i++)
        {
            for (var j = 0; j < (spec!.Tls[i].Hosts?.Count ?? 0); j++)
            {
                CheckHost(place["tls"][i]["hosts"][j], spec.Tls[i].Hosts[j]);
            }
        }
    }

    private static void CheckRule(Place at, V1IngressRule rule)
    {
        CheckHost(at["host"], rule.Host);
        if (rule.Http is null)
        {
            return;
        }

        if (rule.Http.Paths is not { Count: > 0 })
        {
            at["http"]["paths"].Reject("The rule has no paths; add one.");
        }

        for (var i = 0; i < (rule.Http.Paths?.Count ?? 0); i++)
        {
            CheckPath(at["http"]["paths"][i], rule.Http.Paths![i]);
        }
    }

    private static void CheckHost(Place at, string? host)
    {
        if (string.IsNullOrEmpty(host))
        {
            return;
        }

        if (IpAddresses.IsAddress(host))
        {
            at.Reject($"\"{host}\" is an IP address; write a DNS name, or leave host out for all.");
        }
        else if (!DnsNames.IsSubdomain(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host))
        {
            at.Reject($"\"{host}\" is not a host name; use lower-case labels joined by dots, at most with *. in front.");
        }
    }

    private static void CheckPath(Place at, V1HTTPIngressPath path)
    {
        if (path.PathType is null)
        {
            at["pathType"].Reject("pathType is missing; use Exact, Prefix or ImplementationSpecific.");
        }
        else if (!PathTypes.Contains(path.PathType))
        {
            at["pathType"].Reject($"\"{path.PathType}\" is not a path type; use Exact, Prefix or ImplementationSpecific.");
        }

        var text = path.Path ?? "";
        if (!text.StartsWith('/') && (text.Length > 0 || path.PathType is "Exact" or "Prefix"))
        {
            at["path"].Reject($"\"{text}\" is not a path; paths begin with a slash.");
        }
        else if (path.PathType is "Exact" or "Prefix")
        {
            at["path"].Reject(CheckNormal(text));
        }

        if (path.Backend is { } backend)
        {
            CheckBackend(at["backend"], backend);
        }
        else
        {
            at["backend"].Reject("backend is missing; name the Service that gets the requests.");
        }
    }

    private static string? CheckNormal(string path) =>
        NotNormal.FirstOrDefault(part => path.Contains(part, StringComparison.Ordinal)) is { } part
            ? $"\"{path}\" contains {part}, which no normalised path has; remove it."
        : path.EndsWith("/..", StringComparison.Ordinal) || path.EndsWith("/.", StringComparison.Ordinal)
            ? $"\"{path}\" ends in dots, which no normalised path does; remove them."
        : null;

    private static void CheckBackend(Place at, V1IngressBackend backend)
    {
        if (backend.Service is null == backend.Resource is null)
        {
            at.Reject(backend.Service is null
                ? "The backend is empty; name a service."
                : "service and resource exclude each other; keep one of the two.");
            return;
        }

        if (backend.Service is not { } service)
        {
            return;
        }

        var place = at["service"];
        if (!DnsNames.IsServiceName(service.Name ?? ""))
        {
            place["name"].Reject(
                $"\"{service.Name}\" is not the name of a Service; use lower-case letters, digits and hyphens, with a letter first.");
        }

        var (name, number) = (service.Port?.Name, service.Port?.Number);
        if (string.IsNullOrEmpty(name) == number is null or 0)
        {
            place["port"].Reject(string.IsNullOrEmpty(name)
                ? "The backend has no port; add port.number or port.name."
                : "name and number exclude each other; keep one of the two.");
        }
        else if (number is { } value and not 0)
        {
            SharedRules.CheckPort(place["port"]["number"], value);
        }
    }
}

/// <summary>
/// What the API server checks in a Service.
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
/// </summary>
internal static class ServiceRules
{
    private static readonly string[] Types = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];

    public static void Check(Place at, V1Service service)
    {
        var (place, spec) = (at["spec"], service.Spec);
        if (at.Document.Name.Length > 0 && !DnsNames.IsServiceName(at.Document.Name))
        {
            at["metadata"]["name"].Reject(
                $"\"{at.Document.Name}\" is not the name of a Service; use lower-case letters, digits and hyphens, with a letter first.");
        }

        if (spec is null)
        {
            place.Reject("spec is missing; add selector and ports.");
            return;
        }

        if (spec.Type is not null && !Types.Contains(spec.Type))
        {
            place["type"].Reject($"\"{spec.Type}\" is not a type of Service; use {string.Join(", ", Types)}.");
        }

        if (spec.Type == "ExternalName")
        {
            SharedRules.Required(place, "externalName", !string.IsNullOrEmpty(spec.ExternalName),
                "name the host that the Service stands for.");
        }
        else if (spec.Ports is not { Count: > 0 } && spec.ClusterIP != "None")
        {
            place["ports"].Reject("The Service has no ports; add one, or set clusterIP: None.");
        }

        CheckPorts(place["ports"], spec);
    }

    private static void CheckPorts(Place at, V1ServiceSpec spec)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(int, string)>();
        for (var i = 0; i < (spec.Ports?.Count ?? 0); i++)
        {
            var (port, place) = (spec.Ports![i], at[i]);
            SharedRules.CheckPort(place["port"], port.Port);
            if (string.IsNullOrEmpty(port.Name))
            {
                if (spec.Ports.Count > 1)
                {
                    place["name"].Reject("The port has no name, which every port needs when there are several; add one.");
                }
            }
            else if (!DnsNames.IsLabel(port.Name) || port.Name.Any(char.IsAsciiLetterUpper))
            {
                place["name"].Reject($"\"{port.Name}\" is not a port name; use lower-case letters, digits and hyphens.");
            }
            else if (!names.Add(port.Name))
            {
                place["name"].Reject($"Two ports have the name \"{port.Name}\"; rename one.");
            }

            if (port.Protocol is not (null or "TCP" or "UDP" or "SCTP"))
            {
                place["protocol"].Reject(
                    $"\"{port.Protocol}\" is not a transport; use TCP, UDP or SCTP, and put the protocol into the port's name.");
            }

            if (!numbers.Add((port.Port, port.Protocol ?? "TCP")))
            {
                place["port"].Reject($"Port {port.Port} is declared twice; keep one.");
            }

            CheckTarget(place, port, spec.Type);
        }
    }

    private static void CheckTarget(Place at, V1ServicePort port, string? type)
    {
        if (port.TargetPort?.Value is { Length: > 0 } target)
        {
            if (int.TryParse(target, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                SharedRules.CheckPort(at["targetPort"], number);
            }
            else if (target.Length > 15 || !DnsNames.IsLabel(target) || !target.Any(char.IsAsciiLetter) || target
                .Any(char.IsAsciiLetterUpper))
            {
                at["targetPort"].Reject(
                    $"\"{target}\" is not the name of a container port; use at most 15 lower-case letters, digits and hyphens.");
            }
        }

        if (port.NodePort is > 0)
        {
            if (type is not ("NodePort" or "LoadBalancer"))
            {
                at["nodePort"].Reject($"nodePort needs type NodePort or LoadBalancer; the type is {type ?? "ClusterIP"}.");
            }
            else if (port.NodePort is < 30000 or > 32767)
            {
                at["nodePort"].Reject($"{port.NodePort} is outside the range of node ports, 30000 to 32767.");
            }
        }
    }
}
