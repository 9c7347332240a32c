using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// Policies towards a destination, whole or for one port.
/// Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy
/// </summary>
internal static class TrafficPolicyRules
{
    public static void Check(Place at, TrafficPolicy? policy)
    {
        if (policy is null)
        {
            return;
        }

        if (policy is
            {
                OutlierDetection: null, ConnectionPool: null, LoadBalancer: null, Tls: null, PortLevelSettings.IsAbsent: true, Tunnel: null,
                ProxyProtocol: null, RetryBudget: null,
            })
        {
            at.Reject("The traffic policy is empty; add a setting, or remove it.");
        }

        if (policy is { Tunnel: not null, ProxyProtocol: not null })
        {
            at["proxyProtocol"].Reject("tunnel and proxyProtocol exclude each other; keep one of the two.");
        }

        CheckCommon(at, policy.OutlierDetection, policy.ConnectionPool, policy.LoadBalancer, policy.Tls);
        CheckPorts(at["portLevelSettings"], policy.PortLevelSettings);
        if (policy.Tunnel is { } tunnel)
        {
            CheckTunnel(at["tunnel"], tunnel);
        }
    }

    private static void CheckCommon(
        Place at, OutlierDetection? outlier, ConnectionPoolSettings? pool, LoadBalancerSettings? balancer, ClientTLSSettings? tls)
    {
        if (outlier is not null)
        {
            CheckOutlier(at["outlierDetection"], outlier);
        }

        ConnectionPoolRules.Check(at["connectionPool"], pool);
        if (balancer is not null)
        {
            LoadBalancerRules.Check(at["loadBalancer"], balancer, outlier is not null);
        }

        if (tls is not null)
        {
            CheckTls(at["tls"], tls);
        }
    }

    private static void CheckPorts(Place at, EquatableArray<PortTrafficPolicy> ports)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            if (port.Port is null)
            {
                at[i]["port"].Reject("port is missing; say which port the settings are for.");
            }

            if (port is { OutlierDetection: null, ConnectionPool: null, LoadBalancer: null, Tls: null })
            {
                at[i].Reject("The settings of the port are empty; add one, or remove the entry.");
            }

            CheckCommon(at[i], port.OutlierDetection, port.ConnectionPool, port.LoadBalancer, port.Tls);
        }
    }

    private static void CheckOutlier(Place at, OutlierDetection outlier)
    {
        SharedRules.CheckDuration(at["interval"], outlier.Interval);
        SharedRules.CheckDuration(at["baseEjectionTime"], outlier.BaseEjectionTime);
        SharedRules.CheckPercent(at["maxEjectionPercent"], outlier.MaxEjectionPercent);
        SharedRules.CheckPercent(at["minHealthPercent"], outlier.MinHealthPercent);
        if (outlier.ConsecutiveErrors is not (null or 0))
        {
            at["consecutiveErrors"].Warn("consecutiveErrors is deprecated; use consecutive5xxErrors or consecutiveGatewayErrors.");
        }

        if (outlier.ConsecutiveLocalOriginFailures is > 0 && outlier.SplitExternalLocalOriginErrors != true)
        {
            at["consecutiveLocalOriginFailures"].Reject(
                "consecutiveLocalOriginFailures counts only with splitExternalLocalOriginErrors: true; add it.");
        }
    }

    private static void CheckTls(Place at, ClientTLSSettings tls)
    {
        var hasCredential = !string.IsNullOrEmpty(tls.CredentialName);
        var hasAuthority = !string.IsNullOrEmpty(tls.CaCertificates);
        if (tls.InsecureSkipVerify == true && tls.Mode is ClientTlsMode.Simple or ClientTlsMode.Mutual
            && (hasAuthority || !tls.SubjectAltNames.IsAbsent || (hasCredential && tls.Mode == ClientTlsMode.Simple)))
        {
            at["insecureSkipVerify"].Reject(
                "insecureSkipVerify excludes caCertificates, subjectAltNames and, with SIMPLE, credentialName, which verify; keep one of "
                + "the two.");
        }

        if (tls.CredentialName?.StartsWith("configmap://", StringComparison.Ordinal) == true)
        {
            CheckConfigMap(at["credentialName"], tls.CredentialName["configmap://".Length..]);
        }

        if (tls.Mode is not (ClientTlsMode.Simple or ClientTlsMode.Mutual))
        {
            return;
        }

        if (hasCredential && (hasAuthority || !string.IsNullOrEmpty(tls.ClientCertificate) || !string.IsNullOrEmpty(tls.PrivateKey)
            || !string.IsNullOrEmpty(tls.CaCrl)))
        {
            at["credentialName"].Reject("credentialName excludes certificates and keys from files; keep one of the two.");
        }
        else if (!hasCredential && tls.Mode == ClientTlsMode.Mutual)
        {
            SharedRules.Required(at, "clientCertificate", !string.IsNullOrEmpty(tls.ClientCertificate),
                "MUTUAL presents a client certificate.");
            SharedRules.Required(at, "privateKey", !string.IsNullOrEmpty(tls.PrivateKey),
                "MUTUAL needs the key of the client certificate.");
        }
    }

    private static void CheckConfigMap(Place at, string name)
    {
        var parts = name.Split('/');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0))
        {
            at.Reject("A ConfigMap is named configmap://name or configmap://namespace/name; correct the name.");
        }
        else if (parts.Length == 2 && parts[0] != at.Document.Namespace)
        {
            at.Reject($"The ConfigMap must be in the namespace of the rule, {at.Document.Namespace}; it is in {parts[0]}.");
        }
    }

    private static void CheckTunnel(Place at, TunnelSettings tunnel)
    {
        if (tunnel.Protocol is not (null or "" or "CONNECT" or "POST"))
        {
            at["protocol"].Reject($"\"{tunnel.Protocol}\" is not possible; use CONNECT or POST.");
        }

        if (tunnel.TargetHost is not { } host)
        {
            at["targetHost"].Reject("targetHost is missing; name the host to tunnel to.");
        }
        else if (!IpAddresses.IsAddress(host))
        {
            at["targetHost"].Reject(DnsNames.CheckFqdn(host));
        }

        if (tunnel.TargetPort is { } port)
        {
            SharedRules.CheckPort(at["targetPort"], port);
        }
        else
        {
            at["targetPort"].Reject("targetPort is missing; say which port to tunnel to.");
        }
    }
}

