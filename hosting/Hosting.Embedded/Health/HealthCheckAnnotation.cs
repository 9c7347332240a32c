using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A health check of a resource. The check itself is registered in the services of the application.</summary>
[DebuggerDisplay("{Key,nq}")]
public class HealthCheckAnnotation : IResourceAnnotation
{
    /// <summary>Declares the check.</summary>
    /// <param name="key">The name the check is registered under.</param>
    public HealthCheckAnnotation(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        Key = key;
    }

    /// <summary>The name the check is registered under.</summary>
    public string Key { get; }
}

/// <summary>
/// How to ask a replica itself for its health: the orchestrator checks each replica on its own address, so that one that fails can be
/// told from the others.
/// </summary>
internal sealed class HttpHealthCheckAnnotation : IResourceAnnotation
{
    public HttpHealthCheckAnnotation(string key, Func<EndpointReference> endpoint, string path, int statusCode)
    {
        Key = key;
        Endpoint = endpoint;
        Path = path;
        StatusCode = statusCode;
    }

    /// <summary>The key of the <see cref="HealthCheckAnnotation" /> it belongs to.</summary>
    public string Key { get; }

    /// <summary>The endpoint that is asked; call it when the model is complete.</summary>
    public Func<EndpointReference> Endpoint { get; }

    /// <summary>The path, beginning with a slash, with the query.</summary>
    public string Path { get; }

    /// <summary>The status that means healthy.</summary>
    public int StatusCode { get; }
}

/// <summary>What a probe tells.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public enum ProbeType
{
    /// <summary>Whether the application has started.</summary>
    Startup,

    /// <summary>Whether it can take requests.</summary>
    Readiness,

    /// <summary>Whether it must be restarted.</summary>
    Liveness
}

/// <summary>A probe of a resource, as Kubernetes knows them.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public abstract class ProbeAnnotation : IResourceAnnotation
{
    /// <summary>What it tells.</summary>
    public required ProbeType Type { get; init; }

    /// <summary>Seconds before the first probe. 5 by default.</summary>
    public int InitialDelaySeconds { get; init; } = 5;

    /// <summary>Seconds from one probe to the next. 5 by default.</summary>
    public int PeriodSeconds { get; init; } = 5;

    /// <summary>Seconds until a probe counts as failed. 1 by default.</summary>
    public int TimeoutSeconds { get; set; } = 1;

    /// <summary>Failures in a row until it counts. 3 by default.</summary>
    public int FailureThreshold { get; init; } = 3;

    /// <summary>Successes in a row until it counts. 1 by default.</summary>
    public int SuccessThreshold { get; init; } = 1;
}

/// <summary>A probe that sends an HTTP request.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class EndpointProbeAnnotation : ProbeAnnotation
{
    /// <summary>The endpoint that is asked.</summary>
    public required EndpointReference EndpointReference { get; init; }

    /// <summary>The path that is asked for.</summary>
    public required string Path { get; init; }
}
