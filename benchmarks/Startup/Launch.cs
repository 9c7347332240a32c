using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Startup;

/// <summary>
/// What the AppHost starts a program with, read from the running process, so that it can be started by hand just so. Linux: proc(5),
/// cmdline and environ.
/// </summary>
internal sealed partial record Launch(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    private const string MeshOption = "--mesh";

    /// <summary>The folder of mesh documents that it was given.</summary>
    public string? MeshFolder => Arguments.SkipWhile(argument => argument != MeshOption).Skip(1).FirstOrDefault();

    /// <summary>Reads the first of the processes that runs the program.</summary>
    public static Launch Of(string program, IEnumerable<int> processes)
    {
        foreach (var id in processes)
        {
            var command = Strings(id, "cmdline");
            if (command.Length > 0 && Path.GetFileNameWithoutExtension(command[0]) == program)
            {
                return new Launch(command[1..], Strings(id, "environ").Select(variable => variable.Split('=', 2))
                    .Where(pair => pair.Length == 2 && pair[1] != System.Environment.GetEnvironmentVariable(pair[0]))
                    .ToDictionary(pair => pair[0], pair => pair[1]));
            }
        }

        throw new InvalidOperationException($"The AppHost has no {program} among its children.");
    }

    /// <summary>The same arguments with another folder and other ports.</summary>
    public string[] ArgumentsFor(string folder) => [.. Arguments.Select((argument, i) =>
        i > 0 && Arguments[i - 1] == MeshOption
            ? folder
            : Port().Replace(argument, _ => Programs.FreePort().ToString(CultureInfo.InvariantCulture)))];

    /// <summary>The same environment, listening elsewhere.</summary>
    public Dictionary<string, string> EnvironmentFor(int port) =>
        new(Environment) { ["ASPNETCORE_URLS"] = $"http://localhost:{port}" };

    private static string[] Strings(int process, string file) =>
        File.ReadAllText($"/proc/{process}/{file}").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"(?<=://[^/]*:)\d+")]
    private static partial Regex Port();
}
