using System.Text.Json.Serialization;

namespace Aspire.Hosting;

/// <summary>The content of a <c>launchSettings.json</c> file.</summary>
public sealed class LaunchSettings
{
    /// <summary>The profiles, by name.</summary>
    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
}

/// <summary>One profile of a <c>launchSettings.json</c> file.</summary>
public sealed class LaunchProfile
{
    /// <summary>What the profile launches; only <c>Project</c> matters here.</summary>
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    /// <summary>The command line arguments.</summary>
    [JsonPropertyName("commandLineArgs")]
    public string? CommandLineArgs { get; set; }

    /// <summary>The URLs to listen on, separated by semicolons.</summary>
    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    /// <summary>The environment variables.</summary>
    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];

    /// <summary>Whether <c>dotnet run</c> prints messages.</summary>
    [JsonPropertyName("dotnetRunMessages")]
    public bool? DotnetRunMessages { get; set; }

    /// <summary>Whether a browser is opened.</summary>
    [JsonPropertyName("launchBrowser")]
    public bool? LaunchBrowser { get; set; }

    /// <summary>The URL a browser is opened at, absolute or relative to the application's.</summary>
    [JsonPropertyName("launchUrl")]
    public string? LaunchUrl { get; set; }

    /// <summary>The program of an <c>Executable</c> profile.</summary>
    [JsonPropertyName("executablePath")]
    public string? ExecutablePath { get; set; }
}
