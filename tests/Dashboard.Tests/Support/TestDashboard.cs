using Dashboard.Hosting;
using Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Tests.Support;

/// <summary>A dashboard on free ports, in the test's process.</summary>
internal sealed class TestDashboard : IAsyncDisposable
{
    public const string OtlpApiKey = "otlp-key";
    public const string BrowserToken = "browser-token";
    public const string EngineKey = "engine-key";

    private readonly WebApplication _app;

    private TestDashboard(WebApplication app)
    {
        _app = app;
        (Frontend, OtlpGrpc, OtlpHttp) = Listeners.Addresses(app);
    }

    public Uri Frontend { get; }

    public Uri OtlpGrpc { get; }

    public Uri OtlpHttp { get; }

    public IServiceProvider Services => _app.Services;

    public TelemetryStore Store => Services.GetRequiredService<TelemetryStore>();

    public static DashboardOptions Options { get; } = new()
    {
        FrontendUrl = new("http://127.0.0.1:0"),
        OtlpGrpcUrl = new("http://127.0.0.1:0"),
        OtlpHttpUrl = new("http://127.0.0.1:0"),
        OtlpApiKey = OtlpApiKey,
        BrowserToken = BrowserToken,
        EngineKey = EngineKey,
        ApplicationName = "Test",
    };

    public static async Task<TestDashboard> StartAsync(DashboardOptions? options = null, Action<IServiceCollection>? configure = null)
    {
        var app = DashboardApplication.Build(options ?? Options, configure);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestDashboard(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
