using System.Diagnostics;
using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A network endpoint of a resource: its name, scheme and ports, and the address it was given once the application runs.</summary>
[DebuggerDisplay("{Name,nq} ({UriScheme,nq}), port {Port}")]
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly AllocationSignal _allocation = new();
    private int? _port;
    private int? _targetPort;
    private string? _transport;
    private bool? _tlsEnabled;

    /// <summary>Declares an endpoint.</summary>
    /// <param name="protocol">The transport protocol: TCP or UDP.</param>
    /// <param name="uriScheme">The scheme of its URL; the protocol's name by default.</param>
    /// <param name="transport">
    /// The application protocol: <c>http</c>, <c>http2</c> or <c>tcp</c>; derived from the scheme by default.
    /// </param>
    /// <param name="name">Its name, unique within the resource; the scheme by default.</param>
    /// <param name="port">The port callers use; chosen when the application starts by default.</param>
    /// <param name="targetPort">The port the process listens on; chosen when the application starts by default.</param>
    /// <param name="isExternal">
    /// Whether it is meant to be reached from outside of the deployment. <see langword="false" /> by default.
    /// </param>
    /// <param name="isProxied">Whether a proxy may stand between callers and the process. <see langword="true" /> by default.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        [EndpointName] string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        UriScheme = uriScheme ?? (protocol == ProtocolType.Udp ? "udp" : "tcp");
        Name = name ?? UriScheme;
        ModelName.Validate("Endpoint", Name);
        Protocol = protocol;
        _transport = transport;
        _port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsExplicitlyProxied = isProxied;
    }

    /// <summary>The name, unique within the resource.</summary>
    public string Name { get; set; }

    /// <summary>The transport protocol.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>
    /// The port callers use, or <see langword="null" /> when it is chosen at start. Without a proxy it defaults to the target port.
    /// </summary>
    public int? Port
    {
        get => _port ?? (IsProxied ? null : _targetPort);
        set => _port = value;
    }

    /// <summary>
    /// The port the process listens on, or <see langword="null" /> when it is chosen at start. Without a proxy it defaults to
    /// <see cref="Port" />.
    /// </summary>
    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied ? null : _port);
        set => _targetPort = value;
    }

    /// <summary>The scheme of the endpoint's URL.</summary>
    public string UriScheme { get; set; }

    /// <summary>The host the process listens on, <c>localhost</c> by default.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>The application protocol: <c>http</c> for the schemes http and https, else the transport protocol's name.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol == ProtocolType.Udp ? "udp" : "tcp");
        set => _transport = value;
    }

    /// <summary>Whether the endpoint is meant to be reached from outside of the deployment.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether a proxy may stand between callers and the process; <see langword="true" /> unless it was set.</summary>
    public bool IsProxied
    {
        get => IsExplicitlyProxied ?? true;
        set => IsExplicitlyProxied = value;
    }

    /// <summary>What the author said about a proxy; <see langword="null" /> when nothing.</summary>
    public bool? IsExplicitlyProxied { get; set; }

    /// <summary>Whether a reference to the whole resource leaves this endpoint out.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>Whether the endpoint speaks TLS; derived from the scheme unless it was set.</summary>
    public bool TlsEnabled
    {
        get => _tlsEnabled ?? string.Equals(UriScheme, "https", StringComparison.OrdinalIgnoreCase);
        set => _tlsEnabled = value;
    }

    /// <summary>
    /// The address callers use, once it is known. With one replica it is the process's own, with several that of a proxy in front of
    /// them. Setting it wakes those who wait for it; setting it to <see langword="null" /> makes their wait fail.
    /// </summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocation.Current;
        set
        {
            if (value is null)
            {
                _allocation.Fail(new InvalidOperationException($"The endpoint `{Name}` is not allocated"));
            }
            else
            {
                _allocation.Set(value);
            }
        }
    }

    /// <summary>Whether the endpoint was read from a launch profile.</summary>
    internal bool FromLaunchProfile { get; set; }

    /// <summary>Whether the process is told the port by an environment variable of its own rather than by <c>ASPNETCORE_URLS</c>.</summary>
    internal bool HasPortVariable { get; set; }

    /// <summary>Whether it is the HTTPS endpoint a published web project has though nobody declared it.</summary>
    internal bool IsImplicitHttps { get; set; }

    /// <summary>Waits until the endpoint has an address.</summary>
    internal Task<AllocatedEndpoint> WaitForAllocationAsync(CancellationToken cancellationToken) =>
        _allocation.WaitAsync(cancellationToken);

    /// <summary>A value that can be set, awaited and set again.</summary>
    private sealed class AllocationSignal
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource<AllocatedEndpoint> _source = NewSource();

        public AllocatedEndpoint? Current => _source.Task is { IsCompletedSuccessfully: true } done ? done.Result : null;

        public Task<AllocatedEndpoint> WaitAsync(CancellationToken cancellationToken) => _source.Task.WaitAsync(cancellationToken);

        public void Set(AllocatedEndpoint value)
        {
            lock (_lock)
            {
                if (!_source.TrySetResult(value))
                {
                    _source = NewSource();
                    _source.SetResult(value);
                }
            }
        }

        public void Fail(Exception exception)
        {
            lock (_lock)
            {
                if (!_source.TrySetException(exception))
                {
                    _source = NewSource();
                    _source.SetException(exception);
                }

                // Nobody has to be waiting.
                _ = _source.Task.Exception;
            }
        }

        private static TaskCompletionSource<AllocatedEndpoint> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
