using Istio.Networking;

namespace Gateway.Parity;

/// <summary>DestinationRule.</summary>
internal static class DestinationRuleParity
{
    private const string SettingsTests = "Clusters/ClusterSettingsTests";
    private const string TlsTests = "IstioDoor/TlsTests";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(DestinationRule)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(DestinationRuleSpec))
        {
            Executed = ["host", "trafficPolicy", "subsets", "exportTo", "workloadSelector"],
        },
        new(typeof(Subset)) { Executed = ["name", "labels", "trafficPolicy"] },
        new(typeof(TrafficPolicy))
        {
            Executed = ["loadBalancer", "connectionPool", "outlierDetection", "portLevelSettings", "retryBudget"],
            Tested = { ["tls"] = TlsTests, ["proxyProtocol"] = "Clusters/DestinationRuleTests", ["tunnel"] = SettingsTests },
        },
        new(typeof(PortTrafficPolicy))
        {
            Executed = ["port", "loadBalancer", "connectionPool", "outlierDetection"],
            Tested = { ["tls"] = TlsTests },
        },
        new(typeof(TunnelSettings))
        {
            Tested = { ["protocol"] = SettingsTests, ["targetHost"] = SettingsTests, ["targetPort"] = SettingsTests },
        },
        new(typeof(ProxyProtocol)) { Tested = { ["version"] = "Clusters/DestinationRuleTests" } },
        new(typeof(RetryBudget)) { Executed = ["percent", "minRetryConcurrency"], Tested = { ["budgetInterval"] = SettingsTests } },
        new(typeof(ConnectionPoolSettings)) { Executed = ["tcp", "http"] },
        new(typeof(TCPSettings))
        {
            Executed = ["maxConnections", "connectTimeout", "maxConnectionDuration", "idleTimeout"],
            Tested = { ["tcpKeepalive"] = SettingsTests },
        },
        new(typeof(TcpKeepalive)) { Tested = { ["probes"] = SettingsTests, ["time"] = SettingsTests, ["interval"] = SettingsTests } },
        new(typeof(HTTPSettings))
        {
            Executed =
            [
                "http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "idleTimeout", "h2UpgradePolicy",
                "useClientProtocol", "maxConcurrentStreams",
            ],
            Tested = { ["http2KeepAlive"] = SettingsTests },
        },
        new(typeof(ConnectionKeepalive)) { Tested = { ["interval"] = SettingsTests, ["timeout"] = SettingsTests } },
        new(typeof(OutlierDetection))
        {
            Executed =
            [
                "splitExternalLocalOriginErrors", "consecutiveLocalOriginFailures", "consecutiveGatewayErrors", "consecutive5xxErrors",
                "interval",
                "baseEjectionTime", "maxEjectionPercent", "minHealthPercent", "outlierDetectionHttpErrorCodes",
            ],
            Validated = { ["consecutiveErrors"] = "Istio ignores it; validation says which field to use" },
        },
        new(typeof(LoadBalancerSettings))
        {
            Executed = ["simple", "consistentHash", "warmupDurationSecs", "warmup"],
            Validated =
            {
                ["backendUtilization"] = "endpoints report no load here", ["localityLbSetting"] = ParityTable.Locality,
                ["zoneAwareLbSetting"] = ParityTable.Locality,
            },
        },
        new(typeof(WarmupConfiguration)) { Executed = ["duration", "minimumPercent", "aggression"] },
        new(typeof(ConsistentHashLB))
        {
            Executed = ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"],
            Tested = { ["ringHash"] = SettingsTests, ["maglev"] = SettingsTests, ["minimumRingSize"] = SettingsTests },
        },
        new(typeof(HTTPCookie)) { Executed = ["name", "path", "ttl", "attributes"] },
        new(typeof(CookieAttributeValue)) { Executed = ["name", "value"] },
        new(typeof(RingHash)) { Tested = { ["minimumRingSize"] = SettingsTests } },
        new(typeof(MagLev)) { Tested = { ["tableSize"] = SettingsTests } },
        new(typeof(ClientTLSSettings))
        {
            Tested =
            {
                ["mode"] = TlsTests, ["clientCertificate"] = TlsTests, ["privateKey"] = TlsTests, ["caCertificates"] = TlsTests,
                ["credentialName"] = TlsTests, ["subjectAltNames"] = TlsTests, ["sni"] = TlsTests, ["insecureSkipVerify"] = TlsTests,
            },
            Validated = { ["caCrl"] = "revocation lists are not read" },
        },
    ];
}
