using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Ports;

/// <summary>
/// The ports this process may hand out, shared by all applications in it. Other processes that use the same scheme cannot hand out the
/// same ones: the range is cut in blocks, and a process owns a block for as long as it listens on the block's first port, which the
/// kernel grants to one process and takes back when it ends. A child can therefore be given a port that nobody listens on yet.
/// </summary>
/// <remarks>
/// The range lies below those that systems give to outgoing connections (Linux 32768-60999, others 49152-65535: RFC 6335 section 6) and
/// below the NodePorts of Kubernetes (30000-32767).
/// </remarks>
internal static class PortBlocks
{
    private const int First = 20_000;
    private const int BlockSize = 50;
    private const int BlockCount = 100;

    private static readonly Lock Gate = new();
    private static readonly List<Socket> Guards = [];

    // First in, first out: a port that was given back is used again as late as possible.
    private static readonly Queue<int> Available = new();

    /// <summary>Takes a port that is free at every address of localhost.</summary>
    /// <exception cref="DistributedApplicationException">All ports of the range are taken.</exception>
    public static int Take(Random random)
    {
        lock (Gate)
        {
            while (true)
            {
                for (var left = Available.Count; left > 0; left--)
                {
                    var port = Available.Dequeue();
                    if (Loopback.IsFree(port))
                    {
                        return port;
                    }

                    Available.Enqueue(port);
                }

                AcquireBlock(random.Next(BlockCount));
            }
        }
    }

    /// <summary>Gives ports back.</summary>
    public static void Return(IEnumerable<int> ports)
    {
        lock (Gate)
        {
            foreach (var port in ports)
            {
                Available.Enqueue(port);
            }
        }
    }

    private static void AcquireBlock(int start)
    {
        for (var i = 0; i < BlockCount; i++)
        {
            var first = First + ((start + i) % BlockCount * BlockSize);
            try
            {
                Guards.AddRange(Loopback.Listen("127.0.0.1", first));
            }
            catch (SocketException)
            {
                continue;
            }

            for (var port = first + 1; port < first + BlockSize; port++)
            {
                Available.Enqueue(port);
            }

            return;
        }

        throw new DistributedApplicationException(
            $"No port between {First} and {First + (BlockSize * BlockCount) - 1} is left for a replica: end programs that listen there.");
    }
}
