using System.Globalization;
using System.Text.Json.Nodes;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Writes local rate limits as an <see cref="EnvoyFilter"/>, in the shape of
/// https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/#local-rate-limit, and recognises them in one.
/// </summary>
public static class LocalRateLimitExtensions
{
    private const string FilterName = Networking.LocalRateLimit.FilterName;
    private const string ConnectionManager = "envoy.filters.network.http_connection_manager";
    private const string TypedStruct = "type.googleapis.com/udpa.type.v1.TypedStruct";

    extension(EnvoyFilter)
    {
        /// <summary>Limits requests to the workloads with these labels, in each of their proxies.</summary>
        /// <param name="name">Name of the resource.</param>
        /// <param name="limit">The limit.</param>
        /// <param name="labels">Labels of the workloads; none means the whole namespace.</param>
        public static EnvoyFilter LocalRateLimit(
            string name, LocalRateLimit limit, params ReadOnlySpan<(string Key, string Value)> labels) =>
            Filter(name, PatchContext.SidecarInbound, limit, labels);

        /// <summary>Limits requests at the gateways with these labels, in each of their proxies.</summary>
        /// <param name="name">Name of the resource.</param>
        /// <param name="limit">The limit.</param>
        /// <param name="labels">Labels of the gateway's pods.</param>
        public static EnvoyFilter GatewayRateLimit(
            string name, LocalRateLimit limit, params ReadOnlySpan<(string Key, string Value)> labels) =>
            Filter(name, PatchContext.Gateway, limit, labels);
    }

    /// <summary>Adds a limit for one route of the workload, in place of the filter's own.</summary>
    /// <param name="filter">An EnvoyFilter with the filter itself.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="virtualHost">Name of the virtual host, for example <c>inbound|http|8080</c> or <c>ping.example:80</c>.</param>
    /// <param name="route">Name of the VirtualService's rule; absent means every route of the host.</param>
    public static EnvoyFilter ForRoute(this EnvoyFilter filter, LocalRateLimit limit, string virtualHost, string? route = null)
    {
        ArgumentNullException.ThrowIfNull(limit);
        var anyAction = new RouteMatch { Name = route, Action = RouteAction.Any };
        var value = new JsonObject { ["typed_per_filter_config"] = new JsonObject { [FilterName] = Wrapped(limit) } };
        return filter with
        {
            Spec = filter.Spec with
            {
                ConfigPatches = filter.Spec.ConfigPatches.Add(new()
                {
                    ApplyTo = PatchTarget.HttpRoute,
                    Match = new()
                    {
                        Context = filter.Spec.ConfigPatches is [{ Match.Context: { } context }, ..] ? context : PatchContext.SidecarInbound,
                        RouteConfiguration = new() { Vhost = new() { Name = virtualHost, Route = anyAction } },
                    },
                    Patch = new() { Operation = PatchOperation.Merge, Value = RawJson.FromNode(value) },
                }),
            },
        };
    }

    /// <summary>The local rate limits in an EnvoyFilter, in the order of its patches; what is no local rate limit is left out.</summary>
    public static IEnumerable<LocalRateLimitPatch> LocalRateLimits(this EnvoyFilter filter)
    {
        for (var i = 0; i < filter.Spec.ConfigPatches.Count; i++)
        {
            var patch = filter.Spec.ConfigPatches[i];
            if (patch.Patch?.Value is { } value
                && LocalRateLimitReader.Read(patch.ApplyTo, patch.Patch.Operation, value.Element) is { } limit)
            {
                yield return new LocalRateLimitPatch(i, patch, limit);
            }
        }
    }

    /// <summary>The rules for descriptors that a patch gives to virtual hosts or routes; empty when it gives none.</summary>
    public static EquatableArray<RateLimitRule> RateLimitRules(this EnvoyConfigObjectPatch patch) =>
        patch.Patch is { Value: { } value, Operation: PatchOperation.Merge }
            ? LocalRateLimitReader.ReadRules(patch.ApplyTo, value.Element)
            : default;

    private static EnvoyFilter Filter(string name, string context, LocalRateLimit limit, ReadOnlySpan<(string Key, string Value)> labels)
    {
        ArgumentNullException.ThrowIfNull(limit);
        var connectionManager = new FilterChainMatch { Filter = new() { Name = ConnectionManager } };
        var value = new JsonObject { ["name"] = FilterName, ["typed_config"] = Wrapped(limit) };
        return new EnvoyFilter
        {
            Spec = new()
            {
                WorkloadSelector = labels.IsEmpty ? null : new() { Labels = ResourceExtensions.ToDictionary(labels) },
                ConfigPatches =
                [
                    new()
                    {
                        ApplyTo = PatchTarget.HttpFilter,
                        Match = new() { Context = context, Listener = new() { FilterChain = connectionManager } },
                        Patch = new() { Operation = PatchOperation.InsertBefore, Value = RawJson.FromNode(value) },
                    },
                ],
            },
        }.Named(name);
    }

