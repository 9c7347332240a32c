using System.Collections.Immutable;

namespace Aspire.Hosting.Orchestration.Proxy;

/// <summary>
/// The ports of the replicas that take connections for one endpoint. Writers swap an immutable array; readers take no lock.
/// </summary>
internal sealed class ReadyReplicas(string host)
{
    private ImmutableArray<int> _ports = [];
    private uint _next;

    /// <summary>The host at which all replicas listen.</summary>
    public string Host { get; } = host;

    /// <summary>The ports in the order in which their replicas became ready.</summary>
    public ImmutableArray<int> Ports => _ports;

    /// <summary>Adds a replica; does nothing when it is there already.</summary>
    public void Add(int port) =>
        ImmutableInterlocked.Update(ref _ports, static (ports, port) => ports.Contains(port) ? ports : ports.Add(port), port);

    /// <summary>Removes a replica; does nothing when it is not there.</summary>
    public void Remove(int port) => ImmutableInterlocked.Update(ref _ports, static (ports, port) => ports.Remove(port), port);

    /// <summary>The position of the next connection's turn, for use modulo the number of ports.</summary>
    public uint NextTurn() => Interlocked.Increment(ref _next) - 1;
}
