using System.Text.Json;

namespace Gateway.Policies.Jwt;

/// <summary>Keys that are fetched from a URL, or from the one that the issuer publishes by OpenID Connect discovery.</summary>
/// <remarks>
/// Istio fetches keys in the control plane, when the resource appears and every 20 minutes after, not for a request (its default,
/// PILOT_JWT_ENABLE_REMOTE_JWKS=false): pilot/pkg/model/jwks_resolver.go. A refresh that fails leaves the old keys in force.
/// </remarks>
internal sealed partial class RemoteKeys : KeySource, IDisposable
{
    /// <summary>How often keys are fetched again.</summary>
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(20);

    /// <summary>How soon after a first failure; each further one doubles it, up to <see cref="LongestFailureInterval"/>.</summary>
    internal static readonly TimeSpan FailureInterval = TimeSpan.FromMinutes(1);

    /// <summary>The longest time between attempts.</summary>
    internal static readonly TimeSpan LongestFailureInterval = TimeSpan.FromMinutes(60);

    /// <summary>The time between attempts of one refresh.</summary>
    internal static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long keys stay in force that cannot be fetched again.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>How often a refresh tries again.</summary>
    internal const int Retries = 7;

    private const int MaxBytes = 1 << 20;

    private readonly string _issuer;
    private readonly string? _url;
    private readonly TimeSpan _timeout;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Fetched? _current;
    private int _isDisposed;

    /// <summary>Starts to fetch.</summary>
    /// <param name="issuer">The issuer, for discovery.</param>
    /// <param name="url">The URL of the keys; null or empty for discovery.</param>
    /// <param name="timeout">The time for one fetch.</param>
    /// <param name="http">Sends the requests.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Gets what goes wrong.</param>
    public RemoteKeys(string issuer, string? url, TimeSpan timeout, HttpMessageInvoker http, TimeProvider time, ILogger logger)
    {
        (_issuer, _url, _timeout) = (issuer, url, timeout);
        (_http, _time, _logger) = (http, time, logger);
        Completion = RunAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public override Task Ready => _ready.Task;

    /// <summary>Completes after <see cref="Dispose"/>, when nothing is under way any more.</summary>
    internal Task Completion { get; }

    /// <inheritdoc/>
    public override bool TryGet(out JsonWebKeys? keys)
    {
        keys = _current?.Keys;
        return _current is not null;
    }

    /// <summary>Stops fetching.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _stop.Cancel();
            _stop.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The first fetch is not repeated, so that requests wait no longer than its timeout.
            var works = await FetchAsync(retries: 0, cancellationToken) || await FetchAsync(Retries, cancellationToken);
            for (var failures = works ? 0 : 1; ;)
            {
                await PauseAsync(Interval(failures), cancellationToken);
                failures = await FetchAsync(Retries, cancellationToken) ? 0 : failures + 1;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: there will be no keys.
            _current ??= new Fetched(JsonWebKeys.Unavailable, "", default);
            _ready.TrySetResult();
        }
    }

    private static TimeSpan Interval(int failures)
    {
        if (failures == 0)
        {
            return RefreshInterval;
        }

        var minutes = FailureInterval.TotalMinutes * Math.Pow(2, Math.Min(failures - 1, 10));
        return TimeSpan.FromMinutes(Math.Min(minutes, LongestFailureInterval.TotalMinutes));
    }

    private async Task<bool> FetchAsync(int retries, CancellationToken cancellationToken)
    {
        for (; ; retries--)
        {
            try
            {
                Accept(await ReadKeysAsync(cancellationToken));
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested
                && exception is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
            {
                Refuse(exception);
            }

            if (retries == 0)
            {
                return false;
            }

            await PauseAsync(RetryInterval, cancellationToken);
        }
    }

    /// <summary>Until the next attempt: a tick that no request waits for, and no delay of any.</summary>
    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(pause, _time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }

    private void Accept(string json)
    {
        if (_current?.Json != json)
        {
            var faults = new List<string>();
            var keys = JsonWebKeys.Parse(json, faults);
            foreach (var fault in faults)
            {
                LogFault(_issuer, fault);
            }

            _current = new Fetched(keys, json, _time.GetUtcNow());
        }
        else
        {
            _current = _current with { At = _time.GetUtcNow() };
        }

        _ready.TrySetResult();
    }

    private void Refuse(Exception exception)
    {
        LogFailure(_issuer, exception.Message);
        if (_current is null || _time.GetUtcNow() - _current.At >= Lifetime)
        {
            _current = new Fetched(JsonWebKeys.Unavailable, "", default);
        }

        _ready.TrySetResult();
    }

    private async Task<string> ReadKeysAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var url = string.IsNullOrEmpty(_url) ? await DiscoverAsync(linked.Token) : _url;
        var json = await ReadAsync(url, linked.Token);
        return IsKeySet(json) ? json : throw new InvalidDataException($"{url} gives no JSON object with a list \"keys\"");
    }

    /// <summary>https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig</summary>
    private async Task<string> DiscoverAsync(CancellationToken cancellationToken)
    {
        var issuer = _issuer.EndsWith('/') ? _issuer[..^1] : _issuer;
        var url = $"{issuer}/.well-known/openid-configuration";
        var json = await ReadAsync(url, cancellationToken);
        try
        {
            return JsonElement.Parse(json) is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("jwks_uri", out var uri) && uri.ValueKind == JsonValueKind.String
                ? uri.GetString()! : throw new InvalidDataException($"{url} has no jwks_uri");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{url} is no JSON: {exception.Message}", exception);
        }
    }

    private async Task<string> ReadAsync(string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new InvalidDataException($"\"{url}\" is no http or https URL");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{url} answers with status {(int)response.StatusCode}");
        }

        await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    private static bool IsKeySet(string json)
    {
        try
        {
            return JsonElement.Parse(json) is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("keys", out var keys)
                && keys.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The keys of {Issuer} could not be fetched: {Reason}.")]
    private partial void LogFailure(string issuer, string reason);

    [LoggerMessage(LogLevel.Warning, "Of the keys of {Issuer}, one cannot be used: {Fault}.")]
    private partial void LogFault(string issuer, string fault);

    private sealed record Fetched(JsonWebKeys? Keys, string Json, DateTimeOffset At);
}
