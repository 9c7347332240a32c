using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Starts real processes. See <see cref="UnixGuard"/> and <see cref="WindowsJob"/> for what keeps them from outliving this one.
/// </summary>
internal sealed class ProcessStarter : IProcessStarter
{
    // Set for this process by dotnet run or by whoever started it, and not meant for its children.
    private static readonly string[] OwnVariables =
        ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS", "DOTNET_LAUNCH_PROFILE", "LAUNCH_PROFILE"];

    /// <inheritdoc/>
    public IChildProcess Start(ProcessSpec spec, Action<OutputLine> output)
    {
        var program = ExecutableFile.Resolve(spec.FileName, spec.WorkingDirectory);
        var start = new ProcessStartInfo
        {
            WorkingDirectory = spec.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ApplyEnvironment(start.Environment, spec.Environment);
        if (OperatingSystem.IsWindows())
        {
            WindowsJob.Enter();
            start.CreateNewProcessGroup = true;
            start.FileName = program;
            foreach (var argument in spec.Arguments)
            {
                start.ArgumentList.Add(argument);
            }
        }
        else
        {
            UnixGuard.Wrap(start, program, spec.Arguments);
        }

        try
        {
            return new ChildProcess(Process.Start(start)!, program, output);
        }
        catch (Win32Exception exception)
        {
            throw new ProcessStartException($"'{program}' could not be started: {exception.Message}.", exception);
        }
    }

    private static void ApplyEnvironment(IDictionary<string, string?> environment, IReadOnlyDictionary<string, string?> changes)
    {
        foreach (var name in OwnVariables)
        {
            environment.Remove(name);
        }

        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                environment.Remove(name);
            }
            else
            {
                environment[name] = value;
            }
        }
    }
}
