using System.Net;
using System.Security.Cryptography;
using Dashboard.Telemetry;

namespace Dashboard.Hosting;

/// <summary>How the dashboard is set up. The names of the settings are those of Aspire's dashboard.</summary>
internal sealed record DashboardOptions
{
    /// <summary>The pages.</summary>
    public const string DefaultFrontendUrl = "http://localhost:18888";

    /// <summary>The port exporters use by themselves: https://opentelemetry.io/docs/specs/otel/protocol/exporter/</summary>
    public const string DefaultOtlpGrpcUrl = "http://localhost:4317";

    /// <summary>The port exporters use by themselves.</summary>
    public const string DefaultOtlpHttpUrl = "http://localhost:4318";

    /// <summary>The header that carries the key of <see cref="OtlpApiKey"/>.</summary>
    public const string OtlpApiKeyHeader = "x-otlp-api-key";

    /// <summary>Where the pages are.</summary>
    public Uri FrontendUrl { get; init; } = new(DefaultFrontendUrl);

    /// <summary>Where telemetry comes in by gRPC.</summary>
    public Uri OtlpGrpcUrl { get; init; } = new(DefaultOtlpGrpcUrl);

    /// <summary>Where telemetry comes in by HTTP.</summary>
    public Uri OtlpHttpUrl { get; init; } = new(DefaultOtlpHttpUrl);

    /// <summary>What signs a browser in; chosen anew for every run unless it is given.</summary>
    public string BrowserToken { get; init; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>What exporters have to send; null when any program of this machine may send telemetry.</summary>
    public string? OtlpApiKey { get; init; }

    /// <summary>What the engine has to send; null when there is no engine and this is a viewer of telemetry.</summary>
    public string? EngineKey { get; init; }

    /// <summary>The name at the top of the pages.</summary>
    public string ApplicationName { get; init; } = "Dashboard";

    /// <summary>A folder of Kubernetes and Istio documents to show, when no engine tells of one.</summary>
    public string? MeshFolder { get; init; }

    /// <summary>What is kept at most.</summary>
    public TelemetryLimits Limits { get; init; } = new();

    /// <summary>The link that signs a browser in.</summary>
    public Uri LoginUrl(Uri address) => new(address, $"login?t={Uri.EscapeDataString(BrowserToken)}");

    /// <summary>Reads the settings.</summary>
    /// <exception cref="FormatException">A setting cannot be used; the message names it.</exception>
    public static DashboardOptions Read(IConfiguration configuration)
    {
        var defaults = new DashboardOptions();
        return defaults with
        {
            FrontendUrl = ReadUrl(configuration, "ASPNETCORE_URLS", DefaultFrontendUrl),
            OtlpGrpcUrl = ReadUrl(configuration, "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", DefaultOtlpGrpcUrl),
            OtlpHttpUrl = ReadUrl(configuration, "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", DefaultOtlpHttpUrl),
            BrowserToken = Text(configuration, "Dashboard:Frontend:BrowserToken") ?? defaults.BrowserToken,
            OtlpApiKey = Text(configuration, "Dashboard:Otlp:PrimaryApiKey"),
            EngineKey = Text(configuration, "Dashboard:Engine:Key"),
            ApplicationName = Text(configuration, "Dashboard:ApplicationName") ?? defaults.ApplicationName,
            MeshFolder = Text(configuration, "mesh"),
        };
    }

    private static string? Text(IConfiguration configuration, string key) =>
        configuration[key] is { Length: > 0 } value ? value : null;

    private static Uri ReadUrl(IConfiguration configuration, string key, string fallback)
    {
        var text = Text(configuration, key) ?? fallback;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
        {
            throw new FormatException($"{key}={text}: an address such as {fallback} is expected.");
        }

        // Whoever reaches the pages can stop processes and read what they log.
        return url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
            ? url
            : throw new FormatException($"{key}={text}: the dashboard serves this machine only; use localhost.");
    }
}
