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
        var content = new Http2RequestBody(body, length: null, static () => { });

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

    [Fact]
    public async Task It_is_received_before_there_is_anywhere_to_send_it_and_sent_whole()
    {
        var (_, pipe, body) = Begin(records: false);
        body.ReceiveAhead();
        await pipe.Writer.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await pipe.Writer.CompleteAsync();
        Assert.True(body.IsComplete);
        Assert.Equal(3, body.Received);

        await body.EndReceivingAheadAsync();
        Assert.Equal(new byte[] { 1, 2, 3 }, await SentAsync(body));
    }

    [Fact]
    public async Task What_comes_when_it_can_be_sent_follows_what_came_before()
    {
        var (_, pipe, body) = Begin();
        body.ReceiveAhead();
        await pipe.Writer.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await body.EndReceivingAheadAsync();
        await pipe.Writer.WriteAsync(new byte[] { 4 }, Cancellation);
        await pipe.Writer.CompleteAsync();
        Assert.Equal((false, 3), (body.IsComplete, body.Received));

        Assert.Equal(new byte[] { 1, 2, 3, 4 }, await SentAsync(body));
        Assert.Equal((true, 4), (body.IsComplete, body.Received));
    }

    [Fact]
    public async Task No_more_is_received_ahead_than_is_kept()
    {
        var (_, pipe, body) = Begin();
        body.ReceiveAhead();
        var sent = new byte[RequestStream.Limit + 1];
        new Random(1).NextBytes(sent);
        await pipe.Writer.WriteAsync(sent.AsMemory(0, 1000), Cancellation);
        var rest = pipe.Writer.WriteAsync(sent.AsMemory(1000), Cancellation);
        Assert.Equal(1000, body.Received);

        await body.EndReceivingAheadAsync();
        var sending = SentAsync(body);
        await rest;
        await pipe.Writer.CompleteAsync();
        Assert.Equal(sent, await sending);
        Assert.False(body.CanReplay);
    }

    [Fact]
    public async Task A_wait_that_was_broken_off_too_late_does_not_end_the_next_one()
    {
        var (_, pipe, body) = Begin();
        body.Cancel();
        var sending = SentAsync(body);
        await pipe.Writer.WriteAsync(new byte[] { 1 }, Cancellation);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(new byte[] { 1 }, await sending);
    }

    [Fact]
    public async Task A_client_that_breaks_off_meanwhile_is_met_by_the_sender()
    {
        var (_, pipe, body) = Begin();
        body.ReceiveAhead();
        await pipe.Writer.CompleteAsync(new IOException("gone"));
        await body.EndReceivingAheadAsync();
        Assert.False(body.IsComplete);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => SentAsync(body));
        Assert.Equal("gone", failure.InnerException?.InnerException?.Message ?? failure.InnerException?.Message);
    }

    private static async Task<byte[]> SentAsync(RequestStream body)
    {
        var upstream = new MemoryStream();
        await new Http2RequestBody(body, length: null, static () => { }).CopyToAsync(upstream, Cancellation);
        return upstream.ToArray();
    }

    private static (HttpContext Context, Pipe Pipe, RequestStream Body) Begin(bool records = true)
    {
        var pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: RequestStream.Limit / 2, resumeWriterThreshold: 1, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new Expected());
        context.Features.Set<IRequestBodyPipeFeature>(new Pipes(pipe.Reader));
        context.Features.Set<IHttpMinRequestBodyDataRateFeature>(new Rate());
        var body = new RequestStream();
        body.Begin(context, records, static () => { });
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
