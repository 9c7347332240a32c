using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Requests;

namespace Gateway.AccessLogs;

/// <summary>How an entry of the access log looks.</summary>
/// <remarks>Istio pilot/pkg/model/telemetry_logging.go: the mesh configuration's accessLogEncoding TEXT, the default, or JSON.</remarks>
internal abstract class AccessLogFormat
{
    /// <summary>Istio's text format.</summary>
    public static AccessLogFormat Text { get; } = Parse(
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% "
        + "%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% "
        + "%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" "
        + "\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% "
        + "%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n");

    /// <summary>Istio's JSON format; members in alphabetical order, which Envoy leaves open.</summary>
    public static AccessLogFormat Json { get; } = new JsonFormat(
    [
        ("authority", "REQ(:AUTHORITY)"), ("bytes_received", "BYTES_RECEIVED"), ("bytes_sent", "BYTES_SENT"),
        ("connection_termination_details", "CONNECTION_TERMINATION_DETAILS"), ("downstream_local_address", "DOWNSTREAM_LOCAL_ADDRESS"),
        ("downstream_remote_address", "DOWNSTREAM_REMOTE_ADDRESS"), ("duration", "DURATION"), ("method", "REQ(:METHOD)"),
        ("path", "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)"), ("protocol", "PROTOCOL"), ("request_id", "REQ(X-REQUEST-ID)"),
        ("requested_server_name", "REQUESTED_SERVER_NAME"), ("response_code", "RESPONSE_CODE"),
        ("response_code_details", "RESPONSE_CODE_DETAILS"), ("response_flags", "RESPONSE_FLAGS"), ("route_name", "ROUTE_NAME"),
        ("start_time", "START_TIME"), ("upstream_cluster", "UPSTREAM_CLUSTER_RAW"), ("upstream_host", "UPSTREAM_HOST"),
        ("upstream_local_address", "UPSTREAM_LOCAL_ADDRESS"), ("upstream_service_time", "RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)"),
        ("upstream_transport_failure_reason", "UPSTREAM_TRANSPORT_FAILURE_REASON"), ("user_agent", "REQ(USER-AGENT)"),
        ("x_forwarded_for", "REQ(X-FORWARDED-FOR)"),
    ]);

    /// <summary>Compiles a text format.</summary>
    /// <exception cref="FormatException">It has an operator that does not exist here.</exception>
    public static AccessLogFormat Parse(string format)
    {
        var parts = ImmutableArray.CreateBuilder<(byte[] Before, AccessLogOperator? Operator)>();
        for (var position = 0; position < format.Length;)
        {
            var start = format.IndexOf('%', position);
            var end = start < 0 ? -1 : format.IndexOf('%', start + 1);
            if (start >= 0 && end < 0)
            {
                throw new FormatException($"The percent sign at character {start} begins no operator.");
            }

            parts.Add((Encoding.UTF8.GetBytes(start < 0 ? format[position..] : format[position..start]),
                start < 0 ? null : AccessLogOperator.Parse(format[(start + 1)..end])));
            position = start < 0 ? format.Length : end + 1;
        }

        return new TextFormat(parts.ToImmutable());
    }

    /// <summary>Writes an entry with its line end.</summary>
    public abstract void Write(RequestSummary summary, IBufferWriter<byte> output);

    private sealed class TextFormat(ImmutableArray<(byte[] Before, AccessLogOperator? Operator)> parts) : AccessLogFormat
    {
        public override void Write(RequestSummary summary, IBufferWriter<byte> output)
        {
            foreach (var (before, value) in parts)
            {
                output.Write(before);
                if (value is not null && !value.Write(summary, output))
                {
                    output.Write("-"u8);
                }
            }
        }
    }

    private sealed class JsonFormat : AccessLogFormat
    {
        [ThreadStatic]
        private static (Utf8JsonWriter Json, ArrayBufferWriter<byte> Value)? _reused;

        private readonly (JsonEncodedText Name, AccessLogOperator Operator)[] _members;

        public JsonFormat(IEnumerable<(string Name, string Command)> members) =>
            _members = [.. members.Select(member => (JsonEncodedText.Encode(member.Name), AccessLogOperator.Parse(member.Command)))];

        public override void Write(RequestSummary summary, IBufferWriter<byte> output)
        {
            var (json, value) = _reused ??= (
                new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), new(256));
            json.Reset(output);
            json.WriteStartObject();
            foreach (var (name, member) in _members)
            {
                value.ResetWrittenCount();
                json.WritePropertyName(name);
                if (!member.Write(summary, value))
                {
                    json.WriteNullValue();
                }
                else if (member.IsNumber)
                {
                    json.WriteRawValue(value.WrittenSpan, skipInputValidation: true);
                }
                else
                {
                    json.WriteStringValue(value.WrittenSpan);
                }
            }

            json.WriteEndObject();
            json.Flush();
            output.Write("\n"u8);
        }
    }
}
