namespace Gateway.Clusters.Outliers;

/// <summary>The HTTP status that a gRPC status stands for.</summary>
/// <remarks>envoyproxy/envoy source/common/grpc/status.cc, grpcToHttpStatus, after google/rpc/code.proto.</remarks>
internal static class GrpcCodes
{
    /// <summary>Converts a <c>grpc-status</c>; an unknown one counts as an internal error.</summary>
    public static int ToHttp(int grpcStatus) => grpcStatus switch
    {
        0 => 200,
        1 => 499,
        3 or 9 or 11 => 400,
        4 => 504,
        5 => 404,
        6 or 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    };
}
