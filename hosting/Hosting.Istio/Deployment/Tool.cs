using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Aspire.Hosting;

namespace Hosting.Istio.Deployment;

/// <summary>A program that is run to its end: <c>kubectl</c> or <c>dotnet</c>, as it is found on the PATH.</summary>
internal sealed class Tool
{
    /// <summary>The .NET SDK. It says by a variable where it is to the programs that it runs.</summary>
    public static readonly Tool Dotnet =
        new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "dotnet is not on the PATH; install the .NET SDK.");

    private readonly string _name;
    private readonly string _absent;

    /// <summary>Names the program.</summary>
    /// <param name="name">Its name on the PATH.</param>
    /// <param name="absent">What to say when it is not there.</param>
    public Tool(string name, string absent)
    {
        _name = name;
        _absent = absent;
    }

    /// <summary>Runs it.</summary>
    /// <param name="arguments">Its arguments, not quoted.</param>
    /// <param name="output">Receives its output as it comes; null to keep it for the result only.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DistributedApplicationException">It cannot be started.</exception>
    public async Task<ToolResult> RunAsync(IEnumerable<string> arguments, TextWriter? output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new DistributedApplicationException($"{_absent} ({exception.Message})", exception);
        }

        process.StandardInput.Close();
        try
        {
            var copied = CopyAsync(process.StandardOutput, output, cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken);
            var text = await copied;
            await process.WaitForExitAsync(cancellationToken);
            return new ToolResult(process.ExitCode, text, error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> CopyAsync(StreamReader reader, TextWriter? output, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            text.Append(line).Append('\n');
            if (output is not null)
            {
                await output.WriteLineAsync(line.AsMemory(), cancellationToken);
            }
        }

        return text.ToString();
    }
}

/// <summary>How a program ended and what it said.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error);
