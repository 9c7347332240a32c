using System.IO.Compression;
using Dashboard.Hosting;
using Dashboard.Otlp.Ingestion;
using Dashboard.Otlp.Messages;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;

namespace Dashboard.Otlp;

/// <summary>OTLP over HTTP, as protocol buffers or JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp</summary>
internal static class OtlpHttp
{
    /// <summary>The largest export that is taken in, before and after decompression.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    /// <summary>Maps the paths of the protocol.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        Map<ExportLogsServiceRequest>(
            routes, "/v1/logs", static services => services.GetRequiredService<LogIngestion>().Export);
        Map<ExportTraceServiceRequest>(
            routes, "/v1/traces", static services => services.GetRequiredService<TraceIngestion>().Export);
        Map<ExportMetricsServiceRequest>(
            routes, "/v1/metrics", static services => services.GetRequiredService<MetricIngestion>().Export);
    }

    private static void Map<T>(IEndpointRouteBuilder routes, string path, Func<IServiceProvider, Func<T, IMessage>> ingestion)
        where T : IMessage<T>, new() =>
        routes.MapPost(path, (HttpContext context) => ExportAsync(context, ingestion(context.RequestServices)))
            .WithMetadata(new ListenerMetadata(Listener.OtlpHttp), new RequestSizeLimitAttribute(MaxBytes))
            .AllowAnonymous(); // its key is looked at before

    private static async Task ExportAsync<T>(HttpContext context, Func<T, IMessage> export)
        where T : IMessage<T>, new()
    {
        var isJson = MediaType(context.Request) == Json;
        try
        {
            using var body = new PooledBytes(Math.Min(context.Request.ContentLength ?? 0, MaxBytes));
            await ReadAsync(context.Request, body, context.RequestAborted);
            await WriteAsync(context, export(isJson ? OtlpJson.Parse<T>(body.Written) : Parse<T>(body.Written)), StatusCodes.Status200OK, isJson);
        }
        catch (OtlpException refusal)
        {
            var (status, code) = refusal.Failure switch
            {
                OtlpFailure.TooLarge => (StatusCodes.Status413PayloadTooLarge, StatusCode.ResourceExhausted),
                OtlpFailure.Unsupported => (StatusCodes.Status415UnsupportedMediaType, StatusCode.InvalidArgument),
                _ => (StatusCodes.Status400BadRequest, StatusCode.InvalidArgument),
            };
            await WriteAsync(context, new RpcStatus { Code = (int)code, Message = refusal.Message }, status, isJson);
        }
    }

    private static T Parse<T>(ReadOnlySpan<byte> body)
        where T : IMessage<T>, new()
    {
        try
        {
            var message = new T();
            message.MergeFrom(body);
            return message;
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OtlpException(OtlpFailure.Malformed, $"The body is no {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    private static async Task ReadAsync(HttpRequest request, PooledBytes body, CancellationToken cancellationToken)
    {
        if (MediaType(request) is not (Protobuf or Json))
        {
            throw new OtlpException(
                OtlpFailure.Unsupported, $"Content-Type '{request.ContentType}' is not OTLP; send {Protobuf} or {Json}.");
        }

        var encoding = request.Headers.ContentEncoding.ToString();
        await using var content = encoding switch
        {
            "" or "identity" => request.Body,
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
            _ => throw new OtlpException(OtlpFailure.Unsupported, $"Content-Encoding '{encoding}' is not known; send gzip or none."),
        };
        try
        {
            while (await content.ReadAsync(body.Free(), cancellationToken) is var count and > 0)
            {
                body.Advance(count);
                if (body.Written.Length > MaxBytes)
                {
                    throw TooLarge();
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new OtlpException(OtlpFailure.Malformed, $"The body is not gzip: {exception.Message}", exception);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
    }

    private static OtlpException TooLarge() =>
        new(OtlpFailure.TooLarge, $"An export of more than {MaxBytes / (1024 * 1024)} MiB is not taken in; send smaller batches.");

    private static string? MediaType(HttpRequest request) =>
        request.ContentType?.Split(';', 2)[0].Trim().ToLowerInvariant();

    private static Task WriteAsync(HttpContext context, IMessage message, int status, bool isJson)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = isJson ? Json : Protobuf;
        return isJson
            ? context.Response.WriteAsync(JsonFormatter.Default.Format(message), context.RequestAborted)
            : context.Response.BodyWriter.WriteAsync(message.ToByteArray(), context.RequestAborted).AsTask();
    }
}
