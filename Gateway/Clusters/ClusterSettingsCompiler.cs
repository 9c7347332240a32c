using Gateway.Clusters.Balancing;
using Gateway.Clusters.DestinationRules;
using Gateway.Clusters.Limits;
using Gateway.Clusters.Outliers;
using Gateway.Mesh;
using Gateway.Registry;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Clusters;

/// <summary>Compiles the settings of the clusters of one port of a host, with Istio's defaults for what a policy leaves out.</summary>
/// <remarks>
/// istio/istio pilot/pkg/networking/core/cluster_traffic_policy.go and cluster_tls.go. A number of 0 is as good as absent.
/// </remarks>
/// <param name="Host">The host.</param>
/// <param name="Port">The port.</param>
/// <param name="Client">Whose clusters.</param>
/// <param name="Rule">The rule for the host; null without one.</param>
internal sealed record ClusterSettingsCompiler(ServiceHost Host, HostPort Port, ClusterClient Client, MergedRule? Rule)
{
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromHours(1);
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultBaseEjectionTime = TimeSpan.FromSeconds(30);

    /// <summary>Compiles a policy.</summary>
    /// <param name="policy">The policy for the port or the subset; null without one.</param>
    /// <param name="findings">Receives what is wrong.</param>
    public ClusterSettings Compile(TrafficPolicy? policy, List<Finding> findings) => new()
    {
        Protocol = Protocol(policy?.ConnectionPool?.Http),
        Tls = Tls(policy?.Tls),
        Connections = Connections(policy?.ConnectionPool),
        Limits = Limits(policy?.ConnectionPool, policy?.RetryBudget),
        Balancer = Balancer(policy?.LoadBalancer, findings),
        Outliers = Outliers(policy?.OutlierDetection),
        ProxyProtocol = policy?.ProxyProtocol is { } header ? header.Version ?? ProxyProtocolVersion.V1 : null,
        Tunnel = policy?.Tunnel,
    };

    private ClusterProtocol Protocol(HTTPSettings? http) => http switch
    {
        { UseClientProtocol: true } => ClusterProtocol.ClientProtocol,
        { H2UpgradePolicy: H2UpgradePolicies.Upgrade } => ClusterProtocol.Http2,
        _ when Port.Protocol.IsHttp2() => ClusterProtocol.Http2,
        // A sidecar looks what an undeclared port speaks; a gateway does not and speaks HTTP/1.1.
        _ when Port.Protocol == PortProtocol.Unsupported && !Client.IsGateway => ClusterProtocol.ClientProtocol,
        _ => ClusterProtocol.Http1,
    };

    private ClusterTls? Tls(ClientTLSSettings? tls)
    {
        // Mutual TLS of the mesh itself needs the cluster's identities, which a laptop has not.
        if (tls?.Mode is not (ClientTlsMode.Simple or ClientTlsMode.Mutual))
        {
            return null;
        }

        // Secrets are a gateway's: a sidecar gets them only by a rule that is for its workload alone.
        var credential = tls.CredentialName ?? "";
        var isSecret = credential.Length > 0 && !credential.StartsWith("configmap://", StringComparison.Ordinal);
        if (isSecret && !Client.IsGateway && Rule?.Selector is null)
        {
            return null;
        }

        var names = tls.SubjectAltNames.IsEmpty && !Host.IsKubernetes ? Host.SubjectAltNames : [.. tls.SubjectAltNames];
        return new ClusterTls(tls.Mode, string.IsNullOrEmpty(tls.Sni) ? null : tls.Sni, names)
        {
            Source = tls,
            SkipVerify = tls.InsecureSkipVerify == true,
        };
    }

    private static ConnectionSettings Connections(ConnectionPoolSettings? pool)
    {
        var idle = (pool?.Http?.IdleTimeout ?? pool?.Tcp?.IdleTimeout)?.Value ?? DefaultIdleTimeout;
        return new ConnectionSettings(
            Positive(pool?.Tcp?.ConnectTimeout) ?? DefaultConnectTimeout, idle > TimeSpan.Zero ? idle : null,
            Math.Max(0, pool?.Http?.MaxRequestsPerConnection ?? 0))
        {
            MaxConnectionDuration = Positive(pool?.Tcp?.MaxConnectionDuration),
            MaxConcurrentStreams = Math.Max(0, pool?.Http?.MaxConcurrentStreams ?? 0),
            TcpKeepalive = pool?.Tcp?.TcpKeepalive,
            Http2Keepalive = pool?.Http?.Http2KeepAlive,
        };
    }

