using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dashboard.Otlp;
using Dashboard.Otlp.Messages;
using Dashboard.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace Dashboard.Tests.Otlp;

/// <summary>What is malformed, too large or not allowed is refused with the status that OTLP names for it.</summary>
public sealed class RefusalTests
{
    private const string Protobuf = "application/x-protobuf";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/traces", Protobuf, "not a message", HttpStatusCode.BadRequest)]
    [InlineData("/v1/logs", Protobuf, "not a message", HttpStatusCode.BadRequest)]
    [InlineData("/v1/metrics", Protobuf, "not a message", HttpStatusCode.BadRequest)]
    [InlineData("/v1/logs", "application/json", "{ \"resourceLogs\": [", HttpStatusCode.BadRequest)]
    [InlineData("/v1/logs", "application/json", "{ \"resourceLogs\": 5 }", HttpStatusCode.BadRequest)]
    [InlineData("/v1/traces", "application/json", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"xyz\"}]}]}]}", HttpStatusCode.BadRequest)]
    [InlineData("/v1/logs", "text/plain", "{}", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/v1/other", Protobuf, "", HttpStatusCode.NotFound)]
    public async Task A_body_that_cannot_be_read_is_refused(string path, string contentType, string body, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var response = await PostAsync(dashboard, path, contentType, Encoding.UTF8.GetBytes(body));
        Assert.Equal(expected, response.StatusCode);
        if (expected is HttpStatusCode.BadRequest && contentType == Protobuf)
        {
            var status = RpcStatus.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.Equal((int)StatusCode.InvalidArgument, status.Code);
            Assert.NotEmpty(status.Message);
        }
    }

    [Fact]
    public async Task JSON_nested_deeper_than_any_exporter_nests_is_refused()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 5_000)) + "1" + new string('}', 5_000);
        using var response = await PostAsync(dashboard, "/v1/logs", "application/json", Encoding.UTF8.GetBytes(deep));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_export_that_is_too_large_is_refused_as_it_is_and_when_it_is_unpacked()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var large = new byte[OtlpHttp.MaxBytes + 1];
        using var plain = await PostAsync(dashboard, "/v1/logs", Protobuf, large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, plain.StatusCode);

        using var bomb = await PostAsync(dashboard, "/v1/logs", Protobuf, Gzip(large), "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, bomb.StatusCode);
    }

    [Theory]
    [InlineData("gzip", HttpStatusCode.BadRequest)]
    [InlineData("br", HttpStatusCode.UnsupportedMediaType)]
    public async Task An_encoding_that_is_wrong_or_not_known_is_refused(string encoding, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var response = await PostAsync(dashboard, "/v1/logs", Protobuf, [1, 2, 3], encoding);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Gzip_is_unpacked()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var response = await PostAsync(dashboard, "/v1/traces", Protobuf, Gzip(Span(new byte[16], new byte[8]).ToByteArray()), "gzip");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Without_the_key_nothing_comes_in(string? key)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var http = await PostAsync(dashboard, "/v1/logs", Protobuf, [], key: key);
        Assert.Equal(HttpStatusCode.Unauthorized, http.StatusCode);
        using var grpc = await GrpcAsync(dashboard, [], key);
        Assert.Equal(HttpStatusCode.Unauthorized, grpc.StatusCode);
    }

