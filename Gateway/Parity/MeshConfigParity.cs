using Istio.MeshConfiguration;

namespace Gateway.Parity;

/// <summary>MeshConfig: the external authorizers among its extension providers.</summary>
internal static class MeshConfigParity
{
    private const string Cache = "Istio does not pass it on to Envoy, and a finding says so";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(MeshConfig)) { Executed = ["extensionProviders"] },
        new(typeof(MeshExtensionProvider)) { Executed = ["name", "envoyExtAuthzHttp", "envoyExtAuthzGrpc"] },
        new(typeof(EnvoyExternalAuthorizationHttpProvider))
        {
            Executed =
            [
                "service", "port", "timeout", "pathPrefix", "failOpen", "statusOnError", "includeHeadersInCheck",
                "includeRequestHeadersInCheck", "includeAdditionalHeadersInCheck", "includeRequestBodyInCheck", "headersToUpstreamOnAllow",
                "headersToDownstreamOnDeny", "headersToDownstreamOnAllow",
            ],
            Validated = { ["clearRouteCache"] = Cache },
        },
        new(typeof(EnvoyExternalAuthorizationGrpcProvider))
        {
            Executed = ["service", "port", "timeout", "failOpen", "statusOnError", "includeRequestBodyInCheck"],
            Validated = { ["clearRouteCache"] = Cache },
        },
        new(typeof(EnvoyExternalAuthorizationRequestBody)) { Executed = ["maxRequestBytes", "allowPartialMessage", "packAsBytes"] },
    ];
}
