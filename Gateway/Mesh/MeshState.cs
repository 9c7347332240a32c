namespace Gateway.Mesh;

/// <summary>The configuration in force. A reload replaces it by one write of a reference.</summary>
internal sealed class MeshState
{
    private volatile MeshSnapshot _current;

    /// <summary>Starts with a configuration.</summary>
    public MeshState(MeshSnapshot initial) => _current = initial;

    /// <summary>The configuration for a request that begins now.</summary>
    public MeshSnapshot Current => _current;

    /// <summary>Told after another configuration has been put in force.</summary>
    public event Action<MeshSnapshot>? Replaced;

    /// <summary>Puts another configuration in force.</summary>
    public void Replace(MeshSnapshot snapshot)
    {
        _current = snapshot;
        Replaced?.Invoke(snapshot);
    }
}
