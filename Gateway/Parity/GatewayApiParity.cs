using Istio.GatewayApi;

namespace Gateway.Parity;

/// <summary>HTTPRoute and Gateway of the Gateway API.</summary>
internal static class GatewayApiParity
{
    private const string TlsTests = "IstioDoor/ServerTlsTests";
    private const string NoIstio = "Istio does not act on it";
    private const string Address = "where a door listens is the command line's --istio-door";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(HTTPRoute)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(HTTPRouteSpec))
        {
            Executed = ["parentRefs", "hostnames", "rules"],
            Published = { ["useDefaultGateways"] = NoIstio },
        },
        new(typeof(ParentReference)) { Executed = ["group", "kind", "namespace", "name", "sectionName", "port"] },
        new(typeof(HTTPRouteRule))
        {
            Executed = ["matches", "filters", "backendRefs", "timeouts", "retry"],
            Validated = { ["sessionPersistence"] = NoIstio },
            Published = { ["name"] = NoIstio },
        },
        new(typeof(HTTPRouteMatch)) { Executed = ["path", "headers", "queryParams", "method"] },
        new(typeof(HTTPPathMatch)) { Executed = ["type", "value"] },
        new(typeof(HTTPHeaderMatch)) { Executed = ["type", "name", "value"] },
        new(typeof(HTTPQueryParamMatch)) { Executed = ["type", "name", "value"] },
        new(typeof(HTTPBackendRef)) { Executed = ["group", "kind", "name", "namespace", "port", "weight", "filters"] },
        new(typeof(HTTPRouteTimeouts)) { Executed = ["request", "backendRequest"] },
        new(typeof(HTTPRouteRetry)) { Executed = ["codes", "attempts", "backoff"] },
        new(typeof(HTTPRouteFilter))
        {
            Executed =
            [
                "type", "requestHeaderModifier", "responseHeaderModifier", "requestMirror", "requestRedirect", "urlRewrite", "cors",
            ],
            Validated = { ["externalAuth"] = "external authorizers are not asked", ["extensionRef"] = NoIstio },
        },
        new(typeof(HTTPHeaderFilter)) { Executed = ["set", "add", "remove"] },
        new(typeof(HTTPHeader)) { Executed = ["name", "value"] },
        new(typeof(HTTPRequestMirrorFilter)) { Executed = ["backendRef", "percent", "fraction"] },
        new(typeof(Fraction)) { Executed = ["numerator", "denominator"] },
        new(typeof(HTTPRequestRedirectFilter)) { Executed = ["scheme", "hostname", "path", "port", "statusCode"] },
        new(typeof(HTTPURLRewriteFilter)) { Executed = ["hostname", "path"] },
        new(typeof(HTTPPathModifier)) { Executed = ["type", "replaceFullPath", "replacePrefixMatch"] },
        new(typeof(HTTPCORSFilter))
        {
            Executed = ["allowOrigins", "allowCredentials", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge"],
        },
        new(typeof(BackendObjectReference)) { Executed = ["group", "kind", "name", "namespace", "port"] },
        new(typeof(Istio.GatewayApi.Gateway)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(GatewaySpec))
        {
            Executed = ["gatewayClassName", "listeners"],
            Validated =
            {
                ["addresses"] = Address, ["tls"] = "certificates of clients are verified by an Istio Gateway's tls only",
            },
            Published =
            {
                ["infrastructure"] = "it describes the pods of the gateway", ["allowedListeners"] = "ListenerSets are not read",
                ["defaultScope"] = NoIstio,
            },
        },
        new(typeof(Listener))
        {
            Executed = ["name", "hostname", "port", "protocol", "allowedRoutes"],
            Tested = { ["tls"] = TlsTests },
        },
        new(typeof(ListenerTLSConfig))
        {
            Tested = { ["certificateRefs"] = TlsTests, ["options"] = TlsTests },
            Validated = { ["mode"] = "what is passed through is not served; a finding says so" },
            Published = { ["frontendValidation"] = "certificates of clients are verified by an Istio Gateway's tls only" },
        },
        new(typeof(SecretObjectReference))
        {
            Tested = { ["name"] = TlsTests, ["namespace"] = TlsTests },
            Validated = { ["group"] = "only Secrets are valid", ["kind"] = "only Secrets are valid" },
        },
        new(typeof(AllowedRoutes)) { Executed = ["namespaces", "kinds"] },
        new(typeof(RouteNamespaces)) { Executed = ["from", "selector"] },
        new(typeof(LabelSelector)) { Executed = ["matchLabels", "matchExpressions"] },
        new(typeof(LabelSelectorRequirement)) { Executed = ["key", "operator", "values"] },
        new(typeof(RouteGroupKind)) { Executed = ["group", "kind"] },
    ];
}
