using System.IO.Pipelines;
using Gateway.Http1;
using Gateway.Ingress;

namespace Gateway.Forwarding;

/// <summary>The client of a plain request: the endpoint's response goes on as the bytes that it is.</summary>
internal readonly struct PlainClient(HttpContext context, RequestFeatures request) : IClient
{
    public string Method => request.Method;

    public CancellationToken Gone => request.RequestAborted;

    public PipeWriter Body => request.Writer;

    public RequestMessage WriteRequest(string target, RequestBody? body) => RequestMessage.Write(RequestSource.Of(request), target, body);

    public void WriteHead(ResponseHead head)
    {
        var buffer = request.Writer.BeginHead(head.Size);
        if (head.Reason.IsEmpty)
        {
            buffer.WriteStatusLine(head.Status);
        }
        else
        {
            buffer.Write("HTTP/1.1"u8);
            buffer.Write(head.StatusAndReason);
        }

        foreach (var line in head.Shown)
        {
            buffer.WriteLine(line);
        }

        request.Writer.EndHead(ref buffer, head.Status, head.Framing.DeclaredLength);
    }

    public Task AnswerAsync(int status) => ErrorPage.WriteAsync(context, status);

    public void Abort() => request.Abort();
}
