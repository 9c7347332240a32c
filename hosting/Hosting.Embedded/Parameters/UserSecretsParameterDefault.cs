using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A default value that is generated once and then kept in the user secrets of the AppHost, where the configuration of the next run
/// finds it. Without a <c>UserSecretsId</c>, or when the file cannot be written, the value lasts for the run only.
/// </summary>
internal sealed class UserSecretsParameterDefault : ParameterDefault
{
    private static readonly Lock FileLock = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string? _userSecretsId;
    private readonly string _parameterName;
    private readonly ParameterDefault _inner;

    public UserSecretsParameterDefault(Assembly? appHost, string parameterName, ParameterDefault inner)
    {
        _userSecretsId = appHost?.GetCustomAttribute<UserSecretsIdAttribute>()?.UserSecretsId;
        _parameterName = parameterName;
        _inner = inner;
    }

    public override string GetDefaultValue()
    {
        var value = _inner.GetDefaultValue();
        if (_userSecretsId is not null)
        {
            try
            {
                Store(PathHelper.GetSecretsPathFromSecretsId(_userSecretsId), $"Parameters:{_parameterName}", value);
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
            {
                // Keeping the value is a convenience; the run does not depend on it.
            }
        }

        return value;
    }

    public override void WriteToManifest(ManifestPublishingContext context) => _inner.WriteToManifest(context);

    private static void Store(string path, string key, string value)
    {
        lock (FileLock)
        {
            var secrets = File.Exists(path)
                ? JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient) as JsonObject
                : null;
            secrets ??= [];
            secrets[key] = value;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // Moved into place, so that a reader never sees half a file; readable by its owner only.
            var temporary = $"{path}.{Environment.ProcessId}.tmp";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var writer = new StreamWriter(temporary, options))
            {
                writer.Write(secrets.ToJsonString(Indented));
            }

            File.Move(temporary, path, overwrite: true);
        }
    }
}
