namespace Aspire.Hosting.Orchestration.Ports;

/// <summary>The ports of one application: each is used once until the application is disposed. Safe for use by several threads.</summary>
internal sealed class PortAllocator(Random random) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<int> _taken = [];

    /// <summary>A port of localhost that neither this nor any other application of this engine will be given.</summary>
    public int Allocate()
    {
        lock (_gate)
        {
            var port = PortBlocks.Take(random);
            _taken.Add(port);
            return port;
        }
    }

    /// <summary>Gives a port back; nobody may listen on it any more.</summary>
    public void Free(int port)
    {
        lock (_gate)
        {
            if (_taken.Remove(port))
            {
                PortBlocks.Return([port]);
            }
        }
    }

    /// <summary>Gives all ports back; nobody may listen on them any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            PortBlocks.Return(_taken);
            _taken.Clear();
        }
    }
}
