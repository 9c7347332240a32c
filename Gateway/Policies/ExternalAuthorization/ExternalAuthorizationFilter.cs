using System.Collections.Immutable;
using System.Text;
using Gateway.Clusters;
using Gateway.Policies.Authorization;
using Gateway.Requests;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>
/// Asks an external authorizer about the requests that CUSTOM policies cover: Istio's RBAC filter that only finds out which these are, and
/// Envoy's ext_authz filter.
/// </summary>
/// <remarks>
/// Istio pilot/pkg/security/authz/builder/builder.go (buildHTTP); envoyproxy/envoy source/extensions/filters/http/ext_authz/ext_authz.cc
/// </remarks>
internal sealed class ExternalAuthorizationFilter : PolicyFilter
{
    private static readonly LocalReply TooLarge = new(
        StatusCodes.Status413PayloadTooLarge, "Payload Too Large", ResponseFlags.None, "request_payload_too_large");

    private readonly ImmutableArray<RequestMatcher> _covered;
    private readonly Cluster? _cluster;

    /// <summary>Makes the filter.</summary>
    /// <param name="authorizer">Who is asked.</param>
    /// <param name="rules">The rules that cover a request.</param>
    /// <param name="cluster">The authorizer's service; null for one that the proxy does not know, so that it cannot be asked.</param>
    /// <param name="counters">Gets what becomes of the requests.</param>
    public ExternalAuthorizationFilter(
        ExternalAuthorizer authorizer, IEnumerable<NamedRule> rules, Cluster? cluster, AuthorizerCounters counters)
    {
        (Authorizer, _cluster, Counters) = (authorizer, cluster, counters);
        _covered = [.. rules.Select(rule => rule.Matches)];
    }

    /// <summary>Who is asked.</summary>
    public ExternalAuthorizer Authorizer { get; }

    /// <summary>What has become of the requests.</summary>
    public AuthorizerCounters Counters { get; }

    /// <summary>Whether the authorizer is asked about a request.</summary>
    public bool Covers(RequestHead request)
    {
        foreach (var matches in _covered)
        {
            if (matches(request))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        // A request without a route gets its 404 without a question.
        if (!context.Route.IsMatched || context.Callbacks is not { } callbacks)
        {
            return default;
        }

        if (Covers(context.Request))
        {
            return AskAsync(context, callbacks, cancellationToken);
        }

        Counters.CountDisabled();
        return default;
    }

    private async ValueTask<LocalReply?> AskAsync(PolicyContext context, IFilterCallbacks callbacks, CancellationToken cancellationToken)
    {
        BufferedBody? body = null;
        if (Authorizer.Body is { } settings && callbacks.HasBody)
        {
            body = await callbacks.BufferBodyAsync(settings.Enough, cancellationToken);
            if (settings.IsTooLarge(body.Value))
            {
                return TooLarge;
            }
        }

        var call = Authorizer.Ask(context.Request, body, callbacks.Protocol);
        var response = _cluster is null ? null : await callbacks.CallAsync(_cluster, call, cancellationToken);
        return Act(context, response is null ? CheckVerdict.Failed : Authorizer.Read(response));
    }

    private LocalReply? Act(PolicyContext context, CheckVerdict verdict)
    {
        Counters.Count(verdict.Status);
        switch (verdict.Status)
        {
            case CheckStatus.Allowed:
                verdict.Apply(context.Request);
                context.ChangeResponse(verdict.ResponseHeaders);
                return null;
            case CheckStatus.Denied:
                return Answer(verdict, verdict.Code, "ext_authz_denied");
            default:
                if (!Authorizer.FailsOpen)
                {
                    return Answer(verdict, verdict.Code > 0 ? verdict.Code : Authorizer.StatusOnError, "ext_authz_error");
                }

                Counters.CountFailureModeAllowed();
                return null;
        }
    }

    private static LocalReply Answer(CheckVerdict verdict, int status, string details) =>
        new(status, Encoding.UTF8.GetString(verdict.Body.Span), ResponseFlags.UAEX, details)
        {
            Content = verdict.Body,
            Headers = [.. verdict.Headers.Where(header => IsKept(header.Name, verdict.Body.IsEmpty))
                .Select(header => KeyValuePair.Create(header.Name, header.Value))],
        };

    /// <summary>The length is written anew, and an empty body has no type (source/common/http/utility.cc, prepareLocalReply).</summary>
    private static bool IsKept(string name, bool isEmpty) => name.Length > 0 && name[0] != ':'
        && !name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
        && !(isEmpty && name.Equals("content-type", StringComparison.OrdinalIgnoreCase));
}
