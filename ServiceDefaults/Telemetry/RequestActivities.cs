using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Saves the activity and the log scope that ASP.NET Core makes for each request for the sake of its own request log, when nobody exports
/// activities and that log is off.
/// </summary>
internal static class RequestActivities
{
    // ASP.NET Core starts an activity for a request when this category is on at any level:
    // https://github.com/dotnet/aspnetcore/blob/main/src/Hosting/Hosting/src/Internal/HostingApplicationDiagnostics.cs
    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Turns the category off, unless the configuration asks for its messages, which are of level Information.</summary>
    public static void DisableUnlessLogged(LoggerFilterOptions options)
    {
        // The rule for all providers that applies is the longest prefix, the last one of equals. Rules for one provider go before it anyway.
        var rule = options.Rules
            .Where(rule => rule.ProviderName is null && RequestLog.StartsWith(rule.CategoryName ?? "", StringComparison.OrdinalIgnoreCase))
            .OrderBy(rule => rule.CategoryName?.Length ?? 0)
            .LastOrDefault();
        if ((rule?.LogLevel ?? options.MinLevel) > LogLevel.Information)
        {
            options.Rules.Add(new LoggerFilterRule(providerName: null, RequestLog, LogLevel.None, filter: null));
        }
    }
}
