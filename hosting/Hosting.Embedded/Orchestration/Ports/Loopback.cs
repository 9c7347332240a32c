using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Ports;

/// <summary>Sockets on "localhost", which is 127.0.0.1 and, where there is IPv6, ::1 as well.</summary>
internal static class Loopback
{
    private static readonly IPAddress[] Addresses =
        Socket.OSSupportsIPv6 && HasIPv6Loopback() ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
    private static readonly IPAddress[] AnyAddresses = Addresses.Length > 1 ? [IPAddress.IPv6Any] : [IPAddress.Any];

    /// <summary>Whether nobody listens on the port at any address of localhost.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            Probe("localhost", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// Listens on a port of a host name as it stands in an endpoint: localhost, an address, or * and 0.0.0.0 for all addresses.
    /// </summary>
    /// <exception cref="SocketException">The port is taken at one of the addresses, or the address is not of this machine.</exception>
    public static Socket[] Listen(string host, int port) => Open(host, port, listens: true);

    /// <summary>Looks whether <see cref="Listen"/> would succeed.</summary>
    /// <remarks>
    /// It binds, and does not listen: a process that is started at the same moment has a copy of every socket of this one until its program
    /// is loaded. A copy that listens keeps the port taken after the socket is closed here; one that is only bound keeps nobody away, as
    /// .NET sets SO_REUSEADDR: https://man7.org/linux/man-pages/man7/socket.7.html
    /// </remarks>
    /// <exception cref="SocketException">As with <see cref="Listen"/>.</exception>
    public static void Probe(string host, int port) => Array.ForEach(Open(host, port, listens: false), socket => socket.Dispose());

    /// <summary>
    /// Connects to a port of localhost or of an address. A program may listen at one of the two addresses of localhost only, so the
    /// other is tried when one refuses.
    /// </summary>
    /// <exception cref="SocketException">No address accepted.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var (socket, error) = await TryConnectAsync(host, port, cancellationToken);
        return socket ?? throw new SocketException((int)error);
    }

    /// <summary>As <see cref="ConnectAsync"/>, with the error as a value: for those that expect it many times a second.</summary>
    public static async Task<(Socket? Socket, SocketError Error)> TryConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var error = SocketError.HostNotFound;
        foreach (var address in IsAny(host) ? Addresses : Resolve(host))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                error = await SocketConnect.RunAsync(socket, new IPEndPoint(address, port), cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            if (error == SocketError.Success)
            {
                return (socket, error);
            }

            socket.Dispose();
        }

        return (null, error);
    }

    /// <summary>Whether a host name of an endpoint stands for all addresses of this machine.</summary>
    public static bool IsAny(string host) => host is "*" or "+" or "0.0.0.0" or "[::]" or "::";

    private static Socket[] Open(string host, int port, bool listens)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var address in Resolve(host))
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                if (address.Equals(IPAddress.IPv6Any))
                {
                    socket.DualMode = true;
                }

                socket.Bind(new IPEndPoint(address, port));
                if (listens)
                {
                    socket.Listen();
                }
            }

            return [.. sockets];
        }
        catch (SocketException)
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
    }

    private static IPAddress[] Resolve(string host) => host switch
    {
        _ when IsAny(host) => AnyAddresses,
        _ when IPAddress.TryParse(host.Trim('[', ']'), out var address) => [address],
        _ => Addresses,
    };

    private static bool HasIPv6Loopback()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
