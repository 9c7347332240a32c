using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>Tells YARP's forwarder what goes to the endpoint of a WebSocket, and what comes back.</summary>
internal sealed class UpgradeTransformer : HttpTransformer
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _target;

    /// <summary>Makes a transformer for one request.</summary>
    /// <param name="target">The request target, sent byte for byte.</param>
    public UpgradeTransformer(string target) => _target = target;

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        // Uri must not touch the target: "?x=%zz" or "/a/../b" are passed on as they are.
        proxyRequest.RequestUri = new Uri(destinationPrefix + _target, AsItIs);
        var sink = new Sink(proxyRequest);
        RequestHeaders.Write(RequestSource.Of(httpContext), ref sink);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return ValueTask.FromResult(false);
        }

        foreach (var (name, values) in proxyResponse.Headers.NonValidated.Concat(proxyResponse.Content.Headers.NonValidated))
        {
            if (ResponseRules.Nginx.Shows(name))
            {
                httpContext.Response.Headers.Append(name, new StringValues([.. values]));
            }
        }

        return ValueTask.FromResult(true);
    }

    private readonly struct Sink(HttpRequestMessage request) : RequestHeaders.ISink
    {
        public void Add(string name, string value) => request.Headers.TryAddWithoutValidation(name, value);

        public void AddHex(string name, ReadOnlySpan<byte> value) => Add(name, Convert.ToHexStringLower(value));
    }
}
