using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

// What no gateway on ASP.NET Core's connections can be cheaper than: takes what a client's connection gives, sends it to a replica as it is,
// and sends back what that gives. Reads nothing, changes nothing, and relies on messages that come in one piece, as the benchmark's do. Its
// sockets are served as the gateway's are (Gateway/Listening/SocketThreads.cs).
// Arguments: the address to listen at, then the addresses of the replicas.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", $"{Math.Max(1, Environment.ProcessorCount / 2)}");
var (port, replicaPorts) = (new Uri(args[0]).Port, args[1..].Select(replica => new Uri(replica).Port).ToArray());
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port, endpoint => endpoint.Run(RelayAsync)));
builder.Build().Run();

async Task RelayAsync(ConnectionContext client)
{
    var buffer = GC.AllocateArray<byte>(4096, pinned: true);
    var replicas = new Socket[replicaPorts.Length];
    try
    {
        for (var turn = 0; ; turn++)
        {
            var read = await client.Transport.Input.ReadAsync();
            if (read.IsCompleted)
            {
                return;
            }

            var index = turn % replicas.Length;
            var replica = replicas[index] ??= Connect(replicaPorts[index]);
            var length = (int)read.Buffer.Length;
            read.Buffer.CopyTo(buffer);
            client.Transport.Input.AdvanceTo(read.Buffer.End);
            await replica.SendAsync(buffer.AsMemory(0, length));
            length = await replica.ReceiveAsync(buffer.AsMemory());
            await client.Transport.Output.WriteAsync(buffer.AsMemory(0, length));
        }
    }
    finally
    {
        Array.ForEach(replicas, replica => replica?.Dispose());
    }
}

static Socket Connect(int port)
{
    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    socket.Connect(IPAddress.Loopback, port);
    return socket;
}
