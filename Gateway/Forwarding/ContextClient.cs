using System.IO.Pipelines;
using Gateway.Ingress;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>The client of a request that ASP.NET Core's server serves.</summary>
internal readonly struct ContextClient(HttpContext context) : IClient
{
    public string Method => context.Request.Method;

    public CancellationToken Gone => context.RequestAborted;

    public PipeWriter Body => context.Response.BodyWriter;

    public RequestMessage WriteRequest(string target, RequestBody? body) => RequestMessage.Write(RequestSource.Of(context), target, body);

    public void WriteHead(ResponseHead head) => head.CopyTo(context.Features.GetRequiredFeature<IHttpResponseFeature>());

    public Task AnswerAsync(int status) => ErrorPage.WriteAsync(context, status);

    public void Abort() => context.Abort();
}
