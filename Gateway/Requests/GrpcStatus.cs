using System.Collections.Frozen;

namespace Gateway.Requests;

/// <summary>gRPC's status codes, and how Envoy answers a gRPC request itself: HTTP 200 with <c>grpc-status</c> and no body.</summary>
/// <remarks>
/// Envoy source/common/grpc/status.cc and source/common/http/utility.cc (<c>prepareLocalReply</c>);
/// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
/// </remarks>
internal static class GrpcStatus
{
    /// <summary>RESOURCE_EXHAUSTED.</summary>
    public const int ResourceExhausted = 8;

    private const string ContentType = "application/grpc";

    private static readonly FrozenDictionary<string, int> ByName = new[]
    {
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    }.Select((name, code) => KeyValuePair.Create(name, code)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a request is a gRPC call: of type <c>application/grpc</c>, or <c>application/grpc+</c> and more.</summary>
    public static bool IsGrpc(IHeaderDictionary requestHeaders) =>
        requestHeaders.ContentType is [{ } type, ..] && type.StartsWith(ContentType, StringComparison.Ordinal)
        && (type.Length == ContentType.Length || type[ContentType.Length] == '+');

    /// <summary>The code of a name such as <c>UNAVAILABLE</c>; names are upper-case.</summary>
    public static bool TryParse(string name, out int code) => ByName.TryGetValue(name, out code);

    /// <summary>The code that stands for an HTTP status.</summary>
    public static int FromHttp(int status) => status switch
    {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => 14,
        _ => 2,
    };
}
