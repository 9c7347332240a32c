using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>What a plain request costs the gateway in memory: next to nothing of its own.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Warmup = 3000;
    private const int Requests = 5000;

    // Kestrel's share, the task of a request, the enumeration of its headers and its id: about 400 bytes at either door. Without the
    // compiler's optimisation the state of every asynchronous method is an object, too.
#if DEBUG
    private const int Most = 3000;
#else
    private const int Most = 600;
#endif

    private static readonly byte[] Request = Encoding.ASCII.GetBytes(
        "GET /ping HTTP/1.1\r\nHost: example.com\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n");

    [Fact]
    public async Task A_routed_request_leaves_little_for_the_collector()
    {
        using var upstream = new Upstream();
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("match: [{ uri: { prefix: / } }], timeout: 10s", "", upstream.Port));
        var istio = Measure(gateway.IstioPort);
        TestContext.Current.TestOutputHelper?.WriteLine($"{istio} bytes per request");
        Assert.InRange(istio, 0, Most);
    }

    [Fact]
    public async Task So_does_one_at_the_Ingress_door()
    {
        using var upstream = new Upstream();
        await using var gateway = await TestGateway.StartAsync(Documents.Join(
            Documents.Service("ping"), Documents.Workload("ping", upstream.Port), Documents.Ingress("a", "", "", "Prefix / ping")));
        var ingress = Measure(gateway.Port);
        TestContext.Current.TestOutputHelper?.WriteLine($"{ingress} bytes per request");
        Assert.InRange(ingress, 0, Most);
    }

    /// <summary>Bytes allocated in this process for each request; client and upstream allocate nothing.</summary>
    private static long Measure(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        var buffer = new byte[4096];
        void Send(int count)
        {
            for (var i = 0; i < count; i++)
            {
                socket.Send(Request);
                var received = 0;
                while (!buffer.AsSpan(0, received).EndsWith("pong"u8))
                {
                    received += socket.Receive(buffer.AsSpan(received));
                }
            }
        }

        Send(Warmup);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Send(Requests);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;
    }

    /// <summary>An endpoint on threads of its own that allocates nothing for a request.</summary>
    private sealed class Upstream : IDisposable
    {
        private static readonly byte[] Response = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\npong");

        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public Upstream()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            new Thread(Accept) { IsBackground = true }.Start();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public void Dispose() => _listener.Dispose();

        private void Accept()
        {
            try
            {
                while (true)
                {
                    var socket = _listener.Accept();
                    new Thread(() => Serve(socket)) { IsBackground = true }.Start();
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
            }
        }

        private static void Serve(Socket socket)
        {
            using (socket)
            {
                var buffer = new byte[4096];
                var received = 0;
                try
                {
                    while (socket.Receive(buffer.AsSpan(received)) is var count and > 0)
                    {
                        received += count;
                        if (buffer.AsSpan(0, received).EndsWith("\r\n\r\n"u8))
                        {
                            received = 0;
                            socket.Send(Response);
                        }
                    }
                }
                catch (SocketException)
                {
                }
            }
        }
    }
}
