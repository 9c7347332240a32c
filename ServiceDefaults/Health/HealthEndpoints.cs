using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceDefaults.Health;

/// <summary>
/// The endpoints that an orchestrator polls: <c>/health</c> says whether to send requests here, <c>/alive</c> whether to restart the
/// process.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>The tag of the health checks that count for liveness.</summary>
    public const string LiveTag = "live";

    private const string Readiness = "/health";
    private const string Liveness = "/alive";

    /// <summary>Maps both endpoints; readiness is false from the moment <paramref name="stopping"/> is cancelled.</summary>
    public static void Map(IEndpointRouteBuilder routes, CancellationToken stopping)
    {
        routes.MapHealthChecks(Readiness).DisableHttpMetrics().Add(endpoint =>
        {
            var check = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => stopping.IsCancellationRequested ? AnswerNotReady(context) : check(context);
        });
        routes.MapHealthChecks(Liveness, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).DisableHttpMetrics();
    }

    /// <summary>Whether a request is a probe, before routing has looked at it.</summary>
    public static bool IsProbe(PathString path) => path.StartsWithSegments(Readiness) || path.StartsWithSegments(Liveness);

    // Not a health check: those are logged as errors when they fail, and an instance that is asked to leave is no error.
    private static Task AnswerNotReady(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        return context.Response.WriteAsync("Stopping");
    }
}
