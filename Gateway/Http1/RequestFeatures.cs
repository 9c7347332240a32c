using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Gateway.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Http1;

/// <summary>
/// The request that a connection is at, and its response, as ASP.NET Core wants to see them. One object for all requests of a connection,
/// one after the other.
/// </summary>
internal class RequestFeatures :
    IFeatureCollection, IHttpRequestFeature, IHttpRequestBodyDetectionFeature, IHttpRequestLifetimeFeature, IHttpResponseFeature,
    IHttpResponseBodyFeature, IHttpConnectionFeature, ITlsConnectionFeature
{
    private readonly ConnectionContext _connection;
    private readonly IPEndPoint? _remote;
    private readonly IPEndPoint? _local;
    private readonly RequestReader _reader = new();
    private readonly Dictionary<Type, object?> _others = [];
    private IHeaderDictionary? _replacedHeaders;
    private List<(Func<object, Task> Callback, object State)>? _onStarting;
    private List<(Func<object, Task> Callback, object State)>? _onCompleted;
    private Stream? _replacedBody;
    private Stream? _body;

    /// <summary>Makes it for a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="listener">Where it came in.</param>
    /// <param name="deadline">How long its client may take nothing.</param>
    public RequestFeatures(ConnectionContext connection, DoorListener listener, ConnectionDeadline deadline)
    {
        (_connection, Listener) = (connection, listener);
        Writer = new ResponseWriter(this, new SocketOutput(connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket, deadline));
        _remote = connection.RemoteEndPoint as IPEndPoint;
        _local = connection.LocalEndPoint as IPEndPoint;
    }

    /// <summary>Where the connection came in.</summary>
    public DoorListener Listener { get; }

    /// <summary>Writes the response.</summary>
    public ResponseWriter Writer { get; }

    /// <summary>The request's headers.</summary>
    public HeaderList RequestHeaders { get; } = new(isResponse: false);

    /// <summary>The response's headers.</summary>
    public HeaderList ResponseHeaders { get; } = new(isResponse: true);

    /// <summary>Whether the connection can serve another request after this one.</summary>
    public bool KeepsAlive { get; set; }

    public string Protocol { get; set; } = "";

    public string Scheme { get; set; } = "";

    public string Method { get; set; } = "";

    public string PathBase { get; set; } = "";

    public string Path { get; set; } = "";

    public string QueryString { get; set; } = "";

    public string RawTarget { get; set; } = "";

    IHeaderDictionary IHttpRequestFeature.Headers
    {
        get => _replacedHeaders ?? RequestHeaders;
        set => _replacedHeaders = value;
    }

    Stream IHttpRequestFeature.Body
    {
        get => _replacedBody ?? Stream.Null;
        set => _replacedBody = value;
    }

    public bool CanHaveBody => false;

    public CancellationToken RequestAborted { get; set; }

    public int StatusCode { get; set; }

    public string? ReasonPhrase { get; set; }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => ResponseHeaders;
        set => throw new NotSupportedException();
    }

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => throw new NotSupportedException();
    }

    public bool HasStarted => Writer.HasStarted;

    public Stream Stream => _body ??= Writer.AsStream(leaveOpen: true);

    PipeWriter IHttpResponseBodyFeature.Writer => Writer;

    public string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public IPAddress? RemoteIpAddress { get; set; }

    public IPAddress? LocalIpAddress { get; set; }

    public int RemotePort { get; set; }

    public int LocalPort { get; set; }

    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Whether somebody has put something of his own in place of this.</summary>
    public bool AreReplaced { get; private set; }

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get => _others.TryGetValue(key, out var feature) ? feature : key.IsInstanceOfType(this) ? this : _connection.Features[key];
        set
        {
            _others[key] = value;
            AreReplaced |= key.IsInstanceOfType(this);
            Revision++;
        }
    }

    /// <summary>Begins with a request.</summary>
    /// <returns>False when it is not plain, and so not served here.</returns>
    public bool TryBegin(ReadOnlySpan<byte> head)
    {
        RequestHeaders.Reset();
        if (!_reader.TryRead(head, RequestHeaders))
        {
            return false;
        }

        (Method, RawTarget, Path, QueryString) = (_reader.Method, _reader.Target, _reader.Path, _reader.Query);
        (Protocol, Scheme, PathBase) = (HttpProtocol.Http11, "http", "");
        (RemoteIpAddress, RemotePort, LocalIpAddress, LocalPort) = (_remote?.Address, _remote?.Port ?? 0, _local?.Address, _local?.Port ?? 0);
        RequestAborted = _connection.ConnectionClosed;
        if (_others.Count > 0)
        {
            _others.Clear();
            AreReplaced = false;
            Revision++;
        }

        (_replacedHeaders, _replacedBody, _onStarting, _onCompleted) = (null, null, null, null);
        Reset();
        return true;
    }

    /// <summary>Forgets the response, of which nothing has been sent.</summary>
    public void Reset()
    {
        (StatusCode, ReasonPhrase) = (StatusCodes.Status200OK, null);
        ResponseHeaders.Reset();
        Writer.Reset();
    }

    /// <summary>Whether somebody wants to be asked before the response begins.</summary>
    public bool HasOnStarting => _onStarting is not null;

    /// <summary>Whether somebody wants to be told of the end.</summary>
    public bool HasOnCompleted => _onCompleted is not null;

    public void OnStarting(Func<object, Task> callback, object state) => (_onStarting ??= []).Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => (_onCompleted ??= []).Add((callback, state));

    /// <summary>Asks those who want to be asked before the response begins: the last first, as ASP.NET Core's servers do.</summary>
    public async Task StartingAsync()
    {
        while (_onStarting is [.., var (callback, state)])
        {
            _onStarting.RemoveAt(_onStarting.Count - 1);
            await callback(state);
        }

        _onStarting = null;
    }

    /// <summary>Tells those who want to be told of the end.</summary>
    public async ValueTask CompletedAsync()
    {
        while (_onCompleted is [.., var (callback, state)])
        {
            _onCompleted.RemoveAt(_onCompleted.Count - 1);
            await callback(state);
        }
    }

    /// <summary>Whether the response was broken off.</summary>
    public bool IsAborted { get; private set; }

    public void Abort()
    {
        (KeepsAlive, IsAborted) = (false, true);
        _connection.Abort(new ConnectionAbortedException("The response was broken off."));
    }

    public void DisableBuffering()
    {
        // There is none.
    }

    public async Task StartAsync(CancellationToken cancellationToken = default) => await Writer.FlushAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public Task CompleteAsync() => Writer.CompleteResponseAsync().AsTask();

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);

    public TFeature? Get<TFeature>() =>
        _others.Count > 0 && _others.TryGetValue(typeof(TFeature), out var other) ? (TFeature?)other
            : this is TFeature own ? own
            : _connection.Features.Get<TFeature>();

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    [SuppressMessage("Design", "CA1033", Justification = "Nobody enumerates features.")]
    IEnumerator<KeyValuePair<Type, object>> IEnumerable<KeyValuePair<Type, object>>.GetEnumerator() =>
        _others.Where(other => other.Value is not null).Select(other => KeyValuePair.Create(other.Key, other.Value!)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<KeyValuePair<Type, object>>)this).GetEnumerator();
}
