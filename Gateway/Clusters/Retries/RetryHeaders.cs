using System.Globalization;

namespace Gateway.Clusters.Retries;

/// <summary>
/// The request headers by which a caller asks for retries. A sidecar believes them; a gateway, for which every client is outside the
/// mesh, takes them away unread (Envoy's edge requests).
/// </summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#http-headers-consumed-from-downstream-clients;
/// envoyproxy/envoy source/common/http/conn_manager_utility.cc, cleanInternalHeaders.
/// </remarks>
internal readonly record struct RetryHeaders(RetryConditions Conditions, ulong? MaxRetries, int[] StatusCodes)
{
    /// <summary>The response header of a rate limit.</summary>
    public const string RateLimited = "x-envoy-ratelimited";

    private const string RetryOn = "x-envoy-retry-on";
    private const string RetryGrpcOn = "x-envoy-retry-grpc-on";
    private const string MaxRetriesName = "x-envoy-max-retries";
    private const string RetriableStatusCodes = "x-envoy-retriable-status-codes";

    private static readonly string[] Consumed =
    [
        RetryOn, RetryGrpcOn, MaxRetriesName, RetriableStatusCodes, "x-envoy-hedge-on-per-try-timeout", "x-envoy-retriable-header-names",
        "x-envoy-upstream-rq-per-try-timeout-ms",
    ];

    /// <summary>Takes the headers away.</summary>
    public static void Remove(IHeaderDictionary headers)
    {
        foreach (var name in Consumed)
        {
            headers.Remove(name);
        }
    }

    /// <summary>Reads the headers and takes them away.</summary>
    public static RetryHeaders Take(IHeaderDictionary headers)
    {
        var conditions = RetryWords.ParseList(headers[RetryOn].ToString(), grpc: false)
            | RetryWords.ParseList(headers[RetryGrpcOn].ToString(), grpc: true);
        ulong? most = ulong.TryParse(headers[MaxRetriesName].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
        var codes = ParseCodes(headers[RetriableStatusCodes].ToString());
        Remove(headers);
        return new RetryHeaders(conditions, most, codes);
    }

    private static int[] ParseCodes(string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        var codes = new List<int>();
        foreach (var range in text.AsSpan().Split(','))
        {
            if (int.TryParse(text.AsSpan(range).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            {
                codes.Add(code);
            }
        }

        return [.. codes];
    }
}
