using System.IO.Pipelines;
using Gateway.Proxy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Tests.IstioDoor;

/// <summary>A request whose body comes later, or never: the head does not wait for it.</summary>
public sealed class RequestBodyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_head_is_sent_before_the_first_byte_of_the_body_comes()
    {
        var (_, pipe, body) = Begin();
        var upstream = new CountingStream();
        var content = new Http2RequestBody(body, length: null);

        var sending = content.CopyToAsync(upstream, Cancellation);
        Assert.Equal((1, 0), (upstream.Flushes, upstream.Length));

        await pipe.Writer.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await pipe.Writer.CompleteAsync();
        await sending;
        Assert.Equal(3, upstream.Length);
    }

    [Fact]
    public void A_body_may_be_silent_for_as_long_as_it_likes()
    {
        var (context, _, _) = Begin();
        Assert.Null(context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate);
    }

    private static (HttpContext Context, Pipe Pipe, RequestStream Body) Begin()
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new Expected());
        context.Features.Set<IRequestBodyPipeFeature>(new Pipes(pipe.Reader));
        context.Features.Set<IHttpMinRequestBodyDataRateFeature>(new Rate());
        var body = new RequestStream();
        body.Begin(context, records: true, static () => { });
        return (context, pipe, body);
    }

    private sealed class Expected : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }

    private sealed class Pipes(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class Rate : IHttpMinRequestBodyDataRateFeature
    {
        public MinDataRate? MinDataRate { get; set; } = new(1, TimeSpan.FromSeconds(60));
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Flushes { get; private set; }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            return Task.CompletedTask;
        }
    }
}
