namespace Gateway.ReverseProxy;

/// <summary>
/// The gateway as a plain reverse proxy, told by YARP's own configuration, the section <c>ReverseProxy</c>: environment variables such as
/// <c>REVERSEPROXY__ROUTES__route0__MATCH__PATH</c>, or appsettings.json. YARP does all of it
/// (https://learn.microsoft.com/aspnet/core/fundamentals/servers/yarp/config-files); the destinations may be names that service discovery
/// resolves. It does what the container does that Aspire's AddYarp declares (dotnet/yarp, src/Application), and reads the same variables.
/// </summary>
internal static class YarpApplication
{
    private const string Section = "ReverseProxy";
    private const string StaticFiles = "YARP_ENABLE_STATIC_FILES";
    private const string WithoutFallback = "YARP_DISABLE_SPA_FALLBACK";
    private const string FallbackFile = "/index.html";

    /// <summary>Builds the application.</summary>
    /// <param name="urls">Where to listen; none for <c>ASPNETCORE_URLS</c>.</param>
    /// <returns>The application; null when this process has no such configuration.</returns>
    public static WebApplication? TryBuild(IReadOnlyCollection<string> urls)
    {
        var builder = WebApplication.CreateBuilder();
        var configuration = builder.Configuration.GetSection(Section);
        if (!configuration.Exists())
        {
            return null;
        }

        if (urls.Count > 0)
        {
            builder.WebHost.UseUrls([.. urls]);
        }

        builder.AddServiceDefaults();
        builder.Services.AddReverseProxy().LoadFromConfig(configuration).AddServiceDiscoveryDestinationResolver();

        // A line for each request says nothing; nor does the stack trace of a start that failed, which the command says in one sentence.
        builder.Logging.AddFilter("Yarp.ReverseProxy", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        return Map(builder.Build());
    }

    private static WebApplication Map(WebApplication app)
    {
        var servesFiles = IsTrue(app.Configuration, StaticFiles);
        if (servesFiles)
        {
            app.UseFileServer();
        }

        app.UseRouting();
        app.MapReverseProxy();
        if (servesFiles && !IsTrue(app.Configuration, WithoutFallback))
        {
            app.MapFallbackToFile(FallbackFile);
        }

        return app;
    }

    private static bool IsTrue(IConfiguration configuration, string key) => bool.TryParse(configuration[key], out var value) && value;
}