    private static CircuitBreakerLimits Limits(ConnectionPoolSettings? pool, RetryBudget? budget) =>
        new(Limit(pool?.Tcp?.MaxConnections), Limit(pool?.Http?.Http1MaxPendingRequests), Limit(pool?.Http?.Http2MaxRequests),
            Limit(pool?.Http?.MaxRetries))
        {
            RetryBudget = budget is null
                ? null
                : new RetryBudgetLimit(budget.Percent ?? 20, budget.MinRetryConcurrency is > 0 and var least ? least : 3,
                    budget.BudgetInterval?.Value ?? TimeSpan.Zero),
        };

    private BalancerSettings Balancer(LoadBalancerSettings? settings, List<Finding> findings)
    {
        // A sidecar passes a request on to where the caller has connected; a gateway has no such address and balances.
        var isOriginalDestination = !Client.IsGateway && (Host.Resolution == HostResolution.None || Host.IsHeadless);
        if (Host.Resolution == HostResolution.DynamicDns || isOriginalDestination || settings?.Simple == SimpleLoadBalancer.Passthrough)
        {
            return new BalancerSettings(BalancerKind.Passthrough) { PortOverride = Port.PassthroughPort };
        }

        if (settings?.ConsistentHash is { } hash)
        {
            return ConsistentHash(hash, findings);
        }

        return new BalancerSettings(settings?.Simple switch
        {
            SimpleLoadBalancer.RoundRobin => BalancerKind.RoundRobin,
            SimpleLoadBalancer.Random => BalancerKind.Random,
            _ => BalancerKind.LeastRequest,
        })
        {
            SlowStart = settings?.Simple == SimpleLoadBalancer.Random ? null : SlowStart(settings),
        };
    }

    private static SlowStart? SlowStart(LoadBalancerSettings? settings) =>
        settings?.Warmup is { } warmup
            ? Positive(warmup.Duration) is { } duration
                ? new SlowStart(duration, warmup.Aggression ?? 1, warmup.MinimumPercent ?? 10)
                : null
            : Positive(settings?.WarmupDurationSecs) is { } window ? new SlowStart(window) : null;

    private BalancerSettings ConsistentHash(ConsistentHashLB hash, List<Finding> findings)
    {
        var policy = HashPolicies.Compile(hash);
        if (hash.Maglev is { } maglev)
        {
            var size = maglev.TableSize is > 0 and var given ? given : MaglevBalancer.DefaultTableSize;
            return new BalancerSettings(BalancerKind.Maglev) { Hash = policy, TableSize = CheckedTableSize(size, findings) };
        }

        var least = hash.RingHash is { } ring ? ring.MinimumRingSize : hash.MinimumRingSize;
        return new BalancerSettings(BalancerKind.RingHash)
        {
            Hash = policy,
            TableSize = Math.Min(least is > 0 and var points ? points : RingHashBalancer.DefaultRingSize, RingHashBalancer.MaximumRingSize),
        };
    }

    private ulong CheckedTableSize(ulong size, List<Finding> findings)
    {
        if (Primes.IsPrime(size) && size <= MaglevBalancer.MaximumTableSize)
        {
            return size;
        }

        // Once for each rule, not for each of its clusters.
        if (Rule is not null
            && !findings.Exists(finding => finding.Code == ClusterCodes.TableSize.Code && finding.Name == Rule.Document.Name))
        {
            findings.Add(Rule.Document.At("spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize", ClusterCodes.TableSize,
                $"{size} is not a prime number up to {MaglevBalancer.MaximumTableSize}, so Envoy rejects the cluster "
                + $"{new ClusterKey(Host.Name, Port.Number)}; choose a prime such as {MaglevBalancer.DefaultTableSize}"));
        }

        return MaglevBalancer.DefaultTableSize;
    }

    private static OutlierSettings? Outliers(OutlierDetection? outlier) => outlier is null
        ? null
        : new OutlierSettings
        {
            Consecutive5xx = outlier.Consecutive5xxErrors ?? 5,
            ConsecutiveGatewayErrors = outlier.ConsecutiveGatewayErrors ?? 0,
            SplitLocalOrigin = outlier.SplitExternalLocalOriginErrors == true,
            ConsecutiveLocalOriginFailures = outlier.ConsecutiveLocalOriginFailures is > 0 and var failures ? failures : 5,
            Interval = Positive(outlier.Interval) ?? DefaultInterval,
            BaseEjectionTime = Positive(outlier.BaseEjectionTime) ?? DefaultBaseEjectionTime,
            MaxEjectionPercent = (uint)Math.Min(100, outlier.MaxEjectionPercent is > 0 and var percent ? percent : 10),
            MinHealthPercent = (uint)Math.Clamp(outlier.MinHealthPercent ?? 0, 0, 100),
            ErrorCodes = [.. outlier.OutlierDetectionHttpErrorCodes.Select(code => (int)code)],
        };

    private static uint Limit(int? value) => value is > 0 and var limit ? (uint)limit : uint.MaxValue;

    private static TimeSpan? Positive(Duration? duration) => duration?.Value is { Ticks: > 0 } value ? value : null;
}
