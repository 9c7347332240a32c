using System.Security.Cryptography;
using System.Text;
using Dashboard.Hosting;

namespace Dashboard.EngineLink;

/// <summary>Where the engine connects: <c>/engine</c>, with its key.</summary>
internal static class EngineEndpoint
{
    /// <summary>Maps it, when there is an engine.</summary>
    public static void Map(IEndpointRouteBuilder routes, DashboardOptions options)
    {
        if (options.EngineKey is { } key)
        {
            var expected = Encoding.UTF8.GetBytes($"Bearer {key}");
            routes.MapGet("/engine", (HttpContext context, Engine engine) => ConnectAsync(context, engine, expected)).AllowAnonymous();
        }
    }

    private static async Task ConnectAsync(HttpContext context, Engine engine, byte[] expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), expected))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await engine.ServeAsync(socket, ended.Token);
    }
}
