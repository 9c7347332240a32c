using System.Security.Cryptography;
using System.Text;
using Dashboard.Hosting;

namespace Dashboard.Otlp;

/// <summary>
/// Lets exporters in that send the key. Answers 401 before anything of the body is read; gRPC clients take that for UNAUTHENTICATED
/// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
/// </summary>
internal sealed class OtlpApiKey(RequestDelegate next, DashboardOptions options)
{
    private readonly byte[]? _key = options.OtlpApiKey is { } key ? Encoding.UTF8.GetBytes(key) : null;

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (Listeners.Of(context) == Listener.Frontend || IsAllowed(context.Request.Headers[DashboardOptions.OtlpApiKeyHeader].ToString()))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = DashboardOptions.OtlpApiKeyHeader;
        return Task.CompletedTask;
    }

    private bool IsAllowed(string given) => _key is null || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _key);
}
