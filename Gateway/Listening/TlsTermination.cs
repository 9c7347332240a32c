using System.Net.Security;
using System.Security.Authentication;
using Gateway.Mesh;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Listening;

/// <summary>
/// Ends TLS for a Gateway's port: the server name of the handshake chooses the server, and with it certificate, versions and the demand
/// for a client certificate, by the configuration in force at that moment.
/// </summary>
internal static class TlsTermination
{
    /// <summary>Adds TLS to a listener.</summary>
    public static void Use(ListenOptions endpoint, DoorListener listener, MeshState mesh) =>
        endpoint.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context =>
            {
                var name = context.ClientHelloInfo.ServerName;
                context.Connection.Features.Set(new ServerNameFeature(name));
                return mesh.Current.Proxies.FindTls(listener.GatewayPort, name) is { } server
                    ? new ValueTask<SslServerAuthenticationOptions>(server.Options)
                    // Envoy closes a connection that no filter chain takes.
                    : throw new AuthenticationException($"No Gateway has a server for the name '{name}'.");
            },
        });
}

/// <summary>The server name that a connection asked for (SNI); empty for none.</summary>
/// <param name="Name">The name.</param>
internal sealed record ServerNameFeature(string Name);
