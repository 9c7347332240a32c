using Dashboard.Hosting;
using Dashboard.Resources;
using Dashboard.SignIn;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Microsoft.AspNetCore.Http.HttpResults;
using Engine = Dashboard.EngineLink.Engine;

namespace Dashboard.Api;

/// <summary>The HTTP API: what the pages show, as JSON, for people's scripts and for tests.</summary>
internal static class ApiEndpoints
{
    private static readonly TimeSpan FirstLines = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private const int MaxLimit = 5_000;

    /// <summary>Maps it under <c>/api</c>.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").RequireAuthorization().WithMetadata(new ListenerMetadata(Listener.Frontend));
        api.AddEndpointFilter(Antiforgery.ValidateAsync);
        api.MapGet("/antiforgery", Antiforgery.Get);
        api.MapGet("/events", EventStream.Open);

        api.MapGet("/resources", (ResourceStore resources, ProcessUsage usage) =>
            resources.All.Select(resource => ResourceJson.From(resource, usage)));
        api.MapGet("/resources/{id}", GetResource);
        api.MapPost("/resources/{id}/commands/{command}", RunCommandAsync);
        api.MapGet("/console/{id}", GetConsoleAsync);

        api.MapGet("/logs", FindLogs);
        api.MapGet("/traces", FindTraces);
        api.MapGet("/traces/{id}", GetTrace);
        api.MapGet("/metrics", (TelemetryStore store, string? resource) =>
            store.Metrics.Instruments(resource).Select(InstrumentJson.From));
        api.MapGet("/metrics/{instrument}", GetChart);
        api.MapGet("/telemetry", (TelemetryStore store) => store.Resources.All.Select(resource => new TelemetryJson(
            resource.Id,
            CountJson.From(store.Logs.CountOf(resource)),
            CountJson.From(store.Traces.CountOf(resource)),
            CountJson.From(store.Metrics.CountOf(resource)))));
        api.MapFallback(() => TypedResults.NotFound(new ErrorJson("There is no such address in the API.")));
    }

    private static IResult GetResource(string id, ResourceStore resources, ProcessUsage usage) => resources.Find(id) is { } resource
        ? TypedResults.Ok(ResourceJson.From(resource, usage))
        : NoResource(id);

    private static async Task<IResult> RunCommandAsync(
        string id, string command, ResourceStore resources, Engine engine, CancellationToken cancellationToken)
    {
        if (resources.Find(id) is null && resources.All.All(each => !each.Name.Equals(id, StringComparison.OrdinalIgnoreCase)))
        {
            return NoResource(id);
        }

        var result = await engine.RunAsync(id, command, cancellationToken);
        var body = new CommandJson(result.Success, result.Message, result.Value);
        return result.Success ? TypedResults.Ok(body) : TypedResults.Conflict(body);
    }

    // Lines come from the engine; those that are there come at once, so a moment without any is the end. For the first ones there is time:
    // the engine may be busy.
    private static async Task<IResult> GetConsoleAsync(
        string id, ResourceStore resources, ConsoleLogs logs, TimeProvider time, CancellationToken cancellationToken, int tail = 1_000)
    {
        if (resources.Find(id) is null)
        {
            return NoResource(id);
        }

        var found = new List<EngineLink.ConsoleLine>();
        using var quiet = new CancellationTokenSource(FirstLines, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, quiet.Token);
        try
        {
            await foreach (var lines in logs.WatchAsync(id, either.Token))
            {
                found.AddRange(lines);
                quiet.CancelAfter(Quiet);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // All of it has come.
        }

        return TypedResults.Ok(found.TakeLast(Math.Clamp(tail, 1, ConsoleLogs.Capacity)));
    }

    private static IResult FindLogs(
        TelemetryStore store, string? resource, string? level, string? text, string? trace, long after = 0, int limit = 500)
    {
        var lowest = LogSeverity.Unspecified;
        if (level is { Length: > 0 } && (!Enum.TryParse(level, ignoreCase: true, out lowest) || !Enum.IsDefined(lowest)))
        {
            return Wrong($"level={level}: {string.Join(", ", Enum.GetNames<LogSeverity>())} are the levels.");
        }

        TraceId id = default;
        if (trace is { Length: > 0 } && !TraceId.TryParse(trace, out id))
        {
            return Wrong($"trace={trace}: 32 hexadecimal digits are expected.");
        }

        return TypedResults.Ok(store.Logs.Find(new LogFilter
        {
            Resource = resource,
            Level = lowest,
            Text = text,
            TraceId = id == default ? null : id,
            After = after,
            Limit = Math.Clamp(limit, 1, MaxLimit),
        }).Select(LogJson.From));
    }

    private static Ok<IEnumerable<TraceJson>> FindTraces(
        TelemetryStore store, string? resource, string? text, bool errors = false, double minMs = 0, int limit = 200) =>
        TypedResults.Ok(store.Traces.Find(new TraceFilter
        {
            Resource = resource,
            Text = text,
            ErrorsOnly = errors,
            MinDuration = (long)(Math.Max(0, minMs) * 1e6),
            Limit = Math.Clamp(limit, 1, MaxLimit),
        }).Select(TraceJson.From));

    private static IResult GetTrace(string id, TelemetryStore store) =>
        !TraceId.TryParse(id, out var trace) ? Wrong($"{id}: 32 hexadecimal digits are expected.")
        : store.Traces.TryGet(trace, out var view)
            ? TypedResults.Ok(new TraceDetailJson(TraceJson.From(view), [.. view.ToTree().Select(node => SpanJson.From(node.Span, node.Depth))]))
        : TypedResults.NotFound(new ErrorJson($"Trace {id} has not come, or has been dropped."));

    private static IResult GetChart(
        string instrument, TelemetryStore store, string? scope, string? resource, string? splitBy, int minutes = 5, int steps = 60)
    {
        if (store.Metrics.Instruments(resource).All(each => each.Name != instrument))
        {
            return TypedResults.NotFound(new ErrorJson($"There is no instrument '{instrument}'."));
        }

        return TypedResults.Ok(ChartJson.From(store.Metrics.Chart(new MetricQuery
        {
            Instrument = instrument,
            Scope = scope,
            Resource = resource,
            SplitBy = splitBy,
            Window = TimeSpan.FromMinutes(Math.Clamp(minutes, 1, 60)),
            Steps = Math.Clamp(steps, 1, 600),
        })));
    }

    private static NotFound<ErrorJson> NoResource(string id) => TypedResults.NotFound(new ErrorJson($"There is no resource '{id}'."));

    private static BadRequest<ErrorJson> Wrong(string message) => TypedResults.BadRequest(new ErrorJson(message));
}
