using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Gateway.Metrics;
using Gateway.Proxy;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>
/// The messages of gRPC calls in Istio's metrics: istio_request_messages_total and istio_response_messages_total
/// (https://istio.io/latest/docs/reference/config/metrics/).
/// </summary>
public sealed class GrpcMessageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static byte[] Message(int length)
    {
        var message = new byte[5 + length];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), length);
        message.AsSpan(5).Fill(1);
        return message;
    }

    private static string Mesh(string rules, int port, string protocol = "grpc") =>
        IstioDocuments.Speaking(protocol, IstioDocuments.Mesh(rules, "", port));

    private static HttpRequestMessage Call(HttpContent content, int port)
    {
        content.Headers.ContentType = new("application/grpc");
        return new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/a.B/C")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
    }

    /// <summary>Messages of the callers and of the callees, as one side counts them; null as long as it counts none.</summary>
    private static (long Requests, long Responses)? Counted(TestGateway gateway, string reporter)
    {
        var output = new ArrayBufferWriter<byte>();
        gateway.Services.GetRequiredService<IstioMetrics>().Write(output);
        var lines = Encoding.UTF8.GetString(output.WrittenSpan).Split('\n');
        return Value("istio_request_messages_total") is { } requests && Value("istio_response_messages_total") is { } responses
            ? (requests, responses)
            : null;

        long? Value(string name) =>
            lines.SingleOrDefault(line => line.StartsWith($"{name}{{reporter=\"{reporter}\"", StringComparison.Ordinal)) is { } line
                ? long.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)
                : null;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1, 0)]
    [InlineData(3, 0, 0, 0)]
    [InlineData(3, 1, 300, 70_000)]
    public void Messages_are_counted_however_the_body_is_cut(int count, params int[] lengths)
    {
        var body = lengths.SelectMany(Message).ToArray();
        foreach (var piece in new[] { 1, 2, 4, 5, 6, 7, 1000, body.Length + 1 })
        {
            var frames = default(GrpcFrames);
            foreach (var bytes in body.Chunk(piece))
            {
                frames.Inspect(bytes);
            }

            Assert.Equal((piece, count), (piece, frames.Count));
        }
    }

    [Fact]
    public void A_message_counts_from_its_first_byte_on()
    {
        var frames = default(GrpcFrames);
        frames.Inspect([.. Message(3), 0]);
        Assert.Equal(2, frames.Count);
    }

    [Fact]
    public void A_message_may_have_four_gigabytes()
    {
        var frames = default(GrpcFrames);
        frames.Inspect([1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(1, frames.Count);
    }

    [Fact]
    public async Task They_are_told_while_the_call_lasts()
    {
        await using var upstream = await Http2Server.StartAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync(Cancellation);
            var buffer = new byte[7];
            while (await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, Cancellation) > 0)
            {
                await context.Response.Body.WriteAsync((byte[])[.. buffer, .. buffer], Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
            }

            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port));
        using var client = new HttpClient();
        var content = new Dialogue();
        using var response = await client.SendAsync(
            Call(content, gateway.IstioPort), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var answer = await response.Content.ReadAsStreamAsync(Cancellation);
        for (var i = 1; i <= 3; i++)
        {
            await content.WriteAsync(Message(2));
            await answer.ReadExactlyAsync(new byte[14], Cancellation);
            Assert.Equal((i, 2 * i), Counted(gateway, "source"));
            Assert.Equal((i, 2 * i), Counted(gateway, "destination"));
        }

        content.End();
        Assert.Equal(0, await answer.ReadAsync(new byte[1], Cancellation));
        await gateway.UntilIdleAsync();
        Assert.Equal((3, 6), Counted(gateway, "source"));
        Assert.Equal((3, 6), Counted(gateway, "destination"));
    }

    [Fact]
    public async Task Each_attempt_brings_them_to_a_workload_again()
    {
        var time = new FakeTimeProvider();
        await using var upstream = await Http2Server.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Cancellation);
            context.Response.ContentType = "application/grpc";
            if (context.Request.Headers["x-envoy-attempt-count"] != "3")
            {
                context.Response.Headers["grpc-status"] = "14";
                return;
            }

            await context.Response.Body.WriteAsync(Message(100), Cancellation);
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port), time);
        using var client = new HttpClient();
        using var response = await time.PassUntilAsync(
            client.SendAsync(Call(new ByteArrayContent([.. Message(1), .. Message(2)]), gateway.IstioPort), Cancellation),
            TimeSpan.FromMilliseconds(250));
        Assert.Equal(Message(100), await response.Content.ReadAsByteArrayAsync(Cancellation));
        await TestGateway.UntilAsync(() => (Counted(gateway, "source"), Counted(gateway, "destination")) == ((2, 1), (6, 1)));
    }

    [Fact]
    public async Task A_call_that_nobody_takes_has_its_series_too()
    {
        await using var gateway = await TestGateway.StartIstioAsync(
            Documents.Join(IstioDocuments.Gateway, IstioDocuments.VirtualService(""), Documents.Service("ping")));
        using var client = new HttpClient();
        using var response = await client.SendAsync(Call(new ByteArrayContent([]), gateway.IstioPort), Cancellation);
        Assert.Equal("14", response.Headers.GetValues("grpc-status").Single());
        await TestGateway.UntilAsync(() => Counted(gateway, "source") == (0, 0));
        Assert.Null(Counted(gateway, "destination"));
    }

    [Fact]
    public async Task Over_HTTP_1_they_are_the_same()
    {
        await using var upstream = await Http2Server.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, Cancellation);
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.WriteAsync(Message(20_000), Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
                await context.Response.Body.WriteAsync(Message(1), Cancellation);
            },
            HttpProtocols.Http1);
        await using var gateway = await TestGateway.StartIstioAsync(Mesh("", upstream.Port, "http"));
        using var client = new HttpClient();
        using var response = await client.SendAsync(Call(new ByteArrayContent(Message(50_000)), gateway.IstioPort), Cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal([.. Message(20_000), .. Message(1)], body);
        await gateway.UntilIdleAsync();
        Assert.Equal((1, 2), Counted(gateway, "source"));
        Assert.Equal((1, 2), Counted(gateway, "destination"));
    }

    [Fact]
    public async Task Other_requests_have_none()
    {
        await using var upstream = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", upstream.Port));
        await gateway.GetIstioAsync("/");
        await gateway.UntilIdleAsync();
        Assert.Null(Counted(gateway, "source"));
    }
}
