using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Telemetry;

/// <summary>ASP.NET Core's log messages about each request: off, and at no cost, unless the configuration asks for them.</summary>
internal static class RequestLog
{
    private const string Framework = "Microsoft.AspNetCore";
    private const string Category = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Shows warnings and errors of the framework only; any rule of the configuration goes before this one.</summary>
    public static void QuietByDefault(LoggerFilterOptions options) =>
        options.Rules.Insert(0, new LoggerFilterRule(providerName: null, Framework, LogLevel.Warning, filter: null));

    /// <summary>
    /// Saves the activity and the log scope that ASP.NET Core makes for each request when its request log's category is on at any level
    /// (https://github.com/dotnet/aspnetcore/blob/main/src/Hosting/Hosting/src/Internal/HostingApplicationDiagnostics.cs), although the
    /// messages about requests are of level Information: turns the category off when those are not shown.
    /// </summary>
    public static void TurnOffUnlessShown(LoggerFilterOptions options)
    {
        // The rule that applies is the longest prefix, the last one of equals. A rule for a single provider goes before it anyway.
        var rule = options.Rules
            .Where(rule => rule.ProviderName is null && Category.StartsWith(rule.CategoryName ?? "", StringComparison.OrdinalIgnoreCase))
            .OrderBy(rule => rule.CategoryName?.Length ?? 0)
            .LastOrDefault();
        if ((rule?.LogLevel ?? options.MinLevel) > LogLevel.Information)
        {
            options.Rules.Add(new LoggerFilterRule(providerName: null, Category, LogLevel.None, filter: null));
        }
    }
}
