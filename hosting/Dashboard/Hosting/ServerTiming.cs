using System.Diagnostics;
using System.Globalization;

namespace Dashboard.Hosting;

/// <summary>
/// Tells with each answer how long the server has worked on it; a page is complete by then, with its data. The browser's tools show it.
/// </summary>
/// <remarks>https://www.w3.org/TR/server-timing/</remarks>
internal static class ServerTiming
{
    /// <summary>Measures a request.</summary>
    public static Task MeasureAsync(HttpContext context, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        context.Response.OnStarting(() =>
        {
            context.Response.Headers["Server-Timing"] = string.Create(
                CultureInfo.InvariantCulture, $"app;dur={Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0}");
            return Task.CompletedTask;
        });
        return next(context);
    }
}
