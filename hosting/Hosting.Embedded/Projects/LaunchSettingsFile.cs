using System.Text.Json;

namespace Aspire.Hosting;

/// <summary>
/// Reads a <c>launchSettings.json</c> file: names in any case, comments and trailing commas allowed. By hand, since a serializer that is
/// set up for one small file takes longer than all other declarations of an application.
/// </summary>
internal static class LaunchSettingsFile
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads the file; null when it holds nothing but null.</summary>
    /// <exception cref="JsonException">It is not valid JSON, or a value is not of the expected type.</exception>
    public static LaunchSettings? Read(string path)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, Options);
        if (document.RootElement.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var settings = new LaunchSettings();
        foreach (var (name, profile) in Members(Member(document.RootElement, "profiles"), "profiles"))
        {
            settings.Profiles[name] = ReadProfile(profile, name);
        }

        return settings;
    }

    /// <summary>What is wrong, after the name of the file.</summary>
    public static string Describe(JsonException exception) =>
        exception.LineNumber is { } line ? $"line {line + 1}: it is not valid JSON." : exception.Message;

    private static LaunchProfile ReadProfile(JsonElement profile, string name)
    {
        var result = new LaunchProfile
        {
            CommandName = Text("commandName"),
            CommandLineArgs = Text("commandLineArgs"),
            ApplicationUrl = Text("applicationUrl"),
            LaunchUrl = Text("launchUrl"),
            ExecutablePath = Text("executablePath"),
            DotnetRunMessages = Flag("dotnetRunMessages"),
            LaunchBrowser = Flag("launchBrowser"),
        };
        foreach (var (variable, value) in Members(Member(profile, "environmentVariables"), $"profiles.{name}.environmentVariables"))
        {
            result.EnvironmentVariables[variable] = TextOf(value, $"profiles.{name}.environmentVariables.{variable}") ?? "";
        }

        return result;

        string? Text(string member) => Member(profile, member) is { } value ? TextOf(value, $"profiles.{name}.{member}") : null;

        bool? Flag(string member) => Member(profile, member) switch
        {
            null or { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            _ => throw Wrong($"profiles.{name}.{member}", "true or false"),
        };
    }

    private static JsonElement? Member(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(name, "a member of an object");
        }

        JsonElement? found = null;
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                found = member.Value;
            }
        }

        return found;
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement? element, string path) => element switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().Select(member => (member.Name, member.Value)),
        _ => throw Wrong(path, "an object"),
    };

    private static string? TextOf(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => throw Wrong(path, "text"),
    };

    private static JsonException Wrong(string path, string expected) => new($"'{path}' must be {expected}.");
}
