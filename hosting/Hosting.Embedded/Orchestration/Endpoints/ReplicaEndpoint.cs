using System.Collections.Immutable;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Ports;
using Aspire.Hosting.Orchestration.Proxy;

namespace Aspire.Hosting.Orchestration.Endpoints;

/// <summary>
/// One endpoint of a running resource: the ports of its replicas and, when callers use another port than they do, the proxy in between.
/// </summary>
internal sealed class ReplicaEndpoint(
    IResource resource,
    EndpointAnnotation annotation,
    int publicPort,
    IReadOnlyList<int> replicaPorts) : IAsyncDisposable
{
    private readonly ReadyReplicas _ready = new(annotation.TargetHost);
    private ImmutableArray<int> _replicaPorts = [.. replicaPorts];
    private Socket[]? _listeners;
    private TcpProxy? _proxy;
    private TimeProvider? _opensWhenReady;

    public EndpointAnnotation Annotation { get; } = annotation;

    /// <summary>The port callers use.</summary>
    public int PublicPort { get; } = publicPort;

    /// <summary>The ports of the replicas, in their order.</summary>
    public IReadOnlyList<int> ReplicaPorts => _replicaPorts;

    /// <summary>
    /// Whether the engine stands between callers and replicas; not when the first replica listens on the public port itself. That is
    /// decided once: a replica cannot be moved from its port while it runs.
    /// </summary>
    public bool HasProxy { get; } = replicaPorts.Count > 1 || replicaPorts[0] != publicPort;

    private bool HoldsConnections { get; } = HeldConnectionsAnnotation.AppliesTo(annotation, resource);

    /// <summary>The address as callers write it.</summary>
    public string Address => Loopback.IsAny(Annotation.TargetHost) ? "localhost" : Annotation.TargetHost;

    /// <summary>Takes the public port if a proxy is to listen there, else looks whether it is free; once, until disposed.</summary>
    /// <exception cref="DistributedApplicationException">The port is in use.</exception>
    public void Claim()
    {
        if (_listeners is not null || Annotation.Protocol != ProtocolType.Tcp)
        {
            return;
        }

        try
        {
            if (HasProxy)
            {
                _listeners = Loopback.Listen(Annotation.TargetHost, PublicPort);
            }
            else
            {
                Loopback.Probe(Annotation.TargetHost, PublicPort);
            }
        }
        catch (SocketException exception)
        {
            throw new DistributedApplicationException(PortOwner.Describe(PublicPort, Annotation.Name, resource.Name), exception);
        }
    }

    /// <summary>Lets the proxy, if there is one, accept connections.</summary>
    public void Open(TimeProvider time)
    {
        Claim();
        if (_listeners is null)
        {
            return;
        }

        if (HoldsConnections && _ready.Ports.IsEmpty)
        {
            // The socket listens already: connections queue in the kernel.
            _opensWhenReady = time;
        }
        else
        {
            _proxy ??= new TcpProxy(_listeners, _ready, time);
        }
    }

    /// <summary>Makes room for one more replica.</summary>
    public void AddReplica(int port) => _replicaPorts = _replicaPorts.Add(port);

    /// <summary>Forgets the last replica and gives its port.</summary>
    public int RemoveLastReplica()
    {
        var port = _replicaPorts[^1];
        _replicaPorts = _replicaPorts.RemoveAt(_replicaPorts.Length - 1);
        return port;
    }

    /// <summary>Puts a replica into rotation or takes it out.</summary>
    public void SetReady(int replica, bool isReady)
    {
        if (isReady)
        {
            _ready.Add(ReplicaPorts[replica]);
            if (Interlocked.Exchange(ref _opensWhenReady, null) is { } time)
            {
                Open(time);
            }
        }
        else
        {
            _ready.Remove(ReplicaPorts[replica]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
        else
        {
            Array.ForEach(_listeners ?? [], listener => listener.Dispose());
        }
    }
}
