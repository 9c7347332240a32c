namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a command that sends an HTTP request works and is shown.</summary>
public class HttpCommandOptions : CommandOptions
{
    /// <summary>Chooses the endpoint; not used when the endpoint is given to <c>WithHttpCommand</c>.</summary>
    public Func<EndpointReference>? EndpointSelector { get; set; }

    /// <summary>The HTTP method, POST by default.</summary>
    public HttpMethod? Method { get; set; }

    /// <summary>The name of the HTTP client that sends the request; by default one without a timeout.</summary>
    public string? HttpClientName { get; set; }

    /// <summary>Changes the request before it is sent.</summary>
    public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }

    /// <summary>Makes the result of the command from the response; by default a status of 200 to 299 is success.</summary>
    public Func<HttpCommandResultContext, Task<ExecuteCommandResult>>? GetCommandResult { get; set; }

    /// <summary>Whether the body of the response is returned. Not by default.</summary>
    public HttpCommandResultMode ResultMode { get; set; }
}

/// <summary>Whether and how the body of a response is returned as the result of a command.</summary>
public enum HttpCommandResultMode
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>As its content type says; not when that is neither JSON nor text.</summary>
    Auto,

    /// <summary>As JSON.</summary>
    Json,

    /// <summary>As text.</summary>
    Text
}

/// <summary>What <see cref="HttpCommandOptions.PrepareRequest" /> works with.</summary>
public sealed class HttpCommandRequestContext
{
    /// <summary>The services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The services of the application.</summary>
    [Obsolete("Use Services instead.")]
    public IServiceProvider ServiceProvider
    {
        get => Services;
        init => Services = value;
    }

    /// <summary>The name of the replica or resource the command is for.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The endpoint.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>Cancelled when the command is given up.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The client that sends the request.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>The request; it may be changed.</summary>
    public required HttpRequestMessage Request { get; init; }
}

/// <summary>What <see cref="HttpCommandOptions.GetCommandResult" /> works with.</summary>
public sealed class HttpCommandResultContext
{
    /// <summary>The services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The services of the application.</summary>
    [Obsolete("Use Services instead.")]
    public IServiceProvider ServiceProvider
    {
        get => Services;
        init => Services = value;
    }

    /// <summary>The name of the replica or resource the command is for.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The endpoint.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>Cancelled when the command is given up.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The client that sent the request.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>The response.</summary>
    public required HttpResponseMessage Response { get; init; }
}
