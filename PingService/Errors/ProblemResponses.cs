using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace PingService.Errors;

// A native build serialises nothing by reflection.
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ProblemJson : JsonSerializerContext;

/// <summary>
/// Answers every error as <c>application/problem+json</c> (RFC 9457), whatever the client accepts, and tells nothing of its cause.
/// </summary>
internal static class ProblemResponses
{
    /// <summary>Adds the JSON of the answers.</summary>
    public static IServiceCollection AddProblemResponses(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ProblemJson.Default));

    /// <summary>Adds the middleware: for an unhandled exception (500), and for an error status without a body.</summary>
    public static void UseProblemDetails(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => WriteAsync(context, StatusCodes.Status500InternalServerError),
        });
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode));
    }

    private static Task WriteAsync(HttpContext context, int status) => TypedResults.Problem(statusCode: status).ExecuteAsync(context);
}
