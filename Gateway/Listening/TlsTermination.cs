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
    // What Kestrel allows for a handshake.
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(10);

    /// <summary>Adds TLS to a listener.</summary>
    public static void Use(ListenOptions endpoint, DoorListener listener, MeshState mesh, TimeProvider time)
    {
        endpoint.Use(next => async connection =>
        {
            // Seldom needed: a server has one certificate in most cases.
            if (mesh.Current.Proxies.HasCertificateChoice)
            {
                using var patience = new CancellationTokenSource(HandshakePatience, time);
                connection.Features.Set(await PeekAsync(connection, patience.Token));
            }

            await next(connection);
        });
        endpoint.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context =>
            {
                var name = context.ClientHelloInfo.ServerName;
                context.Connection.Features.Set(new ServerNameFeature(name));
                return mesh.Current.Proxies.FindTls(listener.GatewayPort, name) is { } server
                    ? new ValueTask<SslServerAuthenticationOptions>(
                        server.Tls.Choose(name, context.Connection.Features.Get<HelloFeature>()?.Hello))
                    // Envoy closes a connection that no filter chain takes.
                    : throw new AuthenticationException($"No Gateway has a server for the name '{name}'.");
            },
        });
    }

    /// <summary>Reads the client's first message, and leaves it where it is.</summary>
    private static async Task<HelloFeature> PeekAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(cancellationToken);
                var isWhole = ClientHello.TryRead(result.Buffer, out var hello) || result.IsCompleted;
                input.AdvanceTo(result.Buffer.Start, isWhole ? result.Buffer.Start : result.Buffer.End);
                if (isWhole)
                {
                    return new HelloFeature(hello);
                }
            }
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The client began no TLS handshake in time."));
            return new HelloFeature(null);
        }
        catch (Exception exception) when (exception is ConnectionResetException or ConnectionAbortedException)
        {
            return new HelloFeature(null);
        }
    }

    /// <summary>The client's first message; null for none that can be read.</summary>
    private sealed record HelloFeature(ClientHello? Hello);
}

/// <summary>The server name that a connection asked for (SNI); empty for none.</summary>
/// <param name="Name">The name.</param>
internal sealed record ServerNameFeature(string Name);
