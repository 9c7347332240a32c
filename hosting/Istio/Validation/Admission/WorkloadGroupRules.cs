using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a WorkloadGroup.
/// Source: https://istio.io/latest/docs/reference/config/networking/workload-group/
/// </summary>
internal static class WorkloadGroupRules
{
    public static void Check(Place at, WorkloadGroup group)
    {
        var (place, spec) = (at["spec"], group.Spec);
        if (spec.Template is { } template)
        {
            WorkloadEntryRules.CheckWritten(place["template"], template, WorkloadEntryRules.Addresses.Any);
        }
        else
        {
            place["template"].Reject("template is missing; write template: {} when the WorkloadEntries have nothing in common.");
        }

        SharedRules.CheckLabels(place["metadata"]["labels"], spec.Metadata?.Labels ?? default);
        if (spec.Probe is { } probe)
        {
            CheckProbe(place["probe"], probe);
        }
    }

    private static void CheckProbe(Place at, ReadinessProbe probe)
    {
        var ways = new[]
        {
            ("httpGet", probe.HttpGet is not null), ("tcpSocket", probe.TcpSocket is not null),
            ("exec", probe.Exec is not null), ("grpc", probe.Grpc is not null),
        }.Where(way => way.Item2).Select(way => way.Item1).ToArray();
        if (ways.Length != 1)
        {
            at.Reject(ways.Length == 0
                ? "The probe does not say how to check; add httpGet, tcpSocket, exec or grpc."
                : $"{string.Join(" and ", ways)} exclude each other; keep one of them.");
        }

        if (probe.HttpGet is { } http)
        {
            CheckHttp(at["httpGet"], http);
        }

        if (probe.TcpSocket is { } tcp)
        {
            CheckPort(at["tcpSocket"], tcp.Port);
        }

        if (probe.Grpc?.Port is { } port)
        {
            SharedRules.CheckPort(at["grpc"]["port"], port);
        }

        if (probe.Exec is { } exec)
        {
            SharedRules.Required(at["exec"], "command", !exec.Command.IsEmpty, "write the command and its arguments.");
            for (var i = 0; i < exec.Command.Count; i++)
            {
                at["exec"]["command"][i].Reject(exec.Command[i].Length == 0 ? "The word is empty; write it, or remove it." : null);
            }
        }
    }

    private static void CheckHttp(Place at, HTTPHealthCheckConfig http)
    {
        CheckPort(at, http.Port);
        if (http.Scheme is not (null or "" or "HTTP" or "HTTPS"))
        {
            at["scheme"].Reject($"\"{http.Scheme}\" is not possible; use HTTP or HTTPS.");
        }

        for (var i = 0; i < http.HttpHeaders.Count; i++)
        {
            var name = http.HttpHeaders[i].Name ?? "";
            at["httpHeaders"][i]["name"].Reject(name.Length == 0
                ? "A header name is empty; write the header's name."
                : HttpHeaders.CheckPlainName(name));
        }
    }

    private static void CheckPort(Place at, uint? port)
    {
        if (port is { } number)
        {
            SharedRules.CheckPort(at["port"], number);
        }
        else
        {
            at["port"].Reject("port is missing; say which port to ask.");
        }
    }
}
