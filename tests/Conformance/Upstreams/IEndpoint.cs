namespace Conformance.Upstreams;

/// <summary>An endpoint of a case.</summary>
internal interface IEndpoint : IAsyncDisposable
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Where it listens on this machine.</summary>
    int Port { get; }

    /// <summary>How many requests are held back here; not those whose sender has given up.</summary>
    int Delays { get; }
}
