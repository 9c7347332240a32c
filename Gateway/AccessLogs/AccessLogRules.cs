using System.Collections.Immutable;
using Gateway.AccessLogs.Filters;
using Gateway.Mesh;
using Gateway.Policies;
using Gateway.Requests;
using Istio.Documents;
using Istio.Telemetry;

namespace Gateway.AccessLogs;

/// <summary>Whether a proxy logs a request.</summary>
/// <param name="IsEnabled">Whether it logs at all.</param>
/// <param name="Filter">Which requests; null for all.</param>
internal sealed record AccessLogRule(bool IsEnabled, CelExpression? Filter)
{
    /// <summary>Whether a request is logged.</summary>
    public bool Logs(RequestSummary summary) => IsEnabled && (Filter is null || Filter.IsTrue(summary));
}

/// <summary>What Telemetry resources say of access logs.</summary>
/// <remarks>
/// Istio pilot/pkg/model/telemetry.go (applicableTelemetries, mergeLogs). Only Istio's built-in provider <c>envoy</c>, the standard output,
/// exists here.
/// </remarks>
internal sealed class AccessLogRules
{
    private const string Provider = "envoy";

    private readonly ImmutableArray<Level> _levels;

    private AccessLogRules(ImmutableArray<Level> levels) => _levels = levels;

    /// <summary>Compiles all Telemetry resources.</summary>
    public static AccessLogRules Compile(ResourceSet resources, List<Finding> findings)
    {
        var levels = ImmutableArray.CreateBuilder<Level>();
        foreach (var (document, telemetry) in PolicyScope.InOrder(resources.OfType<Telemetry>()))
        {
            var settings = ImmutableArray.CreateBuilder<Setting>();
            for (var i = 0; i < telemetry.Spec.AccessLogging.Count; i++)
            {
                settings.Add(Compile(telemetry.Spec.AccessLogging[i], document, $"spec.accessLogging[{i}]", findings));
            }

            levels.Add(new Level(document, telemetry.Spec, settings.ToImmutable()));
        }

        return new AccessLogRules(levels.ToImmutable());
    }

    /// <summary>The rule of a proxy.</summary>
    /// <param name="place">The proxy.</param>
    /// <param name="isLoggedByDefault">
    /// Whether it logs when no Telemetry names a provider: what the mesh configuration's accessLogFile says in a cluster.
    /// </param>
    public AccessLogRule For(ProxyPlace place, bool isLoggedByDefault)
    {
        var mode = place.Listener == ListenerKind.SidecarInbound ? WorkloadMode.Server : WorkloadMode.Client;
        var levels = Applicable(place).Where(level => !level.Settings.IsEmpty).ToArray();

        // The narrowest level that names providers decides which there are; the last setting of each decides what it does.
        var inScope = levels
            .Select(level => level.Settings.Where(setting => setting.IsFor(mode)).SelectMany(setting => setting.Providers).ToArray())
            .LastOrDefault(names => names.Length > 0, []);
        var filter = levels.SelectMany(level => level.Settings)
            .LastOrDefault(setting => setting.IsFor(mode) && setting.Names(Provider))?.Filter;
        AccessLogRule? rule = null;
        ImmutableArray<string> inherited = [];
        foreach (var setting in levels.SelectMany(level => level.Settings))
        {
            inherited = setting.Providers.IsEmpty ? inherited : setting.Providers;
            if (Contains(inherited, Provider) && Contains(inScope, Provider) && setting.IsFor(mode))
            {
                rule = setting.IsDisabled ? new AccessLogRule(false, null) : new AccessLogRule(true, filter);
            }
        }

        return rule ?? new AccessLogRule(isLoggedByDefault, null);
    }

    private static bool Contains(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The root namespace's settings, the namespace's, then those for the workload.</summary>
    private IEnumerable<Level> Applicable(ProxyPlace place)
    {
        var spaces = place.Namespace == PolicyScope.RootNamespace
            ? [place.Namespace]
            : (string[])[PolicyScope.RootNamespace, place.Namespace];
        foreach (var space in spaces)
        {
            if (_levels.FirstOrDefault(level => level.Document.Namespace == space && level.IsNamespaceWide) is { } wide)
            {
                yield return wide;
            }
        }

        foreach (var level in _levels.Where(
            level => level.Document.Namespace == place.Namespace && !level.IsNamespaceWide && level.Covers(place)))
        {
            yield return level;
        }
    }

    private static Setting Compile(AccessLogging logging, ResourceDocument document, string field, List<Finding> findings)
    {
        for (var i = 0; i < logging.Providers.Count; i++)
        {
            if (!Provider.Equals(logging.Providers[i].Name, StringComparison.OrdinalIgnoreCase))
            {
                findings.Add(document.At($"{field}.providers[{i}]", AccessLogCodes.Provider,
                    $"there is no provider \"{logging.Providers[i].Name}\" here; only envoy, the standard output, is"));
            }
        }

        CelExpression? filter = null;
        if (logging.Filter?.Expression is { } expression && !CelExpression.TryParse(expression, out filter, out var error))
        {
            findings.Add(document.At($"{field}.filter.expression", AccessLogCodes.Filter, $"{error}; nothing is logged"));
            filter = CelExpression.Never;
        }

        return new Setting(
            [.. logging.Providers.Select(provider => provider.Name ?? "")], logging.Match?.Mode, logging.Disabled == true, filter);
    }

    private sealed record Setting(ImmutableArray<string> Providers, string? Mode, bool IsDisabled, CelExpression? Filter)
    {
        public bool IsFor(string mode) => Mode is null or WorkloadMode.ClientAndServer || Mode == mode;

        public bool Names(string provider) => Contains(Providers, provider);
    }

    private sealed record Level(ResourceDocument Document, TelemetrySpec Spec, ImmutableArray<Setting> Settings)
    {
        private EquatableArray<PolicyTargetReference> Targets => PolicyScope.Targets(Spec.TargetRefs, Spec.TargetRef);

        public bool IsNamespaceWide => Spec.Selector is null or { MatchLabels.IsEmpty: true } && Targets.IsEmpty;

        public bool Covers(ProxyPlace place) => PolicyScope.Covers(Document, PolicyScope.Labels(Spec.Selector), Targets, place);
    }
}
