using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>The HTTP checks and probes that a resource declares, aimed at the address of one of its replicas.</summary>
internal sealed class ReplicaProbes
{
    private readonly IResource _resource;
    private readonly int _index;
    private readonly IReadOnlyList<ReplicaEndpoint> _endpoints;
    private readonly HttpProber _http;

    public ReplicaProbes(IResource resource, int index, IReadOnlyList<ReplicaEndpoint> endpoints, HttpProber http)
    {
        _resource = resource;
        _index = index;
        _endpoints = endpoints;
        _http = http;
        Checks = [.. HttpChecksOf(resource).Select(check =>
            new ReplicaCheck(check.Key, CheckOf(check.Endpoint(), check.Path, check.StatusCode)))];
        NotCheckedYet =
            [.. Checks.Select(check => new HealthReportSnapshot(check.Key, Status: null, Description: null, ExceptionText: null))];
    }

    /// <summary>The checks that make the replica ready.</summary>
    public IReadOnlyList<ReplicaCheck> Checks { get; }

    /// <summary>The reports of a replica whose process has just been started.</summary>
    public ImmutableArray<HealthReportSnapshot> NotCheckedYet { get; }

    /// <summary>The checks of a resource that ask an endpoint of its own; all others are made for the resource as a whole.</summary>
    public static IEnumerable<HttpHealthCheckAnnotation> HttpChecksOf(IResource resource)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(annotation => annotation.Key).ToHashSet();
        return resource.Annotations.OfType<HttpHealthCheckAnnotation>()
            .Where(check => keys.Contains(check.Key) && ReferenceEquals(check.Endpoint().Resource, resource))
            .DistinctBy(check => check.Key);
    }

    /// <summary>A monitor of the startup and liveness probes that are declared.</summary>
    public LivenessMonitor CreateLivenessMonitor(TimeProvider time) =>
        new(SettingsOf(ProbeType.Startup), SettingsOf(ProbeType.Liveness), time);

    private ProbeSettings? SettingsOf(ProbeType type) =>
        _resource.Annotations.OfType<EndpointProbeAnnotation>().LastOrDefault(probe => probe.Type == type) is { } probe
            ? new ProbeSettings(
                CheckOf(probe.EndpointReference, probe.Path, expectedStatus: null),
                TimeSpan.FromSeconds(probe.InitialDelaySeconds),
                TimeSpan.FromSeconds(probe.PeriodSeconds),
                TimeSpan.FromSeconds(probe.TimeoutSeconds),
                probe.FailureThreshold,
                probe.SuccessThreshold)
            : null;

    private Func<CancellationToken, Task<ProbeOutcome>> CheckOf(EndpointReference reference, string path, int? expectedStatus)
    {
        var endpoint = _endpoints.FirstOrDefault(endpoint => ReferenceEquals(endpoint.Annotation, reference.EndpointAnnotation))
            ?? throw new DistributedApplicationException(
                $"A probe of resource '{_resource.Name}' asks endpoint '{reference.EndpointName}' of resource '{reference.Resource.Name}': "
                + "a probe can only ask its own resource.");
        var root = new UriBuilder(reference.Scheme, endpoint.Address, endpoint.ReplicaPorts[_index]).Uri;
        var uri = new Uri(root, path);
        return cancellationToken => _http.GetAsync(uri, expectedStatus, cancellationToken);
    }
}
