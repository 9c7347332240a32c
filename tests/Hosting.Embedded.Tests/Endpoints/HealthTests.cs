using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Hosting.Embedded.Tests.Endpoints;

public class HealthTests
{
    [Theory]
    [InlineData(null, null, null, "ping_https_/_200_check")]
    [InlineData("/health", null, "http", "ping_http_/health_200_check")]
    [InlineData("/health", 204, "admin", "ping_admin_/health_204_check")]
    public void A_check_is_named_as_Aspires(string? path, int? status, string? endpoint, string key)
    {
        var ping = TestModel.Run().AddExecutable("ping", "p", ".").WithHttpEndpoint().WithHttpsEndpoint().WithHttpEndpoint(name: "admin")
            .WithHttpHealthCheck(path, status, endpoint);
        Assert.Equal(key, Assert.Single(ping.Resource.Annotations.OfType<HealthCheckAnnotation>()).Key);
        var check = Assert.Single(ping.Resource.Annotations.OfType<HttpHealthCheckAnnotation>());
        Assert.Equal((key, endpoint ?? "https", path ?? "/", status
            ?? 200), (check.Key, check.Endpoint().EndpointName, check.Path, check.StatusCode));
    }

    [Fact]
    public void A_probe_has_Kubernetes_like_defaults_and_is_one_per_type()
    {
        var ping = TestModel.Run().AddExecutable("ping", "p", ".").WithHttpEndpoint()
            .WithHttpProbe(ProbeType.Readiness, "/a")
            .WithHttpProbe(ProbeType.Readiness, "/b", initialDelaySeconds: 1, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 4, successThreshold: 5)
            .WithHttpProbe(ProbeType.Liveness);
        Assert.Equal(
            ["Readiness /b 1 2 3 4 5", "Liveness / 5 5 1 3 1"],
            ping.Resource.Annotations.OfType<EndpointProbeAnnotation>().Select(p =>
                $"{p.Type} {p.Path} {p.InitialDelaySeconds} {p.PeriodSeconds} {p.TimeoutSeconds} {p.FailureThreshold} " +
                    $"{p.SuccessThreshold}"));
        Assert.Equal(3, ping.Resource.Annotations.OfType<HealthCheckAnnotation>().Count());
    }
}
