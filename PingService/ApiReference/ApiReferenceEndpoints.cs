using Scalar.AspNetCore;

namespace PingService.ApiReference;

/// <summary>
/// The description of the API, <c>/openapi/v1.json</c>, and a page to browse and try it, <c>/scalar</c>. Both work offline: what Scalar
/// would fetch from elsewhere is off.
/// </summary>
internal static class ApiReferenceEndpoints
{
    /// <summary>Adds what describes the API; the description is made when it is first asked for.</summary>
    public static IServiceCollection AddApiReference(this IServiceCollection services) => services.AddOpenApi();

    /// <summary>Maps both endpoints.</summary>
    public static void MapApiReference(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi();
        routes.MapScalarApiReference(options => options
            .WithTitle("Ping service")
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideDeveloperTools()
            .HideClientButton());
    }
}