/// <summary>Limits of connections and requests.</summary>
internal static class ConnectionPoolRules
{
    public static void Check(Place at, ConnectionPoolSettings? pool)
    {
        if (pool is { Http: null, Tcp: null })
        {
            at.Reject("The connection pool is empty; add tcp or http.");
        }

        if (pool?.Http is { } http)
        {
            CheckHttp(at["http"], http);
        }

        if (pool?.Tcp is { } tcp)
        {
            CheckTcp(at["tcp"], tcp);
        }
    }

    private static void CheckHttp(Place at, HTTPSettings http)
    {
        CheckLimit(at["http1MaxPendingRequests"], http.Http1MaxPendingRequests);
        CheckLimit(at["http2MaxRequests"], http.Http2MaxRequests);
        CheckLimit(at["maxRequestsPerConnection"], http.MaxRequestsPerConnection);
        CheckLimit(at["maxRetries"], http.MaxRetries);
        CheckLimit(at["maxConcurrentStreams"], http.MaxConcurrentStreams);
        SharedRules.CheckDuration(at["idleTimeout"], http.IdleTimeout);
        if (http is { H2UpgradePolicy: H2UpgradePolicies.Upgrade, UseClientProtocol: true })
        {
            at["useClientProtocol"].Reject("useClientProtocol contradicts h2UpgradePolicy: UPGRADE; keep one of the two.");
        }

        if (http.Http2KeepAlive is { } keepAlive)
        {
            var place = at["http2KeepAlive"];
            SharedRules.Required(place, "interval", keepAlive.Interval is not null, "HTTP/2 keep-alive needs interval and timeout.");
            SharedRules.Required(place, "timeout", keepAlive.Timeout is not null, "HTTP/2 keep-alive needs interval and timeout.");
            SharedRules.CheckDuration(place["interval"], keepAlive.Interval);
            SharedRules.CheckDuration(place["timeout"], keepAlive.Timeout);
        }
    }

    private static void CheckTcp(Place at, TCPSettings tcp)
    {
        CheckLimit(at["maxConnections"], tcp.MaxConnections);
        SharedRules.CheckDuration(at["connectTimeout"], tcp.ConnectTimeout);
        SharedRules.CheckDuration(at["maxConnectionDuration"], tcp.MaxConnectionDuration);

        // 0 switches the timeout off.
        if (tcp.IdleTimeout?.Value != TimeSpan.Zero)
        {
            SharedRules.CheckDuration(at["idleTimeout"], tcp.IdleTimeout);
        }

        SharedRules.CheckDuration(at["tcpKeepalive"]["time"], tcp.TcpKeepalive?.Time);
        SharedRules.CheckDuration(at["tcpKeepalive"]["interval"], tcp.TcpKeepalive?.Interval);
    }

    private static void CheckLimit(Place at, int? limit)
    {
        if (limit < 0)
        {
            at.Reject($"{limit} is not a limit; write 0 (not set) or more.");
        }
    }
}
