namespace Istio.Extensions;

/// <summary>When an image is fetched.</summary>
public static class PluginImagePullPolicy
{
    /// <summary>IfNotPresent, or Always for the tag latest.</summary>
    public const string Unspecified = "UNSPECIFIED_POLICY";

    /// <summary>When it is not there yet.</summary>
    public const string IfNotPresent = "IfNotPresent";

    /// <summary>Each time the plugin changes.</summary>
    public const string Always = "Always";
}

/// <summary>Places among Istio's own filters.</summary>
public static class PluginPhase
{
    /// <summary>The end of the chain, before the router.</summary>
    public const string Unspecified = "UNSPECIFIED";

    /// <summary>Before authentication.</summary>
    public const string Authn = "AUTHN";

    /// <summary>Before authorization, after authentication.</summary>
    public const string Authz = "AUTHZ";

    /// <summary>Before statistics, after authorization.</summary>
    public const string Stats = "STATS";
}

/// <summary>What happens to requests when a module fails.</summary>
public static class PluginFailStrategy
{
    /// <summary>They fail with 500.</summary>
    public const string FailClose = "FAIL_CLOSE";

    /// <summary>They pass the module by.</summary>
    public const string FailOpen = "FAIL_OPEN";

    /// <summary>The module is loaded anew.</summary>
    public const string FailReload = "FAIL_RELOAD";
}

/// <summary>What kind of filter a module is.</summary>
public static class PluginType
{
    /// <summary>HTTP.</summary>
    public const string Unspecified = "UNSPECIFIED_PLUGIN_TYPE";

    /// <summary>A filter for HTTP requests.</summary>
    public const string Http = "HTTP";

    /// <summary>A filter for connections.</summary>
    public const string Network = "NETWORK";
}

/// <summary>Where the value of an environment variable comes from.</summary>
public static class EnvValueSource
{
    /// <summary>It stands in the resource.</summary>
    public const string Inline = "INLINE";

    /// <summary>From the environment of the proxy.</summary>
    public const string Host = "HOST";
}

/// <summary>The direction of traffic, seen from the workload.</summary>
public static class TrafficDirection
{
    /// <summary>Both, or by the kind of proxy.</summary>
    public const string Undefined = "UNDEFINED";

    /// <summary>From the workload; at a gateway always this.</summary>
    public const string Client = "CLIENT";

    /// <summary>To the workload.</summary>
    public const string Server = "SERVER";

    /// <summary>Both.</summary>
    public const string ClientAndServer = "CLIENT_AND_SERVER";
}
