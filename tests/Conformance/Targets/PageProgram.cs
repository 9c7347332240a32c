using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Conformance.Targets;

/// <summary>A program of this repository, started as docs/conformance.md says.</summary>
internal sealed partial class PageProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private PageProgram(Process process) => _process = process;

    /// <summary>The commands that a section of the page starts programs with.</summary>
    /// <param name="section">The section's heading.</param>
    public static string[] Commands(string section, [CallerFilePath] string thisFile = "")
    {
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "docs", "conformance.md"));
        var text = page[(page.IndexOf($"\n## {section}\n", StringComparison.Ordinal) + 1)..];
        var end = text.IndexOf("\n## ", StringComparison.Ordinal);
        return [.. (end < 0 ? text : text[..end]).Split('\n').Where(line => line.StartsWith("dotnet run ", StringComparison.Ordinal))];
    }

    /// <summary>The program of a command and its arguments.</summary>
    public static (string Program, string[] Arguments) Read(string command)
    {
        var words = Word().Matches(command).Select(word => word.Value.Trim('"')).ToArray();
        return words is ["dotnet", "run", "--project", var project, "--", .. var arguments]
            ? (Path.GetFileName(project), arguments)
            : throw new InvalidDataException($"{command} does not start a program of this repository.");
    }

    /// <summary>Starts the program of a command.</summary>
    public static PageProgram Start(string command)
    {
        var (program, arguments) = Read(command);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        return new PageProgram(Process.Start(start)!);
    }

    /// <summary>Waits for a line of its output.</summary>
    public async Task<Match> LineAsync(Regex pattern, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Patience);
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            lines.Add(line);
            if (pattern.Match(line) is { Success: true } match)
            {
                return match;
            }
        }

        throw new InvalidDataException($"The program has ended without a line {pattern}:\n{string.Join('\n', lines)}");
    }

    /// <summary>Reads its output to the end.</summary>
    /// <returns>The output and the exit code.</returns>
    public async Task<(string Output, int ExitCode)> EndAsync(CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Patience);
        var output = await _process.StandardOutput.ReadToEndAsync(timeout.Token);
        await _process.WaitForExitAsync(timeout.Token);
        return (output, _process.ExitCode);
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();
}
