using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using PingService.Instance;

namespace PingService.Ping;

/// <summary>The answer of <c>/ping</c>.</summary>
/// <param name="Message">Two lines: the date, and <c> pong at </c> with the instance's name.</param>
internal sealed record PingReply(string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PingReply))]
internal sealed partial class PingJson : JsonSerializerContext;

/// <summary>
/// Makes the body of <c>/ping</c>. It changes once a second, so it is serialized once a second and then shared by all requests.
/// </summary>
internal sealed class PingReplies
{
    // Escapes nothing that JSON does not ask for: the name of a zone may be "+08".
    private static readonly PingJson Json = new(new JsonSerializerOptions(PingJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly TimeProvider _time;
    private readonly InstanceName _instance;
    private volatile Body _body = new(long.MinValue, []);

    public PingReplies(TimeProvider time, InstanceName instance)
    {
        _time = time;
        _instance = instance;
    }

    /// <summary>The body for this second, as UTF-8.</summary>
    public ReadOnlyMemory<byte> Current
    {
        get
        {
            var second = _time.GetUtcNow().ToUnixTimeSeconds();
            var body = _body;
            if (body.Second != second)
            {
                _body = body = new Body(second, Serialize(second));
            }

            return body.Utf8;
        }
    }

    private byte[] Serialize(long second) =>
        JsonSerializer.SerializeToUtf8Bytes(new PingReply($"{UnixDate.Format(second)}\n pong at {_instance.Value}\n"), Json.PingReply);

    private sealed record Body(long Second, byte[] Utf8);
}
