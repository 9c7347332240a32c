using System.Net;
using System.Net.Sockets;

namespace Tests.Shared;

/// <summary>Ports for programs that have to be told one.</summary>
internal static class FreePort
{
    // Below the ports that the kernel gives to whoever asks for any, as most tests and all clients do, and below those of the embedded
    // engine: nobody is likely to take one before the program that is told it listens.
    private const int First = 10_000;
    private const int End = 20_000;

    /// <summary>A port where nobody listens.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }
}
