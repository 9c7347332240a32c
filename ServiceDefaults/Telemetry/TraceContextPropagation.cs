using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Keeps a trace together that passes through an application which itself exports nothing: a request that brings a W3C
/// <c>traceparent</c> gets an activity, from which <see cref="HttpClient"/> writes the headers of outgoing calls. Any other request costs
/// one header look-up.
/// </summary>
internal sealed class TraceContextPropagation : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(nextMiddleware => context =>
            Activity.Current is null && context.Request.Headers.TraceParent.Count == 1
                ? ContinueTraceAsync(context, nextMiddleware)
                : nextMiddleware(context));
        next(app);
    };

    private static async Task ContinueTraceAsync(HttpContext context, RequestDelegate next)
    {
        var propagator = DistributedContextPropagator.Current;
        propagator.ExtractTraceIdAndState(context.Request.Headers, GetHeader, out var parent, out var state);
        if (!ActivityContext.TryParse(parent, state, isRemote: true, out var trace))
        {
            await next(context);
            return;
        }

        using var activity = new Activity("Microsoft.AspNetCore.Hosting.HttpRequestIn");
        activity.SetParentId(trace.TraceId, trace.SpanId, trace.TraceFlags);
        activity.TraceStateString = trace.TraceState;
        foreach (var (name, value) in propagator.ExtractBaggage(context.Request.Headers, GetHeader) ?? [])
        {
            activity.AddBaggage(name, value);
        }

        activity.Start();
        await next(context);
    }

    private static void GetHeader(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        value = ((IHeaderDictionary)carrier!)[name]; // several lines of a list header are one list, as RFC 9110, section 5.3, has it
        values = null;
    }
}
