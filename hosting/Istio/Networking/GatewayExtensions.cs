using Istio.Documents;

namespace Istio.Networking;

/// <summary>Writes a <see cref="Gateway"/> in C#. Each call returns a changed copy.</summary>
public static class GatewayExtensions
{
    extension(Gateway)
    {
        /// <summary>A gateway without servers, run by Istio's own ingress gateway until <c>Selector</c> chooses other pods.</summary>
        public static Gateway For(string name) => new Gateway().Named(name).Selector(("istio", "ingressgateway"));
    }

    /// <summary>Replaces the labels of the pods that run the gateway.</summary>
    public static Gateway Selector(this Gateway gateway, params ReadOnlySpan<(string Key, string Value)> labels) =>
        gateway with { Spec = gateway.Spec with { Selector = ResourceExtensions.ToDictionary(labels) } };

    /// <summary>Adds a plain HTTP port for some hosts; none means all.</summary>
    public static Gateway Http(this Gateway gateway, int port, params ReadOnlySpan<string> hosts) =>
        gateway.Server(port, "HTTP", hosts, null);

    /// <summary>Adds an HTTPS port for some hosts; none means all.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="port">The port.</param>
    /// <param name="credentialName">Secret with key and certificate.</param>
    /// <param name="hosts">The hosts.</param>
    public static Gateway Https(this Gateway gateway, int port, string credentialName, params ReadOnlySpan<string> hosts) =>
        gateway.Server(port, "HTTPS", hosts, new() { Mode = ServerTlsMode.Simple, CredentialName = credentialName });

    /// <summary>Adds a port that redirects every request to HTTPS.</summary>
    public static Gateway RedirectToHttps(this Gateway gateway, int port, params ReadOnlySpan<string> hosts) =>
        gateway.Server(port, "HTTP", hosts, new() { HttpsRedirect = true });

    private static Gateway Server(this Gateway gateway, int port, string protocol, ReadOnlySpan<string> hosts, ServerTLSSettings? tls) =>
        gateway with
        {
            Spec = gateway.Spec with
            {
                Servers = gateway.Spec.Servers.Add(new()
                {
                    Port = new()
                    {
                        Number = checked((uint)port),
                        Name = $"{(protocol == "HTTPS" ? "https" : "http")}-{port}",
                        Protocol = protocol
                    },
                    Hosts = hosts.IsEmpty ? ["*"] : EquatableCollections.CreateArray(hosts),
                    Tls = tls,
                }),
            },
        };
}
