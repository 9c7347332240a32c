using Istio.Documents;

namespace Istio.Security;

/// <summary>
/// Writes a <see cref="PeerAuthentication"/> in C#. Each call returns a changed copy.
/// </summary>
public static class PeerAuthenticationExtensions
{
    extension(PeerAuthentication)
    {
        /// <summary>A policy for the workloads with these labels; no label means the whole namespace.</summary>
        /// <param name="name">Name of the resource.</param>
        /// <param name="mode">One of <see cref="MutualTlsMode"/>.</param>
        /// <param name="labels">Labels of the workloads.</param>
        public static PeerAuthentication For(string name, string mode, params ReadOnlySpan<(string Key, string Value)> labels) =>
            new PeerAuthentication
            {
                Spec = new()
                {
                    Selector = ResourceExtensions.SelectorOf(labels),
                    Mtls = new() { Mode = mode }
                }
            }.Named(name);
    }

    /// <summary>Sets the mode of one port of the workload; the policy needs labels for it.</summary>
    public static PeerAuthentication Port(this PeerAuthentication policy, int port, string mode) =>
        policy with
        {
            Spec = policy.Spec with
            {
                PortLevelMtls = policy.Spec.PortLevelMtls.With(port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    new() { Mode = mode }),
            },
        };
}