    private static JsonObject Wrapped(LocalRateLimit limit) => new()
    {
        ["@type"] = TypedStruct,
        ["type_url"] = Networking.LocalRateLimit.TypeUrl,
        ["value"] = Configuration(limit),
    };

    private static JsonObject Configuration(LocalRateLimit limit)
    {
        var configuration = new JsonObject { ["stat_prefix"] = limit.StatPrefix };
        if (limit.Status != 429)
        {
            configuration["status"] = new JsonObject { ["code"] = limit.Status };
        }

        if (limit.TokenBucket is { } bucket)
        {
            configuration["token_bucket"] = Bucket(bucket);
            configuration["filter_enabled"] = Share("local_rate_limit_enabled", limit.EnabledPercent);
            configuration["filter_enforced"] = Share("local_rate_limit_enforced", limit.EnforcedPercent);
        }

        AddHeaders(configuration, "response_headers_to_add", limit.ResponseHeadersToAdd);
        AddHeaders(configuration, "request_headers_to_add_when_not_enforced", limit.RequestHeadersToAddWhenNotEnforced);
        AddDescriptors(configuration, limit);
        return configuration;
    }

    /// <summary>A bucket as Envoy reads it.</summary>
    internal static JsonObject Bucket(TokenBucket bucket) => new()
    {
        ["max_tokens"] = bucket.MaxTokens,
        ["tokens_per_fill"] = bucket.TokensPerFill,
        ["fill_interval"] = EnvoySeconds(bucket.FillInterval),
    };

    private static void AddHeaders(JsonObject configuration, string name, EquatableArray<RateLimitHeader> headers)
    {
        if (!headers.IsEmpty)
        {
            configuration[name] = new JsonArray([.. headers.Select(header => new JsonObject
            {
                ["append_action"] = header.Append ? "APPEND_IF_EXISTS_OR_ADD" : "OVERWRITE_IF_EXISTS_OR_ADD",
                ["header"] = new JsonObject { ["key"] = header.Name, ["value"] = header.Value },
            })]);
        }
    }

    private static void AddDescriptors(JsonObject configuration, LocalRateLimit limit)
    {
        var standard = new LocalRateLimit();
        void Add<T>(string name, T value, T unless, JsonNode node)
        {
            if (!EqualityComparer<T>.Default.Equals(value, unless))
            {
                configuration[name] = node;
            }
        }

        Add("descriptors", limit.Descriptors.Count, 0, RateLimitDescriptorJson.WriteDescriptors(limit.Descriptors));
        Add("rate_limits", limit.RateLimits.Count, 0, RateLimitDescriptorJson.WriteRules(limit.RateLimits));
        Add("max_dynamic_descriptors", limit.MaxDynamicDescriptors, standard.MaxDynamicDescriptors, limit.MaxDynamicDescriptors);
        Add("always_consume_default_token_bucket", limit.AlwaysConsumesDefaultTokenBucket, true, limit.AlwaysConsumesDefaultTokenBucket);
        Add("enable_x_ratelimit_headers", limit.HasRateLimitHeaders, false, "DRAFT_VERSION_03");
        Add("rate_limited_as_resource_exhausted", limit.IsResourceExhausted, false, limit.IsResourceExhausted);
        Add("vh_rate_limits", limit.VirtualHostRateLimits, standard.VirtualHostRateLimits, limit.VirtualHostRateLimits);
        Add("stage", limit.Stage, 0, limit.Stage);
    }

    /// <summary>Envoy reads protobuf's JSON, whose durations are seconds only: 0.1s, not 100ms.</summary>
    private static string EnvoySeconds(Duration duration) =>
        duration.Value is { } value
            ? ((decimal)value.Ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s"
            : duration.Text;

    /// <summary>Envoy's fractions have the denominators 100, 10,000 and 1,000,000.</summary>
    private static JsonObject Share(string runtimeKey, double percent)
    {
        var (factor, denominator) = double.IsInteger(percent) ? (1, "HUNDRED")
            : double.IsInteger(percent * 100) ? (100, "TEN_THOUSAND")
            : (10_000, "MILLION");
        return new JsonObject
        {
            ["runtime_key"] = runtimeKey,
            ["default_value"] = new JsonObject { ["numerator"] = (uint)Math.Round(percent * factor), ["denominator"] = denominator },
        };
    }
}