    [Fact]
    public async Task A_gRPC_message_that_cannot_be_read_is_an_invalid_argument_and_one_too_large_exhausts_the_resource()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var malformed = await GrpcAsync(dashboard, "not a message"u8.ToArray());
        Assert.Equal((int)StatusCode.InvalidArgument, await StatusOfAsync(malformed));
        using var large = await GrpcAsync(dashboard, new byte[OtlpHttp.MaxBytes + 1]);
        Assert.Equal((int)StatusCode.ResourceExhausted, await StatusOfAsync(large));
        using var fine = await GrpcAsync(dashboard, new ExportTraceServiceRequest().ToByteArray());
        Assert.Equal((int)StatusCode.OK, await StatusOfAsync(fine));
    }

    [Fact]
    public async Task A_span_without_ids_is_refused_and_the_others_are_taken()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var request = Span(Enumerable.Repeat((byte)7, 16).ToArray(), Enumerable.Repeat((byte)8, 8).ToArray());
        request.ResourceSpans[0].ScopeSpans[0].Spans.Add(new Span { Name = "nameless" });

        using var response = await PostAsync(dashboard, "/v1/traces", Protobuf, request.ToByteArray());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = ExportTraceServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(1, answer.PartialSuccess.RejectedSpans);
        Assert.Contains("nameless", answer.PartialSuccess.ErrorMessage, StringComparison.Ordinal);
        Assert.Single(dashboard.Store.Traces.Find(new()));
    }

    [Fact]
    public async Task JSON_has_hexadecimal_ids_and_may_have_members_nobody_knows()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        const string Json =
            """
            {"future":{"x":[1,null,true]},"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},
            "scopeSpans":[{"scope":{"name":"js"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
            "name":"click","kind":3,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,
            "attributes":[{"key":"n","value":{"intValue":"42"}}]}]}]}]}
            """;
        using var response = await PostAsync(dashboard, "/v1/traces", "application/json; charset=utf-8", Encoding.UTF8.GetBytes(Json));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var trace = Assert.Single(dashboard.Store.Traces.Find(new()));
        Assert.Equal("5b8efff798038103d269b633813fc60c", trace.Id.ToString());
        Assert.Equal("eee19b7ec3c1b174", trace.Root.SpanId.ToString());
        Assert.Equal((1_000_000_000, "42", "web"), (trace.Duration, trace.Root.Attributes["n"], trace.Root.Resource.Id));
    }

    [Fact]
    public async Task Telemetry_comes_in_by_its_own_port_only()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(dashboard.Frontend, "/v1/logs"));
        request.Headers.Add("x-otlp-api-key", TestDashboard.OtlpApiKey);
        request.Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue(Protobuf) } };
        using var response = await client.SendAsync(request, Cancellation);
        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
    }

    private static ExportTraceServiceRequest Span(byte[] trace, byte[] span)
    {
        var scope = new ScopeSpans();
        scope.Spans.Add(new Span { Name = "one", TraceId = ByteString.CopyFrom(trace), SpanId = ByteString.CopyFrom(span) });
        var resource = new ResourceSpans();
        resource.ScopeSpans.Add(scope);
        var request = new ExportTraceServiceRequest();
        request.ResourceSpans.Add(resource);
        return request;
    }

    private static async Task<HttpResponseMessage> PostAsync(
        TestDashboard dashboard, string path, string contentType, byte[] body, string? encoding = null, string? key = TestDashboard.OtlpApiKey)
    {
        // It waits for the refusal for as long as that takes, and sends only what is asked for.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = Timeout.InfiniteTimeSpan });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(dashboard.OtlpHttp, path));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        if (key is not null)
        {
            request.Headers.Add("x-otlp-api-key", key);
        }

        // What is refused by its length is refused before it is sent; without this the refusal may meet a body that is still coming.
        request.Headers.ExpectContinue = true;
        var response = await client.SendAsync(request, Cancellation);
        await response.Content.LoadIntoBufferAsync(Cancellation);
        return response;
    }

    // A message of gRPC: a byte that says it is not compressed, its length, and it.
    private static async Task<HttpResponseMessage> GrpcAsync(TestDashboard dashboard, byte[] message, string? key = TestDashboard.OtlpApiKey)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(dashboard.OtlpGrpc, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.ParseAdd("trailers");
        if (key is not null)
        {
            request.Headers.Add("x-otlp-api-key", key);
        }

        var response = await client.SendAsync(request, Cancellation);
        await response.Content.LoadIntoBufferAsync(Cancellation);
        return response;
    }

    private static Task<int> StatusOfAsync(HttpResponseMessage response)
    {
        var status = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer : response.Headers.GetValues("grpc-status");
        return Task.FromResult(int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
