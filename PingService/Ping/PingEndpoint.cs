namespace PingService.Ping;

/// <summary><c>GET /ping</c> and <c>HEAD /ping</c>: the date, and which instance says so.</summary>
internal static class PingEndpoint
{
    // As gin writes it.
    private const string ContentType = "application/json; charset=utf-8";

    /// <summary>Adds what the endpoint answers from.</summary>
    public static IServiceCollection AddPing(this IServiceCollection services) => services.AddSingleton<PingReplies>()
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PingJson.Default));

    /// <summary>Maps the endpoint.</summary>
    public static void MapPing(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/ping", [HttpMethods.Get, HttpMethods.Head], AnswerAsync)
            .WithTags("Ping")
            .WithSummary("Date and instance")
            .WithDescription("The current date, as the date command prints it, and the name of the instance that answers.")
            .Produces<PingReply>();

    private static Task AnswerAsync(HttpContext context, PingReplies replies)
    {
        var body = replies.Current;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }
}
