using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a WorkloadEntry and in an endpoint of a ServiceEntry.
/// Source: https://istio.io/latest/docs/reference/config/networking/workload-entry/
/// </summary>
internal static class WorkloadEntryRules
{
    public static void Check(Place at, WorkloadEntry entry) => CheckEndpoint(at["spec"], entry.Spec, Addresses.Any);

    /// <summary>What an endpoint's address may be.</summary>
    [Flags]
    public enum Addresses
    {
        Ip = 0,
        Name = 1,
        Socket = 2,
        Any = Name | Socket,
    }

    public static void CheckEndpoint(Place at, WorkloadEntrySpec entry, Addresses allowed)
    {
        if (string.IsNullOrEmpty(entry.Address))
        {
            CheckMissingAddress(at, entry);
        }

        CheckWritten(at, entry, allowed);
    }

    /// <summary>What is written, whether or not there is an address.</summary>
    public static void CheckWritten(Place at, WorkloadEntrySpec entry, Addresses allowed)
    {
        var address = entry.Address ?? "";
        if (allowed.HasFlag(Addresses.Socket) && address.StartsWith(GatewayRules.UnixPrefix, StringComparison.Ordinal))
        {
            at["address"].Reject(GatewayRules.CheckSocket(address));
            if (!entry.Ports.IsAbsent)
            {
                at["ports"].Reject("A Unix domain socket has no ports; remove ports.");
            }
        }
        else if (address.Length > 0 && !IpAddresses.IsAddress(address)
            && (!allowed.HasFlag(Addresses.Name) || DnsNames.CheckFqdn(address) is not null))
        {
            at["address"].Reject(
                $"\"{address}\" is not an IP address{(allowed.HasFlag(Addresses.Name) ? " or a host name" : "")}; correct "
                + $"it{(allowed.HasFlag(Addresses.Name) ? "" : ", or use resolution DNS")}.");
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
