using System.Buffers.Binary;
using System.Text;
using Gateway.Policies.ExternalAuthorization.Messages;
using Google.Protobuf;
using YamlDotNet.Serialization;

namespace Conformance.Upstreams;

/// <summary>Messages of external authorizers that are asked by gRPC, between YAML and the wire.</summary>
internal static class CheckMessages
{
    private const string Service = "/envoy.service.auth.v3.Authorization/Check";
    private const int PrefixLength = 5;

    private static readonly ISerializer Json = new SerializerBuilder().JsonCompatible().Build();

    /// <summary>Whether a request asks an authorizer.</summary>
    public static bool IsQuestion(string target) => target == Service;

    /// <summary>What is asked, as JSON.</summary>
    public static byte[] Question(byte[] body) =>
        Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(CheckRequest.Parser.ParseFrom(body.AsSpan(PrefixLength))));

    /// <summary>An answer in its frame.</summary>
    public static byte[] Answer(Dictionary<string, object> answer)
    {
        var message = JsonParser.Default.Parse<CheckResponse>(Json.Serialize(answer)).ToByteArray();
        var frame = new byte[PrefixLength + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, PrefixLength);
        return frame;
    }
}
