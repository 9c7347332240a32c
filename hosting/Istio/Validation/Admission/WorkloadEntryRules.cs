using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a WorkloadEntry and in an endpoint of a ServiceEntry.
/// Source: https://istio.io/latest/docs/reference/config/networking/workload-entry/
/// </summary>
internal static class WorkloadEntryRules
{
    public static void Check(Place at, WorkloadEntry entry) => CheckEndpoint(at["spec"], entry.Spec, mayBeName: true);

    public static void CheckEndpoint(Place at, WorkloadEntrySpec entry, bool mayBeName)
    {
        var address = entry.Address ?? "";
        if (address.Length == 0)
        {
            CheckMissingAddress(at, entry);
        }
        else if (address.StartsWith(GatewayRules.UnixPrefix, StringComparison.Ordinal))
        {
            at["address"].Reject(GatewayRules.CheckSocket(address));
            if (!entry.Ports.IsAbsent)
            {
                at["ports"].Reject("A Unix domain socket has no ports; remove ports.");
            }
        }
        else if (address.Length > 256)
        {
            at["address"].Reject($"The address has {address.Length} characters; at most 256 are allowed.");
        }
        else if (!IpAddresses.IsAddress(address) && (!mayBeName || DnsNames.CheckFqdn(address) is not null))
        {
            at["address"].Reject(
                $"\"{address}\" is not an IP address{(mayBeName ? " or a host name" : "")}; correct "
                + $"it{(mayBeName ? "" : ", or use resolution DNS")}.");
        }

        foreach (var (name, port) in entry.Ports)
        {
            // The CRD stops at 62 characters, one below the DNS label.
            at["ports"][name].Reject(DnsNames.IsLabel(name) && name.Length < 63
                ? null
                : $"\"{name}\" is not a port name; use at most 62 letters, digits and hyphens.");
            SharedRules.CheckPort(at["ports"][name], port);
        }

        SharedRules.CheckLabels(at["labels"], entry.Labels);
    }

    private static void CheckMissingAddress(Place at, WorkloadEntrySpec entry)
    {
        if (string.IsNullOrEmpty(entry.Network))
        {
            at["address"].Reject("address is missing; write an IP address or a host name.");
        }
        else
        {
            at["address"].Warn(
                $"address is missing, so traffic goes to the gateway of network \"{entry.Network}\"; add it if that is not meant.");
        }
    }
}
