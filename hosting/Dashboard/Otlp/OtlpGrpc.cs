using Dashboard.Otlp.Ingestion;
using Dashboard.Otlp.Messages;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Dashboard.Otlp;

/// <summary>
/// The three services of OTLP over gRPC. Their methods are mapped by hand, because what is generated answers a message that cannot be read
/// with UNKNOWN, upon which exporters send it again; the specification wants INVALID_ARGUMENT.
/// </summary>
internal sealed class OtlpGrpc : IServiceMethodProvider<OtlpGrpc.Services>
{
    private const string Package = "opentelemetry.proto.collector";

    /// <summary>Stands for the services where ASP.NET Core wants a type.</summary>
    internal sealed class Services;

    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<Services> context)
    {
        Add<ExportLogsServiceRequest, ExportLogsServiceResponse>(
            context, "logs.v1.LogsService", static services => services.GetRequiredService<LogIngestion>().Export);
        Add<ExportTraceServiceRequest, ExportTraceServiceResponse>(
            context, "trace.v1.TraceService", static services => services.GetRequiredService<TraceIngestion>().Export);
        Add<ExportMetricsServiceRequest, ExportMetricsServiceResponse>(
            context, "metrics.v1.MetricsService", static services => services.GetRequiredService<MetricIngestion>().Export);
    }

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<Services> context, string service, Func<IServiceProvider, Func<TRequest, TResponse>> ingestion)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(
            MethodType.Unary, $"{Package}.{service}", "Export", MarshallerOf<TRequest>(), MarshallerOf<TResponse>());
        context.AddUnaryMethod(method, [], (_, request, call) =>
            Task.FromResult(ingestion(call.GetHttpContext().RequestServices)(request)));
    }

    private static Marshaller<T> MarshallerOf<T>()
        where T : class, IMessage<T>, new() => Marshallers.Create(
            static (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            static context =>
            {
                try
                {
                    var message = new T();
                    message.MergeFrom(context.PayloadAsReadOnlySequence());
                    return message;
                }
                catch (InvalidProtocolBufferException exception)
                {
                    throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, $"The body is no {typeof(T).Name}: {exception.Message}"));
                }
            });
}
