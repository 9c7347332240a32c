using System.Net;
using Gateway.Registry;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>One request on its way to its service: what every try sends, and how an answer comes back.</summary>
internal sealed class Exchange : HttpTransformer
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly RequestBody? _body;

    /// <summary>Starts an exchange.</summary>
    /// <param name="target">The request target, sent byte for byte.</param>
    /// <param name="body">The body; null without one.</param>
    public Exchange(string target, RequestBody? body)
    {
        Target = target;
        _body = body;
    }

    /// <summary>The request target.</summary>
    public string Target { get; }

    /// <summary>The endpoint of the next try.</summary>
    public ServiceEndpoint Endpoint { get; set; } = null!;

    /// <summary>Puts the body back at its beginning.</summary>
    public void PrepareBody(HttpContext context)
    {
        if (_body is not null)
        {
            context.Request.Body = _body.Open();
        }
    }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        // Uri must not touch the target: "?x=%zz" or "/a/../b" are passed on as they are.
        proxyRequest.RequestUri = new Uri(destinationPrefix + Target, AsItIs);
        RequestHeaders.Copy(httpContext, proxyRequest);
        if (_body is not null)
        {
            proxyRequest.Content!.Headers.ContentLength = _body.Length;
        }

        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        ResponseHeaders.Copy(proxyResponse, httpContext.Response.Headers);
        if (proxyResponse.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentType, out var type)
            && type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)
            && proxyResponse.StatusCode == HttpStatusCode.OK)
        {
            // The client of an event stream waits for the headers, the first event may be long in coming.
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return true;
    }

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (httpContext.Response.SupportsTrailers())
        {
            foreach (var (name, values) in proxyResponse.TrailingHeaders.NonValidated)
            {
                httpContext.Response.AppendTrailer(name, ResponseHeaders.Values(values));
            }
        }

        return ValueTask.CompletedTask;
    }
}
