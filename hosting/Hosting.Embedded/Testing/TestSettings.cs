using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// The settings of an application under test: no dashboard, free ports, logs of the resources in the log, and the environment
/// variables of the AppHost's launch profile as configuration.
/// </summary>
internal static class TestSettings
{
    // Where Aspire's dashboard is to listen. A test has none, or one at free ports, and its telemetry is not for another one.
    private const string DashboardPrefix = "ASPIRE_DASHBOARD_";

    public static void Apply(
        DistributedApplicationOptions options,
        HostApplicationBuilderSettings settings,
        string[] args,
        Assembly appHost,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        var name = appHost.GetName().Name;
        settings.Args = options.Args = [.. options.Args ?? [], .. args];
        settings.ApplicationName = name;
        options.AssemblyName = name;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        if (options.ProjectDirectory is { } directory && Directory.Exists(directory))
        {
            settings.ContentRootPath = directory;
        }

        configure(options, settings);
        var given = new ConfigurationManager();
        if (settings.Configuration is not null)
        {
            given.AddConfiguration(settings.Configuration);
        }

        given.AddCommandLine(settings.Args ?? []);
        var defaults = new Dictionary<string, string?> { ["DcpPublisher:RandomizePorts"] = "true" };
        AddLaunchProfile(defaults, options.ProjectDirectory, given["DOTNET_LAUNCH_PROFILE"]);
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection([.. defaults.Where(d => given[d.Key] is null)]);
    }

    public static void ThrowIfInvalid(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException($"The command line has an empty argument: [{string.Join(", ", args)}].", nameof(args));
        }
    }

    private static void AddLaunchProfile(Dictionary<string, string?> defaults, string? directory, string? profileName)
    {
        var path = directory is null ? null : Path.Combine(directory, "Properties", "launchSettings.json");
        if (path is null || !File.Exists(path))
        {
            return;
        }

        LaunchSettings? settings;
        try
        {
            settings = LaunchSettingsFile.Read(path);
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException(
                $"The launch settings of the AppHost cannot be read: {path}, {LaunchSettingsFile.Describe(exception)}", exception);
        }

        var profile = settings?.Profiles.FirstOrDefault(p => string.IsNullOrEmpty(profileName) || p.Key == profileName);
        if (profile?.Value is null)
        {
            if (!string.IsNullOrEmpty(profileName))
            {
                throw new DistributedApplicationException($"The launch settings of the AppHost have no profile '{profileName}': {path}.");
            }

            return;
        }

        defaults["DOTNET_LAUNCH_PROFILE"] = profile.Value.Key;
        foreach (var (key, value) in profile.Value.Value.EnvironmentVariables
            .Where(variable => !variable.Key.StartsWith(DashboardPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            defaults[key] = value;

            // A host reads these variables without their prefix.
            foreach (var prefix in (string[])["DOTNET_", "ASPNETCORE_"])
            {
                if (key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    defaults[key[prefix.Length..]] = value;
                }
            }
        }
    }
}
