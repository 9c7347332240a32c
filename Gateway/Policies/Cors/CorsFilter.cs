using Gateway.Requests;

namespace Gateway.Policies.Cors;

/// <summary>Envoy's CORS filter: answers preflight requests and marks the responses to other cross-origin requests.</summary>
/// <remarks>https://fetch.spec.whatwg.org/#http-cors-protocol</remarks>
internal sealed class CorsFilter : PolicyFilter
{
    /// <summary>The filter; what it does stands in the route.</summary>
    public static CorsFilter Instance { get; } = new();

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        if (context.Route.Cors is not { } policy || context.Request.Headers.Origin is not [{ Length: > 0 } origin, ..])
        {
            return default;
        }

        var isAllowed = policy.Allows(origin);
        if (isAllowed)
        {
            context.AllowOrigin(policy, origin);
        }

        return CorsRequest.IsPreflight(context.Request) ? new(policy.AnswerPreflight(context.Request.Headers, isAllowed)) : default;
    }
}
